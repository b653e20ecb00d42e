import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import type { Result, Row } from "../database.ts";
import type { Query } from "../dialect.ts";
import { abortedCall, inDoubt, SqlError } from "../errors.ts";
import type { SqlLine } from "../line-session.ts";
import { fromFailure } from "./failures.ts";
import type { Answer, Connect, Request, Rows } from "./protocol.ts";

/** Beside this file, whether it was compiled or not. */
const program = new URL(`./program${extname(import.meta.url)}`, import.meta.url);

/** A connection in a process of its own, which is killed when it does not answer in time. */
export class OdbcProcess implements SqlLine {
  readonly #child: ChildProcess;

  /** Starts it and logs in. */
  static async open(connect: Connect, signal: AbortSignal): Promise<OdbcProcess> {
    const opened = new OdbcProcess();
    try {
      await opened.ask(connect, signal);
      return opened;
    } catch (error) {
      opened.destroy();
      throw error;
    }
  }

  constructor() {
    this.#child = fork(program, [], {
      execArgv: [],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    // A process that cannot be started or written to ends, and that is what an answer is waited for with.
    this.#child.on("error", () => this.destroy());
  }

  /** One at a time. Throws `SqlError`; of scope `Connection` when it can be asked no more. */
  async ask(request: Request, signal: AbortSignal): Promise<Rows> {
    const answer = await this.#answer(request, signal);
    if ("failed" in answer) throw fromFailure(answer);
    return answer;
  }

  get isOpen(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  run(query: Query, signal: AbortSignal): Promise<Result> {
    return this.ask({ do: "query", ...query }, signal);
  }

  async *pages(text: string, signal: AbortSignal): AsyncIterable<readonly Row[]> {
    await this.ask({ do: "open", text }, signal);
    for (let done = false; !done; ) {
      const page = await this.ask({ do: "fetch" }, signal);
      done = page.done;
      if (page.rows.length > 0) yield page.rows;
    }
  }

  async begin(signal: AbortSignal): Promise<void> {
    await this.ask({ do: "begin" }, signal);
  }

  async commit(signal: AbortSignal): Promise<void> {
    await this.ask({ do: "commit" }, signal).catch(inDoubt);
  }

  async rollback(signal: AbortSignal): Promise<void> {
    await this.ask({ do: "rollback" }, signal);
  }

  destroy(): void {
    this.#child.kill("SIGKILL");
  }

  #answer(request: Request, signal: AbortSignal): Promise<Answer> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        child.off("message", answered).off("exit", ended);
        signal.removeEventListener("abort", aborted);
        outcome();
      };
      const answered = (answer: unknown) => settle(() => resolve(answer as Answer));
      const ended = (code: number | null, by: string | null) => settle(() => reject(endedBy(code, by)));
      const aborted = () =>
        settle(() => {
          this.destroy();
          reject(abortedCall());
        });
      if (signal.aborted) return aborted();
      if (!this.isOpen) return ended(child.exitCode, child.signalCode);
      child.once("message", answered).once("exit", ended);
      signal.addEventListener("abort", aborted, { once: true });
      child.send(request);
    });
  }
}

function endedBy(code: number | null, by: string | null): SqlError {
  return new SqlError("Unavailable", "Connection", `the driver's process ended by itself (${by ?? code})`);
}
