import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { waitFor } from "./wait.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

/** Compiled code is kept for the whole test run: starting costs half of it. */
const environmentWith = (variables: NodeJS.ProcessEnv = {}) => ({
  env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "compiled"), ...variables },
});

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `rollcall` with these words to its end. */
export function rollcall(...words: string[]): Promise<Ended> {
  return startRollcall(words).ended;
}

export interface Started {
  readonly ended: Promise<Ended>;
  signal(name: NodeJS.Signals): void;
}

/** Starts `rollcall` with these words, and these variables beside those of this process; `input` is piped into it. */
export function startRollcall(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  input?: string | Buffer,
): Started {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { ...environmentWith(environment), maxBuffer: 64 * 1024 * 1024 };
  const child = execFile(process.execPath, [main, ...words], options, (_, stdout, stderr) => {
    resolve({ code: child.exitCode, stdout, stderr });
  });
  if (input !== undefined) child.stdin?.end(input);
  return { ended: promise, signal: (name) => void child.kill(name) };
}

/** Runs `rollcall` on a terminal of its own (script(1)), and answers what it asks. Resolves to the code and all that was shown. */
export async function rollcallOnTerminal(
  words: readonly string[],
  question: string,
  answer: string,
  ...more: readonly (readonly [question: string, answer: string])[]
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const command = [process.execPath, main, ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    ...environmentWith(),
  });
  let shown = "";
  child.stdout.on("data", (data: Buffer) => {
    shown += data;
  });
  const ended = once(child, "close");
  for (const [asked, answered] of [[question, answer] as const, ...more]) {
    await waitFor(() => shown.includes(asked) || child.exitCode !== null, { what: `it asks "${asked}"` });
    child.stdin.write(answered);
  }
  const [code] = await ended;
  return { code, shown };
}

/** A line of the controller's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** `rollcall controller` in a process of its own. */
export class ControllerProcess {
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #words: string[] = [];

  constructor(...words: string[]) {
    this.#child = spawn(process.execPath, [main, "controller", "--listen", "127.0.0.1:0", ...words], {
      stdio: ["ignore", "ignore", "pipe"],
      ...environmentWith(),
    });
    createInterface({ input: this.#child.stderr! }).on("line", (line) => {
      // A line may be cut off where it was killed.
      if (/^\{.*\}$/.test(line)) this.lines.push(JSON.parse(line));
      else this.#words.push(line);
    });
  }

  /** Resolves when it is ready, with the URL it serves. */
  async ready(): Promise<string> {
    const url = String((await this.logged("started")).url);
    await waitFor(async () => (await fetch(`${url}/readyz`)).ok, { what: "the controller is ready" });
    return url;
  }

  logged(msg: string, fields: Readonly<Record<string, unknown>> = {}): Promise<LogLine> {
    return waitFor(
      () => {
        const logged = this.lines.find(
          (line) => line.msg === msg && Object.entries(fields).every(([name, value]) => line[name] === value),
        );
        if (!logged && this.#child.exitCode !== null) throw new Error(`it ended: ${this.#words.join("\n")}`);
        return logged;
      },
      { what: `the controller logs "${msg}"` },
    );
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves to the exit code, null where a signal ended it, when all that it said was read. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, "close");
    this.#child.kill(signal);
    const [code] = await ended;
    return code;
  }
}
