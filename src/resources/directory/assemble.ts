import { isManifestKind } from "../../core/kinds/kinds.ts";
import type { TaskAnswer } from "../../core/kinds/provisioning-task.ts";
import type { Location, Problem, Resource } from "../../core/kinds/resource.ts";
import type { Slices } from "../slices.ts";
import type { FileContent, PlacedObject } from "./file.ts";
import type { Unreadable } from "./files.ts";

/** By path relative to the folder. */
export type Files = ReadonlyMap<string, FileContent | Unreadable>;

/** What all files hold together. */
export interface Assembled {
  readonly realm: string;
  readonly resources: readonly Resource[];
  /** Objects that are there and not valid, as `Kind/name`, with what is wrong. */
  readonly invalid: ReadonlyMap<string, string>;
  /** What people say of tasks. */
  readonly answers: readonly TaskAnswer[];
  readonly problems: readonly Problem[];
  /** Why objects that are not here may still be there. */
  readonly gap: string | undefined;
}

export async function assemble(files: Files, slices: Slices): Promise<Assembled> {
  const problems: Problem[] = [];
  const gaps: string[] = [];
  const objects = new Map<string, PlacedObject>();
  const doubles = new Map<string, PlacedObject[]>();
  const namespaces = new Map<string, number>();
  for (const [file, content] of files) {
    if (slices.over()) await slices.rest();
    if ("unreadable" in content) {
      problems.push({ message: content.unreadable, location: { file: file || ".", line: 1 } });
      gaps.push(`${file || "the folder"} ${content.unreadable}`);
      continue;
    }
    for (const problem of content.problems) problems.push(problem);
    if (content.gap !== undefined) gaps.push(content.gap);
    for (const object of content.objects) {
      const first = objects.get(object.key);
      if (first === undefined) objects.set(object.key, object);
      else doubles.set(object.key, [...(doubles.get(object.key) ?? [first]), object]);
      const { namespace } = object.parsed;
      if (namespace !== undefined) namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + 1);
    }
  }
  if (namespaces.size > 1) gaps.push(`objects of ${namespaces.size} namespaces are mixed`);
  const realm = mostFrequent(namespaces) ?? "default";
  const strays = namespaces.size > 1 ? strayProblems(objects.values(), realm) : [];
  const faulty = [...doubleProblems(doubles), ...strays];
  return {
    realm,
    ...(await validObjects(objects, faulty, slices)),
    problems: [...problems, ...faulty].sort(byPlace),
    gap: gaps.sort()[0],
  };
}

async function validObjects(
  objects: ReadonlyMap<string, PlacedObject>,
  faulty: readonly Problem[],
  slices: Slices,
): Promise<Pick<Assembled, "resources" | "answers" | "invalid">> {
  const resources: Resource[] = [];
  const answers: TaskAnswer[] = [];
  const invalid = new Map(faulty.map(({ kind, name, message }) => [`${kind}/${name}`, message]));
  for (const [key, { parsed, resource }] of objects) {
    if (slices.over()) await slices.rest();
    if (parsed.answer && !invalid.has(key)) answers.push(parsed.answer);
    // Nothing depends on what is said of a task: what is wrong with it is told, and that is all.
    if (parsed.kind && !isManifestKind(parsed.kind)) invalid.delete(key);
    else if (invalid.has(key)) continue;
    else if (resource) resources.push(resource);
    else {
      const [first] = parsed.problems.filter(({ severity }) => severity !== "Warning");
      invalid.set(key, first === undefined ? "is not valid" : `${first.field} ${first.message}`);
    }
  }
  return { resources, answers, invalid };
}

/** Which of the two is meant, nobody can say: neither counts. */
function doubleProblems(doubles: ReadonlyMap<string, readonly PlacedObject[]>): Problem[] {
  return [...doubles.values()].flatMap((group) =>
    group.map(({ parsed, location }) => {
      const other = group.find((object) => object.location !== location)!.location;
      return problemOf(
        parsed,
        location,
        "metadata.name",
        `is declared twice, also at ${other.file}:${other.line}: keep one`,
      );
    }),
  );
}

function strayProblems(objects: Iterable<PlacedObject>, realm: string): Problem[] {
  return [...objects]
    .filter(({ parsed }) => parsed.namespace !== undefined && parsed.namespace !== realm)
    .map(({ parsed, location }) =>
      problemOf(
        parsed,
        location,
        "metadata.namespace",
        `must be ${realm}, as elsewhere in this folder: one folder is one organisation`,
      ),
    );
}

function problemOf(
  { kind, name }: PlacedObject["parsed"],
  location: Location,
  field: string,
  message: string,
): Problem {
  return { ...(kind && { kind }), ...(name && { name }), location, field, message };
}

function mostFrequent(counts: ReadonlyMap<string, number>): string | undefined {
  return [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))[0]?.[0];
}

/** By file, then by line: the order in which a person goes through them. */
export function byPlace(a: Problem, b: Problem): number {
  const [at, other] = [a.location, b.location];
  if (at === undefined || other === undefined) return Number(other === undefined) - Number(at === undefined);
  if (at.file !== other.file) return at.file < other.file ? -1 : 1;
  return at.line - other.line;
}
