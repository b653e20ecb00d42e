import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  LineCounter,
  type Node,
  type ParsedNode,
} from "yaml";
import { chunksOf, parseChunk, parseDocuments } from "./documents.ts";
import { objectsIn } from "./objects.ts";

/** Finds the lines of fields in a chunk that was parsed before. Slower than parsing: for problems only. */
export interface LineFinder {
  /** The line, from the chunk's first, of a field of the document of this index; of its nearest ancestor where it is missing. */
  lineOf(document: number, path: readonly (string | number)[]): number;
}

export function lineFinder(text: string): LineFinder {
  const counter = new LineCounter();
  const documents = parseDocuments(text, counter);
  return {
    lineOf(document, path) {
      const offset = offsetOf(documents[document], path);
      return offset === undefined ? 1 : counter.linePos(offset).line;
    },
  };
}

export interface ObjectFinder {
  /** The line of a field of an object, or undefined when the object is not there. */
  lineOf(kind: string, name: string, path: readonly (string | number)[]): number | undefined;
}

/** Finds objects in a whole file by kind and name. */
export function objectFinder(text: string): ObjectFinder {
  const places = new Map<string, (path: readonly (string | number)[]) => number>();
  for (const chunk of chunksOf(text)) {
    const read = parseChunk(chunk.text);
    if ("message" in read) continue;
    let finder: LineFinder | undefined;
    for (const [document, value] of read.values.entries()) {
      for (const found of objectsIn(value)) {
        places.set(nameOf(found.value), (path) => {
          finder ??= lineFinder(chunk.text);
          return chunk.line + finder.lineOf(document, [...found.path, ...path]) - 1;
        });
      }
    }
  }
  return { lineOf: (kind, name, path) => places.get(`${kind}/${name}`)?.(path) };
}

function nameOf(object: unknown): string {
  const { kind, metadata } = (object ?? {}) as { kind?: unknown; metadata?: { name?: unknown } };
  return `${String(kind)}/${String(metadata?.name)}`;
}

function offsetOf(document: Document.Parsed<ParsedNode> | undefined, path: readonly (string | number)[]) {
  let node: unknown = document?.contents;
  let offset = startOf(node);
  for (const step of path) {
    if (!isCollection(node)) break;
    const pair = isMap(node) ? node.items.find(({ key }) => String(key) === step) : undefined;
    const next = pair?.value ?? node.get(step, true);
    const start = startOf(pair?.key) ?? startOf(next);
    if (start === undefined) break;
    [node, offset] = [next, start];
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (isPair(node)) return startOf(node.key);
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
