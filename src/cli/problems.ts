import { didYouMean } from "../core/kinds/nearest.ts";
import type { Problem, Snapshot } from "../core/kinds/resource.ts";
import { renderProblem } from "../resources/directory/validate.ts";
import { type Context, UsageError } from "./command.ts";
import { folderFlag, targetFlag } from "./flags.ts";
import type { Session } from "./session.ts";

/** Problems that are written out before a plan; `validate` shows all. */
export const mostProblems = 20;

/** Tells what is wrong with the manifests: what depends on it is held, the rest goes on. Says whether there is an error. */
export function noteProblems({ args, terminal }: Context, session: Session): boolean {
  const folder = args.text(folderFlag) ?? session.folder;
  const { problems } = session;
  for (const problem of problems.slice(0, mostProblems)) terminal.note(renderProblem(problem, folder));
  if (problems.length > mostProblems)
    terminal.note(`… and ${problems.length - mostProblems} more: rollcall validate -f ${folder}`);
  return problems.some(isError);
}

export function isError({ severity }: Problem): boolean {
  return severity !== "Warning";
}

/** The targets of `--target`, checked; undefined: all. */
export function chosenTargets({ args }: Context, { snapshot }: Session): ReadonlySet<string> | undefined {
  return chosenTargetsOf(args.texts(targetFlag), snapshot);
}

/** The targets of these names; undefined, which is all, where there are none. Throws a `UsageError` for one that is not declared. */
export function chosenTargetsOf(
  names: readonly string[],
  { objects }: Snapshot,
): ReadonlySet<string> | undefined {
  if (names.length === 0) return undefined;
  const declared = [...objects.Target.keys()];
  for (const name of names)
    if (!declared.includes(name))
      throw new UsageError(`there is no Target "${name}" in the manifests${didYouMean(name, declared)}`);
  return new Set(names);
}
