import type { AccountRecord, EntitlementRecord, EntitlementRef } from "../../core/model/account.ts";
import type { StoreSchema } from "../../core/model/values.ts";
import type {
  Call,
  Capabilities,
  CheckReport,
  Connector,
  FindQuestion,
  Membership,
  Outcome,
  Sighting,
  StoreChange,
  TargetOptions,
} from "../contract.ts";
import { StoreError } from "../errors.ts";
import { capabilities, statementProblems } from "./capabilities.ts";
import type { Database } from "./database.ts";
import { storeSchema } from "./describe.ts";
import { explain, explaining } from "./errors.ts";
import { type Parts, readParts } from "./parts.ts";
import type { EntitlementsBlock, SqlTarget } from "./schema.ts";
import { findColumn } from "./shape.ts";
import { placeOfScan } from "./statements/place.ts";
import type { UserCatalog } from "./users/catalog.ts";
import { applyBatch } from "./write.ts";

/** One target's accounts in a database. */
export class SqlConnector implements Connector {
  readonly capabilities: Capabilities;
  readonly place: string;
  readonly entitlementPlace?: string;
  readonly formerPlace?: string;
  readonly #database: Database;
  readonly #catalog: UserCatalog | undefined;
  readonly #options: TargetOptions<SqlTarget>;
  #parts: Promise<Parts> | undefined;

  constructor(database: Database, catalog: UserCatalog | undefined, options: TargetOptions<SqlTarget>) {
    this.#database = database;
    this.#catalog = catalog;
    this.#options = options;
    this.capabilities = capabilities(options.block, catalog);
    const { table, statements, entitlements } = options.block;
    if (entitlements) this.entitlementPlace = placeOfEntitlements(entitlements);
    if (statements) this.formerPlace = `statement ${statements.scan}`;
    this.place = table
      ? `table ${table.name}, by ${table.id ?? table.key}`
      : statements
        ? `statement ${placeOfScan(statements.scan)}`
        : "users";
  }

  async check(call: Call): Promise<CheckReport> {
    const server = await this.#doing("reach the database", () => this.#database.server(call));
    try {
      const { shape } = await this.#read(call);
      const unknown = this.#options.attributes.filter(
        (name) => findColumn(shape.relation, shape.dialect, name) === undefined,
      );
      const missing = unknown.map((name) => `add column ${name}, which is mapped, or correct its name`);
      return { server, problems: [...shape.problems, ...missing, ...statementProblems(this.#options.block)] };
    } catch (error) {
      if (!(error instanceof StoreError) || !["Invalid", "Denied"].includes(error.kind)) throw error;
      return { server, problems: [error.message] };
    }
  }

  async schema(call: Call): Promise<StoreSchema> {
    const { shape, entitlementColumn } = await this.#read(call);
    return storeSchema(shape, entitlementColumn);
  }

  marker(call: Call): Promise<string | undefined> {
    return this.#doing("ask whether the database changed", () => this.#database.marker(call));
  }

  async *scan(what: "accounts" | "entitlements", call: Call): AsyncIterable<readonly Sighting[]> {
    const { accounts, entitlements } = await this.#known(call);
    if (what === "accounts") yield* explaining(accounts.scan(this.#database, call), "scan the accounts");
    else if (entitlements) yield* explaining(entitlements.scan(call), "scan the entitlements");
  }

  async fetch(anchors: readonly string[], call: Call): Promise<readonly AccountRecord[]> {
    const { accounts } = await this.#known(call);
    return this.#doing("fetch accounts", () => accounts.fetch(this.#database, anchors, call));
  }

  async find(questions: readonly FindQuestion[], call: Call): Promise<readonly (readonly AccountRecord[])[]> {
    const { accounts } = await this.#known(call);
    return this.#doing("find accounts", () => accounts.find(this.#database, questions, call));
  }

  async entitlements(
    refs: readonly EntitlementRef[],
    call: Call,
  ): Promise<readonly (EntitlementRecord | undefined)[]> {
    const { entitlements } = await this.#known(call);
    if (!entitlements) return refs.map(() => undefined);
    return this.#doing("find entitlements", () => entitlements.find(refs, call));
  }

  async *memberships(keys: readonly string[], call: Call): AsyncIterable<readonly Membership[]> {
    const { entitlements } = await this.#known(call);
    if (entitlements) yield* explaining(entitlements.memberships(keys, call), "read who holds entitlements");
  }

  memberKey({ anchor }: { readonly anchor: string }): string {
    return anchor;
  }

  async *apply(changes: readonly StoreChange[], call: Call): AsyncIterable<Outcome> {
    const { writers } = await this.#known(call);
    const { batch } = this.#database.dialect;
    for (let at = 0; at < changes.length; at += batch)
      // Not yield*, which waits for each one twice.
      for (const outcome of await applyBatch(writers, changes.slice(at, at + batch), call)) yield outcome;
  }

  async #known(call: Call): Promise<Parts> {
    if (call.signal.aborted) throw new StoreError("Retryable", "cannot go on: the call was aborted");
    return this.#parts ?? this.#read(call);
  }

  /** Reads what the tables are like, and keeps it for the calls that follow. */
  #read(call: Call): Promise<Parts> {
    const parts = this.#doing("read the tables' columns", () =>
      readParts(this.#database, this.#catalog, this.#options, call),
    );
    this.#parts = parts;
    parts.catch(() => {
      if (this.#parts === parts) this.#parts = undefined;
    });
    return parts;
  }

  async #doing<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explain(error, doing);
    }
  }
}

/** The table that names them, or whatever holds them where they have no other names. */
function placeOfEntitlements({ join, array, column }: EntitlementsBlock): string {
  const list = join?.list;
  if (list) return `table ${list.table}, by ${list.id}`;
  return join ? `table ${join.table}` : `column ${(array ?? column)!.name}`;
}
