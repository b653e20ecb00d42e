import type { Location, Problem, Resource } from "../../core/kinds/resource.ts";
import type { FileContent, FoundObject } from "./file.ts";
import type { Unreadable } from "./files.ts";

/** By path relative to the folder. */
export type Files = ReadonlyMap<string, FileContent | Unreadable>;

/** What all files hold together. */
export interface Assembled {
  readonly realm: string;
  readonly resources: readonly Resource[];
  /** Objects that are there and not valid, as `Kind/name`, with what is wrong. */
  readonly invalid: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  /** Why objects that are not here may still be there. */
  readonly gap: string | undefined;
}

interface Placed extends FoundObject {
  readonly location: Location;
}

export function assemble(files: Files): Assembled {
  const problems: Problem[] = [];
  const gaps: string[] = [];
  const objects = new Map<string, Placed>();
  const doubles = new Map<string, Placed[]>();
  const namespaces = new Map<string, number>();
  for (const [file, content] of files) {
    if ("unreadable" in content) {
      problems.push({ message: content.unreadable, location: { file, line: 1 } });
      gaps.push(`${file} ${content.unreadable}`);
      continue;
    }
    for (const { line, ...problem } of content.problems)
      problems.push({ ...problem, location: { file, line } });
    if (content.gap) gaps.push(`${file}:${content.gap.line} ${content.gap.reason}`);
    for (const found of content.objects) {
      const { kind, name, namespace } = found.parsed;
      if (kind === undefined || name === undefined) continue;
      if (namespace !== undefined) namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + 1);
      const key = `${kind}/${name}`;
      const placed = { ...found, location: { file, line: found.line } };
      const first = objects.get(key);
      if (first === undefined) objects.set(key, placed);
      else doubles.set(key, [...(doubles.get(key) ?? [first]), placed]);
    }
  }
  const realm = mostFrequent(namespaces) ?? "default";
  const faulty = [...doubleProblems(doubles), ...strayProblems(objects.values(), realm)];
  if (namespaces.size > 1) gaps.push(`objects of ${namespaces.size} namespaces are mixed`);
  const valid = validObjects(objects, faulty);
  return { realm, ...valid, problems: [...problems, ...faulty].sort(byPlace), gap: gaps.sort()[0] };
}

function validObjects(objects: ReadonlyMap<string, Placed>, faulty: readonly Problem[]) {
  const resources: Resource[] = [];
  const invalid = new Map(faulty.map(({ kind, name, message }) => [`${kind}/${name}`, message]));
  for (const [key, { parsed, location }] of objects) {
    if (invalid.has(key)) continue;
    if (parsed.resource) resources.push({ ...parsed.resource, location });
    else {
      const [first] = parsed.problems.filter(({ severity }) => severity !== "Warning");
      invalid.set(key, first === undefined ? "is not valid" : `${first.field} ${first.message}`);
    }
  }
  return { resources, invalid };
}

/** Which of the two is meant, nobody can say: neither counts. */
function doubleProblems(doubles: ReadonlyMap<string, readonly Placed[]>): Problem[] {
  return [...doubles.values()].flatMap((group) =>
    group.map(({ parsed, location }) => {
      const other = group.find((placed) => placed.location !== location)!.location;
      return problemOf(
        parsed,
        location,
        "metadata.name",
        `is declared twice, also at ${other.file}:${other.line}: keep one`,
      );
    }),
  );
}

function strayProblems(objects: Iterable<Placed>, realm: string): Problem[] {
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
  { kind, name }: Placed["parsed"],
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
