import { createHash, type Hash } from "node:crypto";
import { realpath } from "node:fs/promises";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { named } from "./errors.ts";
import { type OpenFile, type StoreFile, withFile } from "./file.ts";
import { lockFile } from "./lock.ts";
import type { FileView } from "./snapshot.ts";
import { type Edit, splice } from "./splice.ts";
import { writeWhole } from "./write-whole.ts";

export interface FileChange {
  /** In the file's order. */
  readonly edits: readonly Edit[];
  /** Texts of new rows, for the end of the file. */
  readonly added: readonly string[];
}

/** Rewrites a file under its lock. Throws `Retryable`, and writes nothing, when it is no longer the content that was read. */
export async function changeFile(view: FileView, change: FileChange, call: Call): Promise<void> {
  const { name, path } = view.file;
  await named(name, "write", async () => {
    const file: StoreFile = { name, path: await realpath(path) };
    const lock = await lockFile(file);
    try {
      const rewrite = async (open: OpenFile) => {
        const hash = createHash("sha256");
        await writeWhole(file.path, changed(open, view, change, hash, call), async () => {
          if (hash.digest("hex") !== view.digest) throw changedMeanwhile(view);
          await open.unchanged();
          await lock.check();
        });
      };
      await withFile(file, rewrite, "write");
    } finally {
      await lock.release();
    }
  });
}

async function* changed(
  open: OpenFile,
  { sheet, unended }: FileView,
  { edits, added }: FileChange,
  hash: Hash,
  call: Call,
): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  for await (const piece of splice(open.pieces(call, hash), edits)) {
    if (piece.length > 0) isEmpty = false;
    yield piece;
  }
  // A blank line is no row. A file of 0 bytes would be taken for one that was lost.
  const isNeeded = added.length === 0 ? isEmpty : unended;
  if (isNeeded) yield sheet.encode(sheet.lineBreak);
  for (const row of added) yield sheet.encode(row + sheet.lineBreak);
}

function changedMeanwhile({ file }: FileView): StoreError {
  return new StoreError(
    "Retryable",
    `cannot write ${file.name}: somebody else changed it meanwhile; it is read again`,
  );
}
