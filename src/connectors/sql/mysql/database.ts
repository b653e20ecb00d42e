import type { ConnectionOptions } from "mysql2";
import type { Call } from "../../contract.ts";
import type { Relation } from "../database.ts";
import type { Dialect } from "../dialect.ts";
import { LineDatabase } from "../line-database.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import { MysqlLine } from "./line.ts";
import { fingerprint, marker } from "./server.ts";

/** How the driver shows values: numbers that JavaScript has not, instants and documents as the texts they are. */
const shown: ConnectionOptions = {
  charset: "utf8mb4_bin",
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  jsonStrings: true,
  // Texts go as they are: the driver would look each through for placeholders.
  queryFormat: (text: string) => text,
  connectTimeout: 10_000,
  // A server must not be able to ask for files.
  flags: ["-LOCAL_FILES"],
  connectAttributes: { program_name: "rollcall" },
};

/**
 * Statements that mean the same, and results that are whole, on every server, whatever its settings. What MySQL 9.7 pushes down into a
 * derived table it reads once more, and then takes a backslash for an escape in spite of the mode; to MariaDB that is a comment.
 */
const settings = [
  `SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,PIPES_AS_CONCAT,ERROR_FOR_DIVISION_BY_ZERO',
    time_zone = '+00:00', autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1, sql_safe_updates = 0,
    sql_select_limit = 18446744073709551615, sql_big_selects = 1, group_concat_max_len = 4294967295, net_write_timeout = 600
    /*!80022 , optimizer_switch = 'derived_condition_pushdown=off' */`,
  "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
];

/** MariaDB or MySQL over a small pool. Each connection is opened with the configuration of that moment: a password may change. */
export class MysqlDatabase extends LineDatabase<MysqlLine> {
  readonly dialect: Dialect;
  /** Released at once: that fails where a statement committed, before others are carried out that nothing would undo. */
  protected override readonly savepoints = {
    set: "SAVEPOINT rollcall",
    undo: "ROLLBACK TO SAVEPOINT rollcall",
    release: "RELEASE SAVEPOINT rollcall",
  };
  /** Side by side: who reads what another one changes waits. */
  protected override readonly turn = <T>(work: () => Promise<T>): Promise<T> => work();

  constructor(dialect: Dialect, configure: () => Promise<ConnectionOptions>) {
    super(async (signal) => open(await configure(), signal));
    this.dialect = dialect;
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return describeTable((query) => this.query(query, call), name);
  }

  async describeQuery(text: string, call: Call): Promise<Relation> {
    const empty = `SELECT * FROM (${text}) t LIMIT 0`;
    const fields = await this.with(call, (line) => line.fields(empty, call.signal));
    return describeQuery((query) => this.query(query, call), fields, text);
  }

  async server(call: Call): Promise<string> {
    const version = await this.ask("SELECT VERSION()", call);
    return `${version.includes("MariaDB") ? "MariaDB" : "MySQL"} ${version.split("-")[0]}`;
  }

  fingerprint(call: Call): Promise<string> {
    return fingerprint((query) => this.query(query, call));
  }

  override marker(call: Call): Promise<string | undefined> {
    return this.with(call, (line) => marker((query) => line.run(query, call.signal)));
  }
}

async function open(options: ConnectionOptions, signal: AbortSignal): Promise<MysqlLine> {
  const line = await MysqlLine.open({ ...shown, ...options }, signal);
  try {
    for (const text of settings) await line.run({ text, values: [] }, signal);
    return line;
  } catch (error) {
    line.destroy();
    throw error;
  }
}
