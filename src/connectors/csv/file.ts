import { hash } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import iconv from "iconv-lite";
import { StoreError } from "../errors.ts";
import type { CsvStoreBlock } from "./blocks.ts";
import { fileErrorKind } from "./errors.ts";

/** A file's content at one moment. */
export interface Content {
  readonly text: string;
  /** Tells this content from any other. */
  readonly digest: string;
}

/** Reads the whole file, or throws a `StoreError`: one that changed under the reader is `Retryable`. */
export async function readWhole(path: string, block: CsvStoreBlock): Promise<Content> {
  return guard(block.file, "read", async () => {
    const file = await open(path);
    try {
      const before = await stamp(file);
      const bytes = await file.readFile();
      if ((await stamp(file)) !== before || (await stamp(path)) !== before) {
        throw new StoreError("Retryable", `cannot read ${block.file}: it changed while it was read`);
      }
      return { text: decode(bytes, block), digest: hash("sha256", bytes, "hex") };
    } finally {
      await file.close();
    }
  });
}

/**
 * Puts a new content in the place of the one that was read: whole or not at all, with the owner and mode of the old, on the disk when it
 * returns. Throws `Retryable`, and writes nothing, when it is no longer the content that was read.
 */
export async function replaceWhole(
  path: string,
  block: CsvStoreBlock,
  read: Content,
  text: string,
): Promise<Content> {
  return guard(block.file, "write", async () => {
    const real = await realpath(path);
    const temporary = join(dirname(real), `.${basename(real)}.rollcall`);
    const bytes = iconv.encode(text, block.encoding, { addBOM: false });
    await rm(temporary, { force: true });
    try {
      await writeLike(real, temporary, bytes);
      if ((await readWhole(path, block)).digest !== read.digest) {
        throw new StoreError(
          "Retryable",
          `cannot write ${block.file}: somebody else changed it meanwhile; it is read again`,
        );
      }
      await rename(temporary, real);
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(dirname(real));
    return { text, digest: hash("sha256", bytes, "hex") };
  });
}

/** Whether the file's encoding has all of these characters. */
export function encodable(text: string, encoding: string): boolean {
  if (!text.isWellFormed()) return false;
  return (
    iconv.decode(iconv.encode(text, encoding, { addBOM: false }), encoding, { stripBOM: false }) === text
  );
}

function decode(bytes: Buffer, block: CsvStoreBlock): string {
  if (!iconv.encodingExists(block.encoding)) {
    throw new StoreError(
      "Invalid",
      `cannot read ${block.file}: there is no encoding ${block.encoding}; set another`,
    );
  }
  const text = iconv.decode(bytes, block.encoding, { stripBOM: false });
  if (iconv.encode(text, block.encoding, { addBOM: false }).equals(bytes) && text.isWellFormed()) return text;
  const line = text.slice(0, Math.max(0, text.indexOf("\uFFFD"))).split("\n").length;
  throw new StoreError(
    "Unavailable",
    `cannot read ${block.file}: it is not ${block.encoding} at line ${line}; repair it, or set the encoding it has`,
  );
}

async function writeLike(model: string, path: string, bytes: Buffer): Promise<void> {
  const { mode, uid, gid } = await stat(model);
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    const own = await file.stat();
    if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
    await file.chmod(mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function stamp(file: FileHandle | string): Promise<string> {
  const { mtimeNs, size, ino } = await (typeof file === "string"
    ? stat(file, { bigint: true })
    : file.stat({ bigint: true }));
  return `${ino} ${size} ${mtimeNs}`;
}

/** Maps the file system's errors. */
async function guard<T>(file: string, action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StoreError(fileErrorKind(code), `cannot ${action} ${file}: ${message}`, { cause: error });
  }
}
