import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { type Database, type Step, sql } from "./database.ts";
import { StateError } from "./errors.ts";
import { type Migration, migrations } from "./migrations.ts";
import { PostgresDatabase } from "./postgres.ts";
import { type Origin, SqlState } from "./sql-state.ts";
import { createFile, inMemory, SqliteDatabase } from "./sqlite.ts";
import type { State } from "./state.ts";
import { Writer } from "./writer.ts";

export interface OpenOptions {
  readonly realm: string;
  /** One process at a time may open a state for writing; any number may read meanwhile. */
  readonly mode: "read" | "write";
  /** Makes the state where there is none. */
  readonly initialise?: boolean;
  /**
   * Cuts off another process that has the state open for writing: for who knows that it should not, as the holder of a lease does.
   * In Postgres alone: a process that has a file open cannot be cut off.
   */
  readonly takeOver?: boolean;
  /** The schema's steps; others than the program's own for tests of migrations alone. */
  readonly migrations?: readonly Migration[];
}

/** Opens the state at a file path or a `postgres://` URL. `:memory:` is one that ends with its object. */
export async function openState(place: string, options: OpenOptions): Promise<State> {
  const database = connect(place, options);
  try {
    return await enter(database, options);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The id of the state at this place, whoever has it open and whatever its schema; undefined where there is none. */
export async function stateIdAt(place: string, realm: string): Promise<string | undefined> {
  if (!isDatabaseUrl(place) && !existsSync(place)) return undefined;
  const database = connect(place, { realm, mode: "read" });
  try {
    return (await database.exists()) ? (await readOrigin(database, realm)).id : undefined;
  } finally {
    await database.close();
  }
}

function connect(place: string, { realm, mode, initialise = false }: OpenOptions): Database {
  if (isDatabaseUrl(place)) return new PostgresDatabase(place, realm);
  const mayMake = initialise && mode === "write";
  if (place !== inMemory && !existsSync(place) && !mayMake) throw noState(place);
  return new SqliteDatabase(createFile(place), mode);
}

/** Whether a state at this place is in a database, which several processes may take turns with; a file is one machine's. */
export function isDatabaseUrl(place: string): boolean {
  return /^postgres(ql)?:/.test(place);
}

async function enter(database: Database, options: OpenOptions): Promise<State> {
  const known = options.migrations ?? migrations;
  const exists = await database.exists();
  if (!exists && !(options.initialise && options.mode === "write")) throw noState(database.place);
  if (options.mode === "write" && !(await database.lock(options.takeOver ?? false)))
    throw await locked(database, exists);
  const version = await schemaVersion(database, known);
  if (version === 0) return create(database, options.realm, known);
  const kept = await readOrigin(database, options.realm);
  const pending = known.filter(({ number }) => number > version);
  if (options.mode === "read") {
    if (pending.length > 0) throw older(database.place);
    return new SqlState(database, kept, undefined);
  }
  const writer = new Writer(database, kept.revision);
  const epoch = kept.epoch + 1;
  const entry = sql("UPDATE state SET writer = ?, epoch = ?", thisProcess(), epoch);
  await writer.write([...pending.flatMap(stepsOf), entry]);
  return new SqlState(database, { ...kept, epoch }, writer);
}

async function create(database: Database, realm: string, known: readonly Migration[]): Promise<State> {
  const origin = { id: randomUUID(), realm, digestKey: randomBytes(32).toString("hex"), epoch: 1 };
  const insert =
    "INSERT INTO state (id, realm, digest_key, revision, writer, epoch) VALUES (?, ?, ?, ?, ?, ?)";
  const row = sql(insert, origin.id, realm, origin.digestKey, "new", thisProcess(), origin.epoch);
  await database.write([...known.flatMap(stepsOf), row]);
  return new SqlState(database, origin, new Writer(database, "new"));
}

/** The number of the newest migration; 0 where there is no state yet. Looked up under the lock, so that two processes make one. */
async function schemaVersion(database: Database, known: readonly Migration[]): Promise<number> {
  if (!(await database.exists())) return 0;
  const [row] = await database.read("SELECT max(number) AS version FROM migrations");
  const version = row?.version as number;
  const newest = Math.max(...known.map(({ number }) => number));
  if (version <= newest) return version;
  const cause = `it has schema ${version}, this program knows schemas up to ${newest}`;
  throw new StateError("Newer", `cannot use state ${database.place}: ${cause}; run the newer Rollcall`);
}

async function readOrigin(database: Database, realm: string): Promise<Origin & { revision: string }> {
  const [row] = await database.read("SELECT * FROM state");
  if (row?.realm !== realm) {
    const cause = `it belongs to realm ${row?.realm}, not to ${realm}`;
    throw new StateError("Foreign", `cannot use state ${database.place}: ${cause}; name this realm's state`);
  }
  return {
    id: row.id as string,
    realm,
    digestKey: row.digest_key as string,
    revision: row.revision as string,
    epoch: (row.epoch ?? 0) as number, // The first schema had none.
  };
}

function stepsOf(migration: Migration): Step[] {
  const record = "INSERT INTO migrations (number, name, at) VALUES (?, ?, ?)";
  return [
    ...migration.sql.map((text): Step => ({ kind: "schema", sql: text })),
    sql(record, migration.number, migration.name, Date.now()),
  ];
}

function thisProcess(): string {
  return `process ${process.pid} on ${hostname()}`;
}

function noState(place: string): StateError {
  const cure =
    "add --init to make it if this is the first run; if it was lost, restore it or see docs/state.md";
  return new StateError("NoState", `cannot find a state at ${place}: ${cure}`);
}

function older(place: string): StateError {
  const cure = "run a command that writes, such as apply, once: it brings the state up to date";
  return new StateError("Older", `cannot read state ${place}: an older Rollcall has made it; ${cure}`);
}

async function locked(database: Database, exists: boolean): Promise<StateError> {
  const [row] = exists ? await database.read("SELECT writer FROM state") : [];
  const holder = row?.writer ?? "another process";
  const cause = `${holder} is writing to it; wait until it ends, or stop it`;
  return new StateError("Locked", `cannot write to state ${database.place}: ${cause}`);
}
