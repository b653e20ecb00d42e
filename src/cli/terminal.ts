import { createInterface, type Interface } from "node:readline/promises";
import { type Readable, Writable } from "node:stream";

interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where a command's words go: results to standard output, all else to standard error. */
export interface Terminal {
  /** A result. Resolves when it is written, so that a slow reader slows us down and not memory up. */
  print(text: string): Promise<void>;
  /** A line for the person who waits: what is being done, what is odd. */
  note(text: string): void;
  /** A line that the next one replaces, on a terminal; elsewhere nothing. */
  progress(text: string): void;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** Characters that fit in a line of standard output; undefined where it is no terminal. */
  readonly columns: number | undefined;
  /** Undefined where the person ends it by Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string | undefined>;
  /** A line as it is typed, which is not shown. Where nobody can be asked: all of standard input, without the end of its last line. */
  askSecret(question: string): Promise<string | undefined>;
}

export function terminalOf(
  input: Readable & { readonly isTTY?: boolean },
  out: Stream,
  error: Stream,
): Terminal {
  let progressing = false;
  const clear = () => {
    if (progressing) error.write("\r\u001b[K");
    progressing = false;
  };
  return {
    interactive: Boolean(input.isTTY && error.isTTY),
    columns: out.isTTY ? out.columns : undefined,
    print(text) {
      clear();
      return new Promise((resolve, reject) => {
        out.write(text, (failure) => (failure ? reject(failure) : resolve()));
      });
    },
    note(text) {
      clear();
      error.write(`${text}\n`);
    },
    progress(text) {
      if (!error.isTTY) return;
      clear();
      error.write(text.slice(0, (error.columns ?? 80) - 1));
      progressing = true;
    },
    async ask(question) {
      clear();
      return (await ask(createInterface({ input, output: error }), question))?.trim();
    },
    async askSecret(question) {
      if (!input.isTTY) return (await textOf(input)).replace(/\r?\n$/, "");
      clear();
      // It turns the echo off; who answers at once, as programs do, must not see it on.
      const lines = createInterface({ input, output: nowhere(), terminal: true });
      error.write(question);
      const answer = await ask(lines, "");
      if (answer !== undefined) error.write("\n");
      return answer;
    },
  };

  async function ask(lines: Interface, question: string): Promise<string | undefined> {
    try {
      return await lines.question(question);
    } catch (reason) {
      if ((reason as Error).name !== "AbortError") throw reason;
      error.write("\n");
      return undefined;
    } finally {
      lines.close();
    }
  }
}

/** Characters of a secret that is piped in: more is a mistake. */
const longestSecret = 64 * 1024;

async function textOf(input: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of input) {
    parts.push(Buffer.from(part));
    length += part.length;
    if (length > longestSecret) break;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** What is typed goes through readline alone, so that the line can be edited. */
function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
