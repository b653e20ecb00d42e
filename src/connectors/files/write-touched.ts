import type { Row } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { changeFile, type FileChange } from "./change-file.ts";
import type { FileView } from "./snapshot.ts";
import type { Edit } from "./splice.ts";

/** A row that a batch touches: as it was read, and as it is to be. */
export interface Touched {
  readonly view: FileView;
  /** Undefined for a new one. */
  readonly before: Row | undefined;
  /** Undefined for one that is gone. */
  readonly now: Row | undefined;
}

/** Rewrites each file that has rows to change, once. Resolves to the errors for which files were not written. */
export async function writeTouched(
  touched: Iterable<Touched>,
  call: Call,
): Promise<ReadonlyMap<FileView | undefined, StoreError>> {
  const failures = new Map<FileView, StoreError>();
  for (const [view, change] of fileChanges(touched)) {
    try {
      await changeFile(view, change, call);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      failures.set(view, error);
    }
  }
  return failures;
}

/** What is to be done to each file that changes. */
function fileChanges(touched: Iterable<Touched>): ReadonlyMap<FileView, FileChange> {
  const changes = new Map<FileView, { edits: Edit[]; added: string[] }>();
  for (const { view, before, now } of touched) {
    if (now === before) continue;
    const change = changes.get(view) ?? { edits: [], added: [] };
    changes.set(view, change);
    if (before !== undefined) change.edits.push({ span: before, bytes: now && view.sheet.encode(now.text) });
    else if (now !== undefined) change.added.push(now.text);
  }
  for (const { edits } of changes.values()) edits.sort((a, b) => a.span.offset - b.span.offset);
  return changes;
}
