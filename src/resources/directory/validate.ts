import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkResources } from "../../core/kinds/check.ts";
import { pathOf } from "../../core/kinds/field.ts";
import type { ConnectorBlocks } from "../../core/kinds/kinds.ts";
import { problemKey } from "../../core/kinds/problem-key.ts";
import type { Location, Problem } from "../../core/kinds/resource.ts";
import type { Reading } from "../resources.ts";
import { byPlace } from "./assemble.ts";
import { directory } from "./directory.ts";
import { type ObjectFinder, objectFinder } from "./locate.ts";

export interface Validation {
  /** Everything that was found, by file and line. */
  readonly problems: readonly Problem[];
  readonly reading: Reading;
  /** False when there is an error; warnings do no harm. */
  readonly valid: boolean;
}

/** Reads a folder and reports everything that is wrong in it, each at the line where it stands. */
export async function validateFolder(
  folder: string,
  connectors: readonly ConnectorBlocks[],
): Promise<Validation> {
  return validateReading(folder, await directory(folder, connectors).read());
}

/** The same of what has just been read from the folder. */
export function validateReading(folder: string, reading: Reading): Validation {
  const found = checkResources(reading.resources, reading.invalid.keys());
  const locate = fieldLocator(folder);
  const all = [...reading.problems, ...found, ...emptyProblems(reading)];
  // What was found while it was read may be found again.
  const once = new Map(all.map((problem) => [`${problem.location?.file}\n${problemKey(problem)}`, problem]));
  const problems = [...once.values()].map(locate).sort(byPlace);
  return { problems, reading, valid: problems.every(({ severity }) => severity === "Warning") };
}

/** `people/alice.yaml:12: Identity/alice spec.department: must be a text, got a number: put it in quotes` */
export function renderProblem(problem: Problem, folder = ""): string {
  const { location, kind, name, field, message, severity } = problem;
  const place = location && `${join(folder, location.file)}:${location.line}:`;
  const object = kind && (name === undefined ? kind : `${kind}/${name}`);
  const subject = [object, field].filter((part) => part !== undefined).join(" ");
  const text = `${severity === "Warning" ? "warning: " : ""}${subject === "" ? "" : `${subject}: `}${message}`;
  return [place, text].filter((part) => part !== undefined).join(" ");
}

/** Puts a problem of an object at the line of its field. Each file is parsed once more, at its first problem. */
export function fieldLocator(folder: string): (problem: Problem) => Problem {
  const finders = new Map<string, ObjectFinder>();
  return (problem) => {
    const { location, field, kind, name } = problem;
    if (!location || field === undefined || kind === undefined || name === undefined) return problem;
    const line = finderOf(location).lineOf(kind, name, pathOf(field)) ?? location.line;
    return { ...problem, location: { ...location, line } };
  };

  function finderOf({ file }: Location): ObjectFinder {
    const known = finders.get(file);
    if (known) return known;
    const finder = objectFinder(readFileSync(join(folder, file), "utf8"));
    finders.set(file, finder);
    return finder;
  }
}

function emptyProblems({ resources, answers, invalid, problems }: Reading): Problem[] {
  if (resources.length + answers.length + invalid.size + problems.length > 0) return [];
  return [
    {
      message:
        "there is no manifest in this folder: a manifest begins with apiVersion: rollcall.dev/v1alpha1",
    },
  ];
}
