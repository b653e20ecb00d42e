/**
 * Reads the plain part of YAML that nearly all manifests are written in, ten times as fast as a full parser: block maps and lists,
 * one-line scalars, one-line flow collections. Anything else, or anything in doubt, gives `undefined`, and the full parser decides.
 * What this gives, the full parser gives too; a test compares the two.
 */
export function parsePlain(text: string): { readonly value: unknown } | undefined {
  // Tabs, carriage returns and other control characters have rules of their own.
  if (/[^\n\x20-\x7E\xA0-\uD7FF\uE000-\uFEFE]/.test(text)) return undefined;
  const lines = contentLines(text);
  const [first] = lines;
  if (first === undefined) return undefined;
  try {
    const reader = new BlockReader(lines);
    const value = reader.block(first.indent);
    return reader.done ? { value } : undefined;
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

/** Thrown to give up. */
const notPlain = new Error("not plain YAML");

interface Line {
  readonly indent: number;
  readonly text: string;
}

const key = /^([A-Za-z][A-Za-z0-9_./-]*):(?: +|$)/;
/** In a block, a colon inside a word is part of it. */
const blockScalar = /^[\p{L}0-9](?:[\p{L}\p{M}0-9 _.@+\-/()'=,;]|:(?=[^ ]))*$/u;
const flowToken =
  / *(?:([[\]{},])|"([^"\\]*)"|'([^']*)'|([\p{L}0-9][\p{L}\p{M}0-9 _.@+\-/()'=;]*))(:(?= |$))? */uy;

function contentLines(text: string): Line[] {
  const lines: Line[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trimEnd();
    const content = line.trimStart();
    if (content === "" || content.startsWith("#") || (index === 0 && line === "---")) continue;
    lines.push({ indent: line.length - content.length, text: content });
  }
  return lines;
}

class BlockReader {
  readonly #lines: Line[];
  #at = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  get done(): boolean {
    return this.#at === this.#lines.length;
  }

  block(indent: number): unknown {
    return isItem(this.#lines[this.#at]!) ? this.#list(indent) : this.#map(indent);
  }

  #map(indent: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let line = this.#next(indent); line && !isItem(line); line = this.#next(indent)) {
      const [head, name] = key.exec(line.text) ?? [];
      if (head === undefined || name === undefined || Object.hasOwn(map, name) || isWord(name))
        throw notPlain;
      this.#at++;
      map[name] = this.#value(line.text.slice(head.length), indent);
    }
    return map;
  }

  #list(indent: number): unknown[] {
    const list: unknown[] = [];
    for (let line = this.#next(indent); line && isItem(line); line = this.#next(indent)) {
      const text = line.text.slice(2);
      if (key.test(text)) {
        // The entry's own map begins on this line: `- value: x`.
        this.#lines[this.#at] = { indent: indent + 2, text };
        list.push(this.#map(indent + 2));
      } else {
        this.#at++;
        list.push(inline(text));
        this.#refuseDeeper(indent);
      }
    }
    return list;
  }

  /** What follows a key: on its line, or as a block below. A list may begin at the key's own column. */
  #value(text: string, indent: number): unknown {
    if (text !== "") {
      this.#refuseDeeper(indent);
      return inline(text);
    }
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent) return null;
    if (next.indent > indent) return this.block(next.indent);
    return isItem(next) ? this.#list(indent) : null;
  }

  /** The line at this indentation that comes next, if the block goes on. */
  #next(indent: number): Line | undefined {
    const line = this.#lines[this.#at];
    if (line === undefined || line.indent < indent) return undefined;
    if (line.indent > indent) throw notPlain;
    return line;
  }

  /** A scalar may go on in a deeper line. */
  #refuseDeeper(indent: number): void {
    if ((this.#lines[this.#at]?.indent ?? 0) > indent) throw notPlain;
  }
}

function isItem(line: Line): boolean {
  return line.text.startsWith("- ");
}

function inline(text: string): unknown {
  const [first] = text;
  if (first === "{" || first === "[") return new FlowReader(text).whole();
  if (first === '"' && /^"[^"\\]*"$/.test(text)) return text.slice(1, -1);
  if (first === "'" && /^'[^']*'$/.test(text)) return text.slice(1, -1);
  if (!blockScalar.test(text)) throw notPlain;
  return scalar(text);
}

/** The core schema's types (YAML 1.2 §10.3), as far as they are not in doubt. */
function scalar(text: string): unknown {
  if (/^[0-9]/.test(text)) {
    if (/^[1-9][0-9]{0,14}$/.test(text) || text === "0") return Number(text);
    if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return text;
    throw notPlain;
  }
  if (text === "true" || text === "false") return text === "true";
  if (isWord(text)) throw notPlain;
  return text;
}

function isWord(text: string): boolean {
  return /^(?:true|false|null)$/i.test(text);
}

interface Token {
  readonly mark: string | undefined;
  readonly quoted: string | undefined;
  readonly plain: string | undefined;
  readonly colon: boolean;
}

/** One line of flow style: `{ name: alice }`, `[a, b]`. */
class FlowReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#value(this.#token());
    if (this.#at !== this.#text.length) throw notPlain;
    return value;
  }

  #token(): Token {
    flowToken.lastIndex = this.#at;
    const match = flowToken.exec(this.#text);
    if (match === null) throw notPlain;
    this.#at = flowToken.lastIndex;
    const [, mark, double, single, plain, colon] = match;
    // A collection as a key.
    if (mark !== undefined && colon !== undefined) throw notPlain;
    return { mark, quoted: double ?? single, plain: plain?.trimEnd(), colon: colon !== undefined };
  }

  #value(token: Token): unknown {
    if (token.colon) throw notPlain;
    if (token.mark === "[") return this.#list();
    if (token.mark === "{") return this.#map();
    if (token.mark !== undefined) throw notPlain;
    return token.quoted ?? scalar(token.plain!);
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    for (let token = this.#token(); token.mark !== "]"; ) {
      list.push(this.#value(token));
      const after = this.#token();
      if (after.colon || (after.mark !== "," && after.mark !== "]")) throw notPlain;
      token = after.mark === "," ? this.#token() : after;
    }
    return list;
  }

  #map(): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let token = this.#token(); token.mark !== "}"; ) {
      const name = token.plain;
      if (!token.colon || name === undefined || !key.test(`${name}:`) || isWord(name)) throw notPlain;
      if (Object.hasOwn(map, name)) throw notPlain;
      map[name] = this.#value(this.#token());
      const after = this.#token();
      if (after.colon || (after.mark !== "," && after.mark !== "}")) throw notPlain;
      token = after.mark === "," ? this.#token() : after;
    }
    return map;
  }
}
