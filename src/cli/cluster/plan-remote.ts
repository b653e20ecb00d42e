import { canonicalJson } from "../../core/model/hash.ts";
import type { PlanDocument } from "../../report/document.ts";
import { planMarkdown } from "../../report/markdown.ts";
import { planVerdict } from "../../report/plan-verdict.ts";
import { planText } from "../../report/text.ts";
import { type RawManifest, readRaw } from "../../resources/directory/raw.ts";
import { fieldLocator, renderProblem } from "../../resources/directory/validate.ts";
import { type Context, exitCode, UsageError } from "../command.ts";
import { folderFlag, fullFlag, targetFlag } from "../flags.ts";
import { printDocument } from "../output.ts";
import { folderOf } from "../place.ts";
import { withManifestsAt } from "../plan-base.ts";
import { mostProblems } from "../problems.ts";
import { reachController } from "./controller-api.ts";

interface Overlay {
  readonly put: readonly RawManifest[];
  readonly remove: readonly ObjectName[];
}

interface ObjectName {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

/**
 * `plan` asked of a cluster's controller: of what the cluster holds, or with the folder's manifests over it; with a base, only with
 * what was edited in the folder since.
 */
export async function planRemotely(
  context: Context,
  base: string | undefined,
  format: string,
): Promise<number> {
  const { args, terminal } = context;
  const folder = args.has(folderFlag) ? folderOf(context) : undefined;
  if (base !== undefined && folder === undefined)
    throw new UsageError("--base needs the folder whose edits are meant: -f DIR");
  const overlay = folder === undefined ? { put: [], remove: [] } : await overlayOf(context, folder, base);
  const targets = args.texts(targetFlag);
  const controller = await reachController(context);
  try {
    const remove = overlay.remove.filter(
      ({ namespace }) => (namespace ?? controller.namespace) === controller.namespace,
    );
    const only = targets.length > 0 ? { targets } : {};
    const body = { put: overlay.put, remove, ...only, full: args.has(fullFlag) };
    const told = await controller.ask<PlanDocument>({ steps: ["plan"], body }, "rollcall.dev/plan/v1");
    const document = folder === undefined ? told : located(told, folder, overlay.put);
    for (const problem of document.problems.slice(0, mostProblems))
      terminal.note(renderProblem(problem, args.text(folderFlag)));
    await printDocument(terminal, format, document, { table: planText, markdown: planMarkdown });
    const verdict = planVerdict(document);
    if (verdict.failed) return exitCode.failed;
    if (verdict.held) return exitCode.held;
    return verdict.changes ? exitCode.changes : exitCode.done;
  } finally {
    await controller.close();
  }
}

async function overlayOf(context: Context, folder: string, base: string | undefined): Promise<Overlay> {
  const manifests = await readable(context, folder);
  if (base === undefined) return { put: manifests, remove: [] };
  const before = await withManifestsAt(folder, base, (copy) => readable(context, copy));
  const known = new Map(before.map(({ manifest }) => [keyOf(manifest), canonicalJson(manifest)]));
  const there = new Set(manifests.map(({ manifest }) => keyOf(manifest)));
  return {
    put: manifests.filter(({ manifest }) => known.get(keyOf(manifest)) !== canonicalJson(manifest)),
    remove: before.flatMap(({ manifest }) => (there.has(keyOf(manifest)) ? [] : [nameOf(manifest)])),
  };
}

/** What cannot be read must not be taken for removed: then there is no plan. */
async function readable({ connectors, args }: Context, folder: string): Promise<readonly RawManifest[]> {
  const { manifests, problems } = await readRaw(folder, connectors);
  const [first] = problems;
  if (!first) return manifests;
  throw new UsageError(`the manifests cannot be read: ${renderProblem(first, args.text(folderFlag))}`);
}

function nameOf({ kind, metadata }: RawManifest["manifest"]): ObjectName {
  const { name, namespace } = (metadata ?? {}) as { name?: unknown; namespace?: unknown };
  return {
    kind: String(kind),
    name: String(name),
    namespace: typeof namespace === "string" ? namespace : undefined,
  };
}

function keyOf(manifest: RawManifest["manifest"]): string {
  const { kind, name, namespace = "" } = nameOf(manifest);
  return [namespace, kind, name].join("/");
}

/** Puts what is wrong with what was sent at the line of its field; no other file is read, whatever the answer names. */
function located(plan: PlanDocument, folder: string, put: Overlay["put"]): PlanDocument {
  const locate = fieldLocator(folder);
  const files = new Set(put.map(({ location }) => location.file));
  const problems = plan.problems.map((problem) =>
    problem.location && files.has(problem.location.file) ? locate(problem) : problem,
  );
  return { ...plan, problems };
}
