import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffAccess } from "../core/access/diff.ts";
import type { Snapshot } from "../core/kinds/resource.ts";
import { inSlices } from "../engine/breathe.ts";
import { type AccessDiffDocument, accessDiffMarkdown, accessDiffText } from "../report/access-diff.ts";
import { directory } from "../resources/directory/directory.ts";
import { commitOf, writeManifestsAt } from "../resources/directory/git-tree.ts";
import { renderProblem, validateReading } from "../resources/directory/validate.ts";
import { KnownManifests } from "../resources/known.ts";
import { resolve } from "../resources/resolve.ts";
import type { Reading } from "../resources/resources.ts";
import { type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { printDocument } from "./output.ts";
import { folderOf } from "./place.ts";
import { isError } from "./problems.ts";

export const baseFlag: Flag = {
  name: "base",
  value: "REV",
  summary:
    "tell from manifests alone who gains and who loses what since this Git revision; no store, no state",
};

/** `plan --base`: compares what the manifests of two revisions decide. */
export async function planBase(context: Context, base: string, format: string): Promise<number> {
  const { terminal, connectors, now } = context;
  const folder = folderOf(context);
  const before = await readAt(context, folder, base);
  const reading = await directory(folder, connectors).read();
  const errors = validateReading(folder, reading).problems.filter(isError);
  for (const problem of errors) terminal.note(renderProblem(problem, folder));
  const diff = await inSlices(diffAccess(snapshotOf(before, now()), snapshotOf(reading, now()), now()));
  const document: AccessDiffDocument = {
    format: "rollcall.dev/access-diff/v1",
    base,
    revision: reading.revision,
    errors: errors.length,
    ...diff,
  };
  await printDocument(terminal, format, document, { table: accessDiffText, markdown: accessDiffMarkdown });
  if (errors.length > 0) return exitCode.failed;
  if (diff.unknown.length > 0) return exitCode.held;
  return diff.groups.length > 0 ? exitCode.changes : exitCode.done;
}

function readAt({ connectors }: Context, folder: string, base: string): Promise<Reading> {
  return withManifestsAt(folder, base, (copy) => directory(copy, connectors, { quietFor: 0 }).read());
}

/** Does something with a copy of the manifests that the folder had at a Git revision. Throws a `UsageError` where there is no such. */
export async function withManifestsAt<T>(
  folder: string,
  base: string,
  work: (copy: string) => Promise<T>,
): Promise<T> {
  const commit = await commitOf(folder, base);
  if (commit === undefined)
    throw new UsageError(
      `Git knows no revision "${base}" in ${folder}: check --base, or fetch it (a shallow clone has the newest alone)`,
    );
  const copy = await mkdtemp(join(tmpdir(), "rollcall-base-"));
  try {
    await writeManifestsAt(folder, commit, copy);
    return await work(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function snapshotOf(reading: Reading, now: number): Snapshot {
  return resolve(reading, new KnownManifests(), now).snapshot;
}
