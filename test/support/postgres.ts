import { randomUUID } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { giveToServers, runUnprivileged, ServerProcess } from "./server-process.ts";

export interface PostgresOptions {
  /** Commits reach the disk before they are answered, as in production. Default: they do not, which is quicker. */
  readonly fsync?: boolean;
  /** More of the server's own settings, as `name=value`. */
  readonly settings?: readonly string[];
}

export interface Postgres extends AsyncDisposable {
  /** The superuser's URL of the database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** A fresh, empty database in this server; its URL. */
  createDatabase(): Promise<string>;
  /** Ends it, breaking off its connections, and removes its folder. */
  stop(): Promise<void>;
  /** Comes back on the same port with the same data, after `kill` too. */
  restart(): Promise<void>;
  /** Ends it as a crash does: nothing is flushed, starting again replays the log. */
  kill(): Promise<void>;
}

/** Starts a PostgreSQL in a throwaway folder, on a free loopback port. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const folder = await makeFolder("postgres");
  await giveToServers(folder.path);
  const port = await freePort();
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const programs = await programFolder();
  const data = join(folder.path, "data");
  await initialise(join(programs, "initdb"), folder.path, data);
  const server = new ServerProcess({
    name: "postgres",
    command: join(programs, "postgres"),
    args: ["-D", data, ...settings(port, folder.path, options).flatMap((setting) => ["-c", setting])],
    logFile: join(folder.path, "postgres.log"),
    stopSignal: "SIGINT",
    answers: () => execute(url, "select 1"),
  });
  await server.start();
  const stop = async () => {
    await server.end();
    await folder.remove();
  };
  const restart = async () => {
    await server.end();
    await server.start();
  };
  // After SIGKILL its children would live on for a while and keep a restart from starting; SIGQUIT is a crash without that.
  const kill = () => server.end("SIGQUIT");
  const createDatabase = () => addDatabase(url);
  return { url, port, folder: folder.path, createDatabase, stop, restart, kill, [Symbol.asyncDispose]: stop };
}

const password = "postgres-secret";

async function programFolder(): Promise<string> {
  const root = "/usr/lib/postgresql";
  const versions = (await readdir(root)).map(Number).filter(Number.isInteger);
  if (versions.length === 0) throw new Error(`cannot find PostgreSQL under ${root}: run "npm run setup"`);
  return join(root, String(Math.max(...versions)), "bin");
}

async function initialise(initdb: string, folder: string, data: string): Promise<void> {
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password);
  const access = ["-U", "postgres", `--pwfile=${passwordFile}`, "-A", "scram-sha-256"];
  await runUnprivileged(initdb, ["-D", data, ...access, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
}

function settings(port: number, folder: string, options: PostgresOptions): string[] {
  const place = ["listen_addresses=127.0.0.1", `port=${port}`, `unix_socket_directories=${folder}`];
  // A commit still reaches the operating system before it is answered, so that `kill` loses none.
  const quick = ["fsync=off", "full_page_writes=off"];
  // Nobody writes but the tests: what the server does by itself would be seen as a change in the midst of them.
  const alone = "autovacuum=off";
  return [...place, alone, ...(options.fsync ? [] : quick), ...(options.settings ?? [])];
}

async function addDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await execute(serverUrl, `create database ${name}`);
  return serverUrl.replace(/\/postgres$/, `/${name}`);
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 30_000 });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}
