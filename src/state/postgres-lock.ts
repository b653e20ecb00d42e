import pg from "pg";
import { sha256 } from "../core/model/hash.ts";
import { StateError } from "./errors.ts";

/** Milliseconds that whoever holds the lock is given to let go of it. */
const courtesy = 2_000;
/** Milliseconds that a session that was ended is given to be gone: on a busy machine it takes seconds to notice. */
const ending = 15_000;

/**
 * The schema that a realm's tables stand in: several realms can share a database. Postgres cuts off names at 63 bytes, so a long
 * realm is told apart by a digest. `_` cannot be in a realm, so that no realm gets another one's schema.
 */
export function schemaOf(realm: string): string {
  if (realm === "default") return "rollcall";
  const name = `rollcall_${realm}`;
  return name.length <= 63 ? name : `${name.slice(0, 46)}_${sha256(realm).slice(0, 16)}`;
}

/**
 * Makes the session the schema's one writing session, for as long as it lasts; false where another one is. With `takeOver` the other
 * one is ended when it does not let go: what it had not committed is gone with it.
 */
export async function takeLock(client: pg.Client, schema: string, takeOver: boolean): Promise<boolean> {
  const key = lockKey(schema);
  const { rows } = await client.query("SELECT pg_try_advisory_lock($1, $2) AS got", key);
  if (rows[0].got || !takeOver) return rows[0].got;
  if (await awaitLock(client, key, courtesy)) return true;
  await endHolder(client, key);
  return awaitLock(client, key, ending);
}

/** Such locks are per database: "roll" as a number, and 31 bits for the schema. */
function lockKey(schema: string): number[] {
  return [0x726f6c6c, Number.parseInt(sha256(schema).slice(0, 8), 16) >>> 1];
}

async function awaitLock(client: pg.Client, key: number[], milliseconds: number): Promise<boolean> {
  await client.query(`SET lock_timeout = ${milliseconds}`);
  try {
    await client.query("SELECT pg_advisory_lock($1, $2)", key);
    return true;
  } catch (error) {
    if (codeOf(error) === "55P03") return false; // lock_not_available
    throw error;
  } finally {
    await client.query("RESET lock_timeout");
  }
}

async function endHolder(client: pg.Client, key: number[]): Promise<void> {
  const lock = "locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2";
  const here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())";
  try {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${lock} AND ${here} AND granted`,
      key,
    );
  } catch (error) {
    if (codeOf(error) !== "42501") throw error; // insufficient_privilege
    const cause = "another database role holds its lock, and this one may not end that session";
    const cure = "let all replicas use the same role, or grant this one pg_signal_backend";
    throw new StateError("Denied", `cannot take over the state: ${cause}; ${cure}`, error);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
