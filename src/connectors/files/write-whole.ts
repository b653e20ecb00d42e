import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Pieces are gathered into writes of this many bytes. */
const writeSize = 256 * 1024;

/**
 * Writes a file whole or not at all: beside it first (`.NAME.rollcall`), with the owner and mode of what is there, then in its place, on the disk when it
 * returns. `check` runs right before it takes the place; when that or anything else throws, all is as it was. Two at a time may not write one file.
 */
export async function writeWhole(
  path: string,
  content: AsyncIterable<Uint8Array>,
  check: () => Promise<void> = async () => undefined,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.rollcall`);
  await rm(temporary, { force: true });
  try {
    await write(temporary, content, await ownerOf(path));
    await check();
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

interface Owner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function write(
  path: string,
  content: AsyncIterable<Uint8Array>,
  like: Owner | undefined,
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    for await (const bytes of gathered(content)) await writeAll(file, bytes);
    if (like !== undefined) {
      const own = await file.stat();
      if (own.uid !== like.uid || own.gid !== like.gid) await file.chown(like.uid, like.gid);
      await file.chmod(like.mode & 0o7777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function* gathered(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    pieces.push(piece);
    length += piece.length;
    if (length < writeSize) continue;
    yield Buffer.concat(pieces);
    [pieces, length] = [[], 0];
  }
  yield Buffer.concat(pieces);
}

/** A disk that is nearly full takes a part of a write, and refuses the next. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
