import type { Result } from "../database.ts";
import type { Query } from "../dialect.ts";
import { SqlError } from "../errors.ts";

type Ask = (query: Query) => Promise<Result>;

/** MySQL's number is made with its data, MariaDB's of the machine and the port. With the database's name. */
export async function fingerprint(ask: Ask): Promise<string> {
  const variables = await settingsOf(ask, "VARIABLES", ["server_uuid", "server_uid", "hostname", "port"]);
  const own = variables.get("server_uuid") ?? variables.get("server_uid");
  const server = own ?? `${variables.get("hostname")}:${variables.get("port")}`;
  const { rows } = await ask({ text: "SELECT DATABASE()", values: [] });
  return `mysql:${server}:${rows[0]?.[0]}`;
}

/**
 * The place in the binary log that belongs to what a transaction sees (MariaDB; a server's current place may be ahead of that).
 * Undefined where not everything is in that log, or where that cannot be known.
 */
export async function marker(ask: Ask): Promise<string | undefined> {
  const variables = await settingsOf(ask, "VARIABLES", ["log_bin", "log_slave_updates", "gtid_slave_pos"]);
  const replicated = variables.get("log_slave_updates") === "ON" || variables.get("gtid_slave_pos") === "";
  if (variables.get("log_bin") !== "ON" || !replicated || !(await logsAll(ask))) return undefined;
  await ask({ text: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", values: [] });
  await ask({ text: "START TRANSACTION WITH CONSISTENT SNAPSHOT", values: [] });
  const status = await settingsOf(ask, "STATUS", ["binlog_snapshot_file", "binlog_snapshot_position"]);
  await ask({ text: "ROLLBACK", values: [] });
  const file = status.get("binlog_snapshot_file");
  return file && `${file}:${status.get("binlog_snapshot_position")}`;
}

/** Only who may watch the log learns whether it leaves databases out. */
async function logsAll(ask: Ask): Promise<boolean> {
  try {
    const { rows } = await ask({ text: "SHOW MASTER STATUS", values: [] });
    const [, , only, without] = rows[0] ?? [];
    return only === "" && without === "";
  } catch (error) {
    if (error instanceof SqlError && error.scope === "Statement") return false;
    throw error;
  }
}

async function settingsOf(
  ask: Ask,
  what: "VARIABLES" | "STATUS",
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const list = names.map((name) => `'${name}'`).join(", ");
  const { rows } = await ask({ text: `SHOW ${what} WHERE Variable_name IN (${list})`, values: [] });
  return new Map(rows.map(([name, value]) => [String(name).toLowerCase(), String(value)]));
}
