import type { Hash } from "node:crypto";
import { constants, type FileHandle, open, stat } from "node:fs/promises";
import { FormatError, type Row, type Sheet, type Span } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { named } from "./errors.ts";

/** One file of a store. */
export interface StoreFile {
  /** As the manifest has it, for errors. */
  readonly name: string;
  /** Absolute, below the operator's root. */
  readonly path: string;
}

/** What the file system says of a file's content without reading it. */
export interface Stamp {
  /** The same for the same content, unless that was changed twice within the file system's tick: see `settled`. */
  readonly text: string;
  /** Whether the content was old enough when this was asked that any later change shows in the stamp. */
  readonly settled: boolean;
}

/** File systems count time in ticks: 2 s on FAT, 1 s on old NFS, milliseconds elsewhere. A content older than this has a stamp of its own. */
const tick = 2_500;
/** Bytes: read at once, and handed on at once. Rows of small pieces die young: the heap stays half as large as with whole reads. */
const readSize = 64 * 1024;
const pieceSize = 16 * 1024;
/** Rows that lie near one another are read in one go. */
const gap = 16 * 1024;
const longestRead = 1024 * 1024;

/** A file that is open for reading. `close` it. */
export class OpenFile {
  readonly file: StoreFile;
  readonly stamp: Stamp;
  readonly #handle: FileHandle;

  private constructor(file: StoreFile, handle: FileHandle, stamp: Stamp) {
    this.file = file;
    this.#handle = handle;
    this.stamp = stamp;
  }

  /** Throws `Denied` for what is no regular file, as a pipe, which would never end. */
  static async open(file: StoreFile): Promise<OpenFile> {
    const handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if ((await handle.stat()).isFile()) return new OpenFile(file, handle, await stampOf(handle));
      throw new StoreError("Denied", `cannot read ${file.name}: it is no file; name a regular file`);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** The whole content, from its beginning, put into the hash as it goes; stops when the call is aborted. */
  async *pieces(call: Call, hash?: Hash): AsyncGenerator<Buffer> {
    const readFrom = (at: number) => this.#handle.read(Buffer.allocUnsafe(readSize), 0, readSize, at);
    let ahead = readFrom(0);
    for (let at = 0; ; ) {
      if (call.signal.aborted)
        throw new StoreError("Retryable", `stopped reading ${this.file.name}: the call was aborted`);
      const { bytesRead, buffer } = await ahead;
      if (bytesRead === 0) return;
      at += bytesRead;
      // The disk works while what it gave is worked on; an error is met when this is waited for, or by nobody.
      ahead = readFrom(at);
      ahead.catch(() => {});
      const bytes = buffer.subarray(0, bytesRead);
      hash?.update(bytes);
      for (let from = 0; from < bytesRead; from += pieceSize) yield bytes.subarray(from, from + pieceSize);
    }
  }

  /** The end of the content: at most so many bytes. */
  async tail(most: number): Promise<Buffer> {
    const { size } = await this.#handle.stat();
    const length = Math.min(size, most);
    const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  }

  /** The rows that lie there; `spans` are in the file's order. */
  async rows(sheet: Sheet, spans: readonly Span[]): Promise<Row[]> {
    const rows: Row[] = [];
    for (const near of runs(spans)) {
      const from = near[0]!.offset;
      const last = near.at(-1)!;
      const bytes = Buffer.allocUnsafe(last.offset + last.length - from);
      const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, from);
      if (bytesRead < bytes.length) throw this.#changed();
      for (const span of near) {
        const at = span.offset - from;
        rows.push(sheet.row(bytes.subarray(at, at + span.length), span));
      }
    }
    return rows;
  }

  /** Throws `Retryable` unless both this and what now lies at its path are what was opened, and what was seen before. */
  async unchanged(seen: Stamp = this.stamp): Promise<void> {
    const now = [await stampOf(this.#handle), await stampOf(this.file.path)];
    if (now.some(({ text }) => text !== seen.text)) throw this.#changed();
  }

  /** Rethrows what went wrong while reading: as `Retryable` where the file changed meanwhile, since half a file's faults are no news. */
  async rethrow(error: unknown): Promise<never> {
    if (error instanceof FormatError) await this.unchanged();
    throw error;
  }

  #changed(): StoreError {
    return new StoreError("Retryable", `cannot read ${this.file.name}: it changed while it was read`);
  }
}

/** Opens a file for the length of the work, and names it in what goes wrong. */
export async function withFile<T>(
  file: StoreFile,
  work: (open: OpenFile) => Promise<T>,
  action: "read" | "write" = "read",
): Promise<T> {
  return named(file.name, action, async () => {
    const open = await OpenFile.open(file);
    try {
      return await work(open);
    } finally {
      await open.close();
    }
  });
}

export async function stampOf(file: FileHandle | string): Promise<Stamp> {
  const facts = await (typeof file === "string" ? stat(file, { bigint: true }) : file.stat({ bigint: true }));
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = facts;
  return {
    text: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`,
    settled: Date.now() - Number(ctimeMs) > tick,
  };
}

function* runs(spans: readonly Span[]): Generator<readonly Span[]> {
  let run: Span[] = [];
  for (const span of spans) {
    const [first, last] = [run[0], run.at(-1)];
    const near =
      first === undefined ||
      (span.offset - (last!.offset + last!.length) <= gap && span.offset - first.offset <= longestRead);
    if (!near) {
      yield run;
      run = [];
    }
    run.push(span);
  }
  if (run.length > 0) yield run;
}
