import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { giveToServers, runUnprivileged, ServerProcess } from "./server-process.ts";

export interface MariadbOptions {
  /** Commits reach the disk before they are answered, as is the server's default. Default here: they do not, which is quicker. */
  readonly fsync?: boolean;
  /** More of the server's own options, as on its command line. */
  readonly options?: readonly string[];
}

export interface Mariadb extends AsyncDisposable {
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

/** Starts a MariaDB with a binary log, in a throwaway folder and on a free loopback port. */
export async function startMariadb(options: MariadbOptions = {}): Promise<Mariadb> {
  const folder = await makeFolder("mariadb");
  await giveToServers(folder.path);
  const port = await freePort();
  const data = join(folder.path, "data");
  const socket = join(folder.path, "s.sock");
  // Each that starts removes what others left in a folder for temporary tables that they share.
  const temporary = join(folder.path, "tmp");
  await mkdir(temporary);
  await giveToServers(temporary);
  const places = ["--no-defaults", `--datadir=${data}`, `--tmpdir=${temporary}`];
  await runUnprivileged("mariadb-install-db", [
    ...places,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ]);
  const server = new ServerProcess({
    name: "mariadb",
    command: "/usr/sbin/mariadbd",
    args: [
      ...places,
      `--socket=${socket}`,
      // A server that starts removes the temporary tables that it finds, another server's too.
      `--tmpdir=${folder.path}`,
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      "--character-set-server=utf8mb4",
      `--log-bin=${join(folder.path, "binlog")}`,
      "--binlog-format=ROW",
      "--server-id=1",
      // A commit still reaches the operating system before it is answered, so that `kill` loses none.
      ...(options.fsync ? [] : ["--innodb-flush-log-at-trx-commit=2"]),
      ...(options.options ?? []),
    ],
    logFile: join(folder.path, "mariadb.log"),
    stopSignal: "SIGTERM",
    answers: () => execute({ socketPath: socket, user: "root" }, "SELECT 1"),
  });
  await server.start();
  await execute(
    { socketPath: socket, user: "root" },
    "CREATE DATABASE rollcall",
    `CREATE USER 'owner'@'127.0.0.1' IDENTIFIED BY '${password}'`,
    "GRANT ALL ON *.* TO 'owner'@'127.0.0.1' WITH GRANT OPTION",
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
  const kill = () => server.end("SIGKILL");
  return {
    url,
    port,
    folder: folder.path,
    socket,
    createDatabase,
    stop,
    restart,
    kill,
    [Symbol.asyncDispose]: stop,
  };
}

const password = "mariadb-secret";

async function execute(
  where: { uri: string } | { socketPath: string; user: string },
  ...statements: readonly string[]
): Promise<void> {
  const client = await createConnection(where);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    client.destroy();
  }
}
