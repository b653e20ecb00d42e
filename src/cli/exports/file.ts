import { lstat, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StoreError } from "../../connectors/errors.ts";
import { named } from "../../connectors/files/errors.ts";
import type { Summary } from "../../engine/exports/content.ts";
import type { ExportDesk } from "../../engine/exports/desk.ts";
import { exportPlace } from "./place.ts";

/** Owner and group read a file that is new; one that was there keeps its owner and mode. */
const newMode = 0o640;
/** Milliseconds after which a file that was begun is one of a process that was killed: whoever writes one touches it all the time. */
const forgotten = 3_600_000;

/** Writes files below the operator's root. `newId` is unique. */
export function exportDesk(root: string | undefined, newId: () => string): ExportDesk {
  return {
    async has(file) {
      try {
        return (await statOf(exportPlace(root, file))) !== undefined;
      } catch {
        return false;
      }
    },
    write: async (file, content, { checksum }) =>
      writeWhole({ file, path: exportPlace(root, file), checksum, id: newId() }, content),
  };
}

export interface WholeFile {
  /** As people know it, for errors. */
  readonly file: string;
  readonly path: string;
  /** Whether its SHA-256 is written beside it, as `sha256sum` does. */
  readonly checksum: boolean;
  /** Tells it from what others write at the same time. */
  readonly id: string;
}

/** See `ExportDesk.write`. The content is on the disk when this resolves. */
export async function writeWhole(
  { file, path, checksum, id }: WholeFile,
  content: AsyncGenerator<Uint8Array, Summary>,
): Promise<Summary> {
  return named(file, "write", async () => {
    const folder = dirname(path);
    const temporary = (name: string) => join(folder, `.${name}.${id}.rollcall`);
    const [begun, begunSum] = [temporary(basename(path)), temporary(`${basename(path)}.sha256`)];
    const places = [
      { from: begun, to: path },
      ...(checksum ? [{ from: begunSum, to: `${path}.sha256` }] : []),
    ];
    for (const { to } of places) await demandFile(file, to);
    try {
      const summary = await writeLike(path, begun, content);
      // Before anything is replaced: the disk may be full for this one.
      if (checksum) await writeLike(`${path}.sha256`, begunSum, sumOf(summary, basename(path)));
      for (const { from, to } of places) await rename(from, to);
      await sync(folder);
      return summary;
    } catch (error) {
      throw withoutId(error, places);
    } finally {
      await content.return(undefined as never).catch(() => {});
      await Promise.all([begun, begunSum].map((each) => rm(each, { force: true })));
      await sweep(folder, basename(path)).catch(() => {});
    }
  });
}

/** What the file system says of a file that is begun, said of the one it is for: the same each time that it is tried. */
function withoutId(
  error: unknown,
  places: readonly { readonly from: string; readonly to: string }[],
): unknown {
  if (error instanceof Error && "code" in error)
    for (const { from, to } of places) error.message = error.message.replaceAll(from, to);
  return error;
}

async function* sumOf(summary: Summary, name: string): AsyncGenerator<Uint8Array, Summary> {
  yield Buffer.from(`${summary.sha256}  ${name}\n`);
  return summary;
}

/** A link would be replaced, and a folder cannot be. */
async function demandFile(file: string, path: string): Promise<void> {
  const there = await statOf(path);
  if (there && !there.isFile())
    throw new StoreError(
      "Denied",
      `cannot write ${file}: ${path} is a link or no file; take it away, or name another`,
    );
}

async function statOf(path: string) {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
}

async function writeLike(
  model: string,
  path: string,
  content: AsyncGenerator<Uint8Array, Summary>,
): Promise<Summary> {
  const there = await statOf(model);
  const file = await open(path, "wx", 0o600);
  try {
    let step = await content.next();
    for (; !step.done; step = await content.next()) await file.writeFile(step.value);
    const own = await file.stat();
    if (there && (own.uid !== there.uid || own.gid !== there.gid)) await file.chown(there.uid, there.gid);
    await file.chmod(there ? there.mode & 0o7777 : newMode);
    await file.sync();
    return step.value;
  } finally {
    await file.close();
  }
}

/** Takes away what processes that were killed have left of this file. */
async function sweep(folder: string, name: string): Promise<void> {
  const left = (await readdir(folder)).filter(
    (each) => each.startsWith(`.${name}.`) && each.endsWith(".rollcall"),
  );
  for (const each of left) {
    const there = await stat(join(folder, each)).catch(() => undefined);
    if (there && Date.now() - there.mtimeMs > forgotten) await rm(join(folder, each), { force: true });
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
