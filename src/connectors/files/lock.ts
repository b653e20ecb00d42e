import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { StoreError } from "../errors.ts";
import type { StoreFile } from "./file.ts";

/** Milliseconds. Nothing is rewritten for longer than this: an older lock was left behind. */
const longest = 10 * 60_000;

export interface Lock {
  /** Throws `Retryable` when somebody took it over. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Keeps others who ask too from writing the file: `.NAME.lock` beside it, which says `PID HOST START ID`. What a process left behind that is gone is
 * taken over; of several that do so at once, the last one's holds. Throws `Retryable` when somebody holds it.
 */
export async function lockFile(file: StoreFile): Promise<Lock> {
  const path = join(dirname(file.path), `.${basename(file.path)}.lock`);
  const mine = `${process.pid} ${hostname()} ${performance.timeOrigin} ${randomUUID()}\n`;
  if (!(await create(path, mine))) {
    const holder = await holderOf(path);
    if (holder !== undefined) {
      if (!isGone(holder)) throw held(file, path, holder.text);
      await rm(path, { force: true });
    }
    if (!(await create(path, mine))) throw held(file, path, "somebody");
  }
  const isMine = async () => (await holderOf(path))?.text === mine;
  return {
    async check() {
      if (!(await isMine())) throw held(file, path, "somebody");
    },
    async release() {
      if (await isMine()) await rm(path, { force: true });
    },
  };
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    const lock = await open(path, "wx", 0o644);
    try {
      await lock.writeFile(text);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await lock.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

interface Holder {
  readonly text: string;
  readonly age: number;
}

/** Undefined when it has been released meanwhile. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    return { text: await readFile(path, "utf8"), age: Date.now() - mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isGone({ text, age }: Holder): boolean {
  const [pid, host, start] = text.trim().split(" ");
  if (age > longest) return true;
  if (host !== hostname()) return false;
  // A container's first process has the same number again after a restart.
  if (Number(pid) === process.pid) return start !== String(performance.timeOrigin);
  return !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function held(file: StoreFile, path: string, by: string): StoreError {
  const [pid, host] = by.trim().split(" ");
  const who = host === undefined ? pid || "somebody" : `process ${pid} on ${host}`;
  return new StoreError(
    "Retryable",
    `cannot write ${file.name}: ${who} is writing it; take ${path} away if that is no longer so`,
  );
}
