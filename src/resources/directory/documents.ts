import { type Document, LineCounter, type ParsedNode, parseAllDocuments } from "yaml";
import { sha256 } from "../../core/model/hash.ts";
import { parsePlain } from "./plain-yaml.ts";

/** A piece of a file that can be parsed by itself: one YAML document, as a rule. */
export interface Chunk {
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly digest: string;
}

/** `line` is counted from the chunk's first, from 1. */
export interface Malformed {
  readonly line: number;
  readonly message: string;
}

/**
 * Cuts a YAML text at its document markers. A line that begins with `---` is one wherever it stands (YAML 1.2 §9.1.2: it is
 * forbidden inside a document), unless directives (§6.8) come before it: such a text stays whole.
 */
export function chunksOf(text: string): Chunk[] {
  const marker = /^---(?=[ \t\r\n]|$)/gm;
  const starts = /^%/m.test(text) ? [] : Array.from(text.matchAll(marker), (match) => match.index);
  const bounds = [0, ...starts.filter((start) => start > 0), text.length];
  const chunks: Chunk[] = [];
  let line = 1;
  for (let index = 0; index + 1 < bounds.length; index++) {
    const piece = text.slice(bounds[index], bounds[index + 1]);
    if (hasContent(piece)) chunks.push({ text: piece, line, digest: sha256(piece) });
    line += countLines(piece);
  }
  return chunks;
}

/** The values of a chunk's documents; the first line of each document's content. */
export function parseChunk(text: string): { values: unknown[]; line: number } | Malformed {
  if (text.startsWith("{")) {
    try {
      return { values: [JSON.parse(text)], line: 1 };
    } catch {
      // It may still be YAML in flow style; if not, the YAML parser says where it breaks.
    }
  }
  try {
    const plain = parsePlain(text);
    if (plain) return { values: [plain.value], line: firstContentLine(text) };
    const documents = parseDocuments(text);
    for (const { errors, warnings } of documents) {
      const [problem] = [...errors, ...warnings];
      if (problem) return { line: problem.linePos?.[0].line ?? 1, message: firstLine(problem.message) };
    }
    return {
      values: documents.map((document) => document.toJS({ maxAliasCount: 100 })),
      line: firstContentLine(text),
    };
  } catch (error) {
    // Too many aliases, or nested too deeply.
    return { line: 1, message: firstLine(error instanceof Error ? error.message : String(error)) };
  }
}

/** The syntax trees of a chunk, with a counter to find lines by. */
export function parseDocuments(text: string, lineCounter = new LineCounter()): Document.Parsed<ParsedNode>[] {
  const parsed = parseAllDocuments(text, {
    lineCounter,
    logLevel: "error",
    stringKeys: true,
    schema: "core",
  });
  return Array.isArray(parsed) ? parsed : [];
}

function hasContent(piece: string): boolean {
  return /^(?!---\s*$|\.\.\.\s*$|\s*#|\s*$)/m.test(piece);
}

function firstContentLine(text: string): number {
  const start = /^(?!---\s*$|\s*#|\s*$)/m.exec(text)?.index ?? 0;
  return countLines(text.slice(0, start)) + 1;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0]!.replace(/ at line \d+, column \d+:?$/, "");
}
