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
import { parseDocuments } from "./documents.ts";

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
