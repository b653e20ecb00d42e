import { pathOf } from "../../core/kinds/field.ts";
import type { ManifestParser, Parsed } from "../../core/kinds/parse.ts";
import type { Location, Problem, Resource } from "../../core/kinds/resource.ts";
import { canonicalJson, sha256 } from "../../core/model/hash.ts";
import type { Slices } from "../slices.ts";
import { type Chunk, chunksOf, parseChunk } from "./documents.ts";
import { type LineFinder, lineFinder } from "./locate.ts";
import { type Found, objectsIn } from "./objects.ts";

/** What a file, or a chunk of one, holds. */
interface Content {
  readonly objects: readonly FoundObject[];
  readonly problems: readonly LocatedProblem[];
  /** Why an object that was here before may still be here: something could not be read, or does not say what it is. */
  readonly gap: Gap | undefined;
}

interface FoundObject {
  readonly parsed: Parsed;
  readonly line: number;
}

type LocatedProblem = Problem & { readonly line: number };

interface Gap {
  readonly line: number;
  readonly reason: string;
}

/** An object in its file, ready to be put together with those of other files. */
export interface PlacedObject {
  /** `Kind/name` */
  readonly key: string;
  readonly parsed: Parsed;
  /** Undefined where the object is not valid. */
  readonly resource: Resource | undefined;
  readonly location: Location;
}

export interface FileContent {
  readonly digest: string;
  /** Those that say which object they are. */
  readonly objects: readonly PlacedObject[];
  readonly problems: readonly Problem[];
  /** Why an object that was in this file before may still be there. */
  readonly gap: string | undefined;
  /** By digest, lines counted from the chunk's first: a chunk that only moved is not parsed again. */
  readonly chunks: ReadonlyMap<string, Content>;
}

/** Parses a file's text; chunks that `before` had are not parsed again. */
export async function parseFile(
  file: string,
  text: string,
  parser: ManifestParser,
  before: FileContent | undefined,
  slices: Slices,
): Promise<FileContent> {
  const chunks = new Map<string, Content>();
  const moved: Content[] = [];
  for (const chunk of chunksOf(text.replace(/^\uFEFF/, ""))) {
    if (slices.over()) await slices.rest();
    const content = before?.chunks.get(chunk.digest) ?? parseContent(chunk, parser);
    chunks.set(chunk.digest, content);
    moved.push(chunk.line === 1 ? content : shifted(content, chunk.line - 1));
  }
  const gap = moved.find((content) => content.gap)?.gap;
  return {
    digest: sha256(text),
    objects: moved.flatMap(({ objects }) => objects.flatMap((found) => placed(file, found))),
    problems: moved.flatMap(({ problems }) =>
      problems.map(({ line, ...problem }) => ({ ...problem, location: { file, line } })),
    ),
    gap: gap && `${file}:${gap.line} ${gap.reason}`,
    chunks,
  };
}

function placed(file: string, { parsed, line }: FoundObject): PlacedObject[] {
  const { kind, name, resource } = parsed;
  if (kind === undefined || name === undefined) return [];
  const location = { file, line };
  return [{ key: `${kind}/${name}`, parsed, resource: resource && { ...resource, location }, location }];
}

function shifted({ objects, problems, gap }: Content, by: number): Content {
  const down = <T extends { line: number }>(at: T) => ({ ...at, line: at.line + by });
  return { objects: objects.map(down), problems: problems.map(down), gap: gap && down(gap) };
}

function parseContent(chunk: Chunk, parser: ManifestParser): Content {
  const read = parseChunk(chunk.text);
  if ("message" in read) {
    const message = `cannot be read as YAML: ${read.message}`;
    return {
      objects: [],
      problems: [{ message, line: read.line }],
      gap: { reason: message, line: read.line },
    };
  }
  const all = read.values.flatMap((value, document) =>
    objectsIn(value).map((found) => ({ ...found, document })),
  );
  const ours = all.filter(({ value }) => parser.isManifest(value));
  let finder: LineFinder | undefined;
  const contents = ours.map((found) => {
    const parsed = parser.parse(
      found.value,
      all.length === 1 ? chunk.digest : sha256(canonicalJson(found.value)),
    );
    if (parsed.problems.length > 0) finder ??= lineFinder(chunk.text);
    return contentOf(found, parsed, (path) => finder?.lineOf(found.document, path) ?? read.line);
  });
  return {
    objects: contents.map(({ object }) => object),
    problems: contents.flatMap(({ problems }) => problems),
    gap: contents.find(({ gap }) => gap)?.gap,
  };
}

function contentOf(found: Found, parsed: Parsed, lineOf: (path: Found["path"]) => number) {
  const line = lineOf(found.path);
  const problems = parsed.problems.map((problem) => ({
    ...problem,
    line: lineOf([...found.path, ...pathOf(problem.field ?? "")]),
  }));
  const [first] = problems;
  const named = parsed.kind !== undefined && parsed.name !== undefined;
  const gap = named
    ? undefined
    : { line, reason: `does not say which object it is: ${first?.field} ${first?.message}` };
  return { object: { parsed, line }, problems, gap };
}
