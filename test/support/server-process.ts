import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { chown, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { promisify } from "node:util";
import { waitFor } from "./wait.ts";

const run = promisify(execFile);

export interface ServerCommand {
  /** For errors: "slapd". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its output is appended here; an error shows the end of it. */
  readonly logFile: string;
  /** Ends it in good order, and is also what it gets when the process that started it dies. */
  readonly stopSignal: "SIGTERM" | "SIGINT";
  /** It runs as the user of the tests, who may be root: its program or its files are theirs alone. */
  readonly asOurselves?: boolean;
  /** Throws for as long as the server does not answer a real request. */
  readonly answers: () => Promise<unknown>;
}

/**
 * A server that belongs to a test: it runs in the foreground as an unprivileged user (`nobody` when root starts it, since PostgreSQL
 * refuses root, unless it says otherwise) and dies with the process that started it, whatever kills that.
 */
export class ServerProcess {
  readonly #server: ServerCommand;
  #child: ChildProcess | undefined;

  constructor(server: ServerCommand) {
    this.#server = server;
  }

  async start(): Promise<void> {
    const { name, command, args, logFile, stopSignal, answers } = this.#server;
    const log = openSync(logFile, "a");
    const privileges = this.#server.asOurselves ? diesWithUs(stopSignal) : unprivileged(stopSignal);
    const child = spawn("setpriv", [...privileges, command, ...args], {
      stdio: ["ignore", log, log],
      env: serverEnvironment(),
    });
    this.#child = child;
    const ended = once(child, "exit").then(async () => {
      const output = (await readFile(logFile, "utf8")).slice(-2_000);
      throw new Error(`cannot start ${name}: it ended at once, saying:\n${output}`);
    });
    ended.catch(() => {}); // It ends sooner or later; that matters only while it is being started.
    // Several servers that start at once on a small machine are slow to.
    const patient = { what: `${name} answers`, timeout: 150_000 };
    await Promise.race([waitFor(async () => [await answers()], patient), ended]);
  }

  /** Ends it with a signal, in good order if none is named, and waits until it is gone. */
  async end(signal: NodeJS.Signals = this.#server.stopSignal): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
}

/** Runs a command to its end as the user that the servers run as. */
export async function runUnprivileged(command: string, args: readonly string[]): Promise<void> {
  await run("setpriv", [...unprivileged("SIGTERM"), command, ...args], { env: serverEnvironment() });
}

/** Gives a file or folder to the user that the servers run as. */
export async function giveToServers(path: string): Promise<void> {
  if (isRoot()) await chown(path, nobody.uid, nobody.gid);
}

/** The name of the user that the servers run as. */
export function serverUser(): string {
  return isRoot() ? "nobody" : userInfo().username;
}

const nobody = { uid: 65_534, gid: 65_534 };

function unprivileged(deathSignal: string): string[] {
  const user = [`--reuid=${nobody.uid}`, `--regid=${nobody.gid}`, "--clear-groups"];
  return [...(isRoot() ? user : []), ...diesWithUs(deathSignal)];
}

function diesWithUs(deathSignal: string): string[] {
  return [`--pdeathsig=${deathSignal.replace("SIG", "")}`, "--"];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Servers get nothing of the surrounding environment: a stray LDAPCONF or PGDATA must not reach them. */
function serverEnvironment(): Record<string, string> {
  return { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" };
}
