/** One numbered step of the schema. Never edited once released: what changes the schema is a new one at the end. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: readonly string[];
}

/** The SQL that SQLite and Postgres share; `sequence` stands for a number that counts up by itself. */
export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: "first schema",
    sql: [
      `CREATE TABLE migrations (number bigint PRIMARY KEY, name text NOT NULL, at bigint NOT NULL)`,
      // One row. `revision` is another one after each transaction: a writer that was overtaken finds a revision that is not its own.
      `CREATE TABLE state (id text NOT NULL, realm text NOT NULL, digest_key text NOT NULL,
        revision text NOT NULL, writer text NOT NULL)`,
      `CREATE TABLE stores (name text PRIMARY KEY, fingerprint text NOT NULL)`,
      `CREATE TABLE links (target text NOT NULL, identity text NOT NULL, anchor text NOT NULL, reasons text NOT NULL,
        body text NOT NULL, PRIMARY KEY (target, identity), UNIQUE (target, anchor))`,
      `CREATE TABLE holdings (target text NOT NULL, identity text NOT NULL, entitlement text NOT NULL, name text NOT NULL,
        origin text NOT NULL, reasons text NOT NULL, PRIMARY KEY (target, identity, entitlement))`,
      `CREATE INDEX holdings_by_entitlement ON holdings (target, entitlement, identity)`,
      `CREATE TABLE entitlements (target text NOT NULL, anchor text NOT NULL, name text NOT NULL, version text NOT NULL,
        PRIMARY KEY (target, anchor))`,
      `CREATE TABLE batches (id text PRIMARY KEY, target text NOT NULL, at bigint NOT NULL, removals bigint NOT NULL,
        updates bigint NOT NULL, creates bigint NOT NULL, emergency bigint NOT NULL, intents text)`,
      `CREATE INDEX batches_by_time ON batches (target, at)`,
      `CREATE INDEX batches_open ON batches (target) WHERE intents IS NOT NULL`,
      `CREATE TABLE journal (seq sequence, at bigint NOT NULL, target text NOT NULL, identity text NOT NULL,
        reasons text NOT NULL, body text NOT NULL)`,
      `CREATE INDEX journal_by_identity ON journal (identity, seq)`,
      `CREATE TABLE holds (target text NOT NULL, hash text NOT NULL, at bigint NOT NULL, expires bigint NOT NULL,
        approved_by text, approved_at bigint, body text NOT NULL, PRIMARY KEY (target, hash))`,
      `CREATE TABLE plans (hash text PRIMARY KEY, at bigint NOT NULL, items text NOT NULL)`,
      `CREATE TABLE manifests (kind text NOT NULL, name text NOT NULL, body text NOT NULL, PRIMARY KEY (kind, name))`,
      `CREATE TABLE notes (target text NOT NULL, name text NOT NULL, text text NOT NULL, PRIMARY KEY (target, name))`,
    ],
  },
  {
    number: 2,
    name: "epoch",
    sql: ["ALTER TABLE state ADD COLUMN epoch bigint NOT NULL DEFAULT 0"],
  },
  {
    number: 3,
    name: "former accounts",
    sql: [
      `CREATE TABLE former_accounts (target text NOT NULL, identity text NOT NULL, anchor text NOT NULL,
        strong_keys text NOT NULL, PRIMARY KEY (target, identity))`,
    ],
  },
  {
    number: 4,
    name: "tasks",
    sql: [
      `CREATE TABLE tasks (name text PRIMARY KEY, target text NOT NULL, opened bigint NOT NULL, closed bigint, body text NOT NULL)`,
      `CREATE INDEX tasks_live ON tasks (target) WHERE closed IS NULL`,
    ],
  },
];
