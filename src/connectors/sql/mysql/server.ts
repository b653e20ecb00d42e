import type { Result, Row } from "../database.ts";
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

/** Changes with everything that can be seen. Undefined where not everything is in the binary log, or where that cannot be known. */
export async function marker(ask: Ask): Promise<string | undefined> {
  const names = ["version", "log_bin", "gtid_mode", "log_slave_updates", "gtid_slave_pos"];
  const variables = await settingsOf(ask, "VARIABLES", names);
  if (variables.get("log_bin") !== "ON") return undefined;
  return variables.has("gtid_mode") ? executed(ask, variables) : snapshotPlace(ask, variables);
}

/**
 * MySQL's executed transactions, which are counted there after they can be seen (MySQL, "GTID Life Cycle"); its place in the log is
 * ahead of that.
 */
async function executed(ask: Ask, variables: ReadonlyMap<string, string>): Promise<string | undefined> {
  // Otherwise transactions may have no number, and not be counted.
  if (variables.get("gtid_mode") !== "ON") return undefined;
  const [major = 0, minor = 0] = variables.get("version")!.split(".").map(Number);
  const renamed = major > 8 || (major === 8 && minor >= 2);
  const [, , , , transactions] = (await logStatus(ask, renamed ? "BINARY LOG" : "MASTER")) ?? [];
  return transactions === undefined ? undefined : String(transactions).replaceAll("\n", "");
}

/** MariaDB's place in the log that belongs to what a transaction sees; its current place may be ahead of that. */
async function snapshotPlace(ask: Ask, variables: ReadonlyMap<string, string>): Promise<string | undefined> {
  const replicated = variables.get("log_slave_updates") === "ON" || variables.get("gtid_slave_pos") === "";
  if (!replicated || !(await logStatus(ask, "MASTER"))) return undefined;
  await ask({ text: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", values: [] });
  await ask({ text: "START TRANSACTION WITH CONSISTENT SNAPSHOT", values: [] });
  const status = await settingsOf(ask, "STATUS", ["binlog_snapshot_file", "binlog_snapshot_position"]);
  await ask({ text: "ROLLBACK", values: [] });
  const file = status.get("binlog_snapshot_file");
  return file && `${file}:${status.get("binlog_snapshot_position")}`;
}

/** Undefined where the log leaves databases out, or whether it does may not be seen. */
async function logStatus(ask: Ask, log: "BINARY LOG" | "MASTER"): Promise<Row | undefined> {
  try {
    const { rows } = await ask({ text: `SHOW ${log} STATUS`, values: [] });
    const [, , only, without] = rows[0] ?? [];
    return only === "" && without === "" ? rows[0] : undefined;
  } catch (error) {
    if (error instanceof SqlError && error.scope === "Statement") return undefined;
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
