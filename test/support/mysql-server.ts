import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { giveToServers, ServerProcess } from "./server-process.ts";

/** MariaDB's program, or MySQL's. */
export interface MysqlProgram {
  readonly name: string;
  readonly command: string;
  /** Makes the system's tables. `places` says where, and comes first on the command line. */
  initialize(places: readonly string[]): Promise<void>;
  readonly options: readonly string[];
}

export interface MysqlServerOptions {
  /** Commits reach the disk before they are answered, as is the server's default. Default here: they do not, which is quicker. */
  readonly fsync?: boolean;
  /** More of the server's own options, as on its command line. */
  readonly options?: readonly string[];
}

export interface MysqlServer extends AsyncDisposable {
  /** What it says that it is. */
  readonly product: "MariaDB" | "MySQL";
  /** The URL of a user who may do everything, and of the database `rollcall`. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** Where root logs in without a password. */
  readonly socket: string;
  /** A fresh, empty database in this server; its URL. */
  createDatabase(): Promise<string>;
  /** Ends it, breaking off its connections, and removes its folder. */
  stop(): Promise<void>;
  /** Comes back on the same port with the same data, after `kill` too. */
  restart(): Promise<void>;
  /** Ends it as a crash does: starting again replays the log. */
  kill(): Promise<void>;
}

/** What the two have under other names, or one of them alone: a type of text that can be unique, and collations. */
export const mysqlTypes = {
  MariaDB: { name: "text", uuid: "uuid", exact: "utf8mb4_nopad_bin", nopad: "utf8mb4_general_nopad_ci" },
  MySQL: { name: "varchar(400)", uuid: "char(36)", exact: "utf8mb4_0900_bin", nopad: "utf8mb4_0900_ai_ci" },
} as const;

/** Starts one with a binary log, in a throwaway folder and on a free loopback port. */
export async function startMysqlServer(
  program: MysqlProgram,
  options: MysqlServerOptions = {},
): Promise<MysqlServer> {
  const folder = await makeFolder(program.name);
  await giveToServers(folder.path);
  const port = await freePort();
  const socket = join(folder.path, "s.sock");
  // A server that starts removes the temporary tables that it finds, another server's too.
  const temporary = join(folder.path, "tmp");
  await mkdir(temporary);
  await giveToServers(temporary);
  const places = ["--no-defaults", `--datadir=${join(folder.path, "data")}`, `--tmpdir=${temporary}`];
  await program.initialize(places);
  const root = { socketPath: socket, user: "root" };
  const server = new ServerProcess({
    name: program.name,
    command: program.command,
    args: [
      ...places,
      `--socket=${socket}`,
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      "--character-set-server=utf8mb4",
      `--log-bin=${join(folder.path, "binlog")}`,
      "--server-id=1",
      // A commit still reaches the operating system before it is answered, so that `kill` loses none.
      ...(options.fsync ? [] : ["--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0"]),
      ...program.options,
      ...(options.options ?? []),
    ],
    logFile: join(folder.path, "server.log"),
    stopSignal: "SIGTERM",
    answers: () => execute(root, "SELECT 1"),
  });
  await server.start();
  const version = await execute(
    root,
    "CREATE DATABASE rollcall",
    `CREATE USER 'owner'@'127.0.0.1' IDENTIFIED BY '${password}'`,
    "GRANT ALL ON *.* TO 'owner'@'127.0.0.1' WITH GRANT OPTION",
    "SELECT VERSION() AS answer",
  );
  const url = `mysql://owner:${password}@127.0.0.1:${port}/rollcall`;
  const stop = async () => {
    await server.end();
    await folder.remove();
  };
  const restart = async () => {
    await server.end();
    await server.start();
  };
  const createDatabase = async () => {
    const name = `test_${randomUUID().replaceAll("-", "")}`;
    await execute({ uri: url }, `CREATE DATABASE ${name}`);
    return url.replace(/\/rollcall$/, `/${name}`);
  };
  return {
    product: version.includes("MariaDB") ? "MariaDB" : "MySQL",
    url,
    port,
    folder: folder.path,
    socket,
    createDatabase,
    stop,
    restart,
    kill: () => server.end("SIGKILL"),
    [Symbol.asyncDispose]: stop,
  };
}

/** Whether a packet of a client says COMMIT; to MySQL clients send a query's attributes before it, which are none. */
export function isCommit(packet: Buffer): boolean {
  return ["\x03COMMIT", "\x03\0\x01COMMIT"].some((text) => packet.includes(text));
}

const password = "owner-secret";

/** The last statement's answer, as a text. */
async function execute(
  where: { uri: string } | { socketPath: string; user: string },
  ...statements: readonly string[]
): Promise<string> {
  const client = await createConnection({ ...where, connectTimeout: 30_000 });
  try {
    let answer: unknown;
    for (const statement of statements) [answer] = await client.query(statement);
    return Array.isArray(answer) ? String((answer as RowDataPacket[])[0]?.answer) : "";
  } finally {
    client.destroy();
  }
}
