import type { ConnectorType } from "../connectors/contract.ts";
import type { Terminal } from "./terminal.ts";

/** An option of a command. */
export interface Flag {
  /** `state` for `--state`. */
  readonly name: string;
  /** `f` for `-f`. */
  readonly short?: string;
  /** What its value is called in help, `DIR`; absent: it takes none. */
  readonly value?: string;
  /** The only values it may have. */
  readonly choices?: readonly string[];
  readonly repeatable?: true;
  readonly summary: string;
}

/** One command: what help and docs/cli.md say of it, and what it does. */
export interface Command {
  readonly name: string;
  /** A verb phrase, without a full stop. */
  readonly summary: string;
  /** What more there is to know: a paragraph or two. */
  readonly description?: string;
  /** The words that are no flags: how usage shows them, and how many there may be. */
  readonly operands?: { readonly usage: string; readonly least: number; readonly most: number };
  readonly flags: readonly Flag[];
  readonly examples: readonly string[];
  /** What each exit code means. */
  readonly exits: Readonly<Record<number, string>>;
  /** Resolves to the exit code. Throws a `UsageError` for what it cannot be asked for. */
  run(context: Context): Promise<number>;
}

/** What was written on the command line. Flags are asked for by the object that declares them. */
export interface Args {
  readonly operands: readonly string[];
  /** The value of a flag, the last where it was given twice. */
  text(flag: Flag): string | undefined;
  texts(flag: Flag): readonly string[];
  has(flag: Flag): boolean;
}

/** What a command is given: the outside, as `main` has it. */
export interface Context {
  readonly args: Args;
  readonly connectors: readonly ConnectorType[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Random and unique. */
  readonly newId: () => string;
  /**
   * From now on an interrupt (Ctrl-C, SIGTERM) no longer ends the process: it aborts this signal, so that the work can be ended
   * in order. A second one ends the process all the same.
   */
  readonly stopSignal: () => AbortSignal;
}

export const exitCode = { done: 0, changes: 1, failed: 2, held: 3, interrupted: 130 } as const;

/** The command line asks for something that cannot be: says what, and what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
