import { FormatError, type Row, type Span, ValueError } from "../row.ts";
import { isInexact, parseExactly, textOf } from "./exact.ts";
import { isObject, type JsonObject, leavesAt, memberOf, setMember } from "./members.ts";
import { type JsonType, toJson, typeOf } from "./type.ts";

/** Where a column is: `name.family` leads into an object. */
export type Paths = (column: string) => readonly string[];

export function pathsOnce(): Paths {
  const known = new Map<string, readonly string[]>();
  return (column) => {
    let path = known.get(column);
    if (path === undefined) {
      path = column.split(".");
      known.set(column, path);
    }
    return path;
  };
}

export class JsonRow implements Row {
  readonly offset: number;
  readonly length: number;
  readonly ending: number;
  readonly line: number;
  readonly text: string;
  readonly #object: JsonObject;
  readonly #paths: Paths;

  /** Throws `FormatError` for what is no object; the parser's own words would show its content. */
  constructor(text: string, { offset, length, ending, line }: Span, paths: Paths) {
    this.offset = offset;
    this.length = length;
    this.ending = ending;
    this.line = line;
    this.text = text;
    this.#object = parseObject(text, line, JSON.parse);
    this.#paths = paths;
  }

  values(column: string): readonly string[] {
    const path = this.#paths(column);
    // Most are, and a scan asks for several of each row.
    const text = path.length === 1 ? memberOf(this.#object, path[0]!) : undefined;
    if (typeof text === "string") return text === "" ? [] : [text];
    const leaves = leavesAt(this.#object, path);
    const values = leaves.some(isInexact)
      ? leavesAt(parseObject(this.text, this.line, parseExactly), path)
      : leaves;
    return values.map(textOf).filter((text) => text !== undefined);
  }
}

function parseObject(text: string, line: number, parse: (text: string) => unknown): JsonObject {
  try {
    const value = parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  throw new FormatError(`line ${line}: it is no JSON object; repair that line`);
}

/** The object's text with other values; members that are not named stay. */
export function editJsonRow(
  row: Row | undefined,
  values: ReadonlyMap<string, readonly string[]>,
  types: ReadonlyMap<string, JsonType>,
): string {
  const object = row === undefined ? {} : parseObject(row.text, row.line, parseExactly);
  for (const [column, texts] of values) setValues(object, column, texts, types.get(column));
  return JSON.stringify(object);
}

function setValues(
  object: JsonObject,
  column: string,
  texts: readonly string[],
  wanted: JsonType | undefined,
): void {
  const path = column.split(".");
  const name = path.at(-1)!;
  const parent = parentOf(object, column, path.slice(0, -1), texts.length > 0);
  if (parent === undefined) return;
  const before = memberOf(parent, name);
  if (isObject(before)) throw new ValueError(column, "is an object; map what is in it");
  if (!texts.every((text) => text.isWellFormed()))
    throw new ValueError(column, "has half a character; take it out");
  if (texts.some((text) => text.includes("\0"))) throw new ValueError(column, "has a NUL; take it out");
  const json = toJson(texts, typeFor(texts, wanted, typeOf(before)));
  if (json === undefined)
    throw new ValueError(column, `does not fit as ${wanted}; correct the value, or its type`);
  setMember(parent, name, json.value);
}

/** What was said, or what is there if that holds the values too, or what does. */
function typeFor(
  texts: readonly string[],
  wanted: JsonType | undefined,
  there: JsonType | undefined,
): JsonType {
  if (wanted !== undefined) return wanted;
  if (there !== undefined && toJson(texts, there) !== undefined) return there;
  return texts.length > 1 || there === "Numbers" ? "Strings" : "String";
}

/** The object that a path leads to, made where there is none yet and `make` says so. */
function parentOf(
  object: JsonObject,
  column: string,
  path: readonly string[],
  make: boolean,
): JsonObject | undefined {
  let parent = object;
  for (const name of path) {
    const next = memberOf(parent, name) ?? undefined;
    if (next === undefined && !make) return undefined;
    if (next === undefined) setMember(parent, name, {});
    else if (!isObject(next))
      throw new ValueError(column, "lies in a list or a value, not in an object; unmap it");
    parent = memberOf(parent, name) as JsonObject;
  }
  return parent;
}
