import type { Values } from "../model/values.ts";
import { Clear } from "./context.ts";
import type { CelType } from "./syntax.ts";

/** Waits for the account in this target. */
export interface Pending {
  readonly pending: string;
}

/** What each kind of expression gives. */
export interface Results {
  readonly bool: boolean;
  readonly string: string | Pending;
  /** Null, written out, says that there is none. */
  readonly name: string | Pending | null;
  /** Null leaves the attribute alone, and so does an empty text or list, which no store can hold; a list is never empty. */
  readonly values: Values | Clear | Pending | null;
  readonly cell: Cell;
}

/** What stands in one column of an export: null and the empty list are nothing. */
export type Cell = string | number | boolean | readonly string[] | null;

export type ResultKind = keyof Results;

const wanted: Readonly<Record<ResultKind, string>> = {
  bool: "true or false",
  string: "a text",
  name: "a text, or null for none,",
  values: "a text, a number, a bool or a list of them",
  cell: "a text, a number, a bool or a list of them",
};
const scalars: ReadonlySet<string> = new Set(["string", "int", "uint", "double", "bool", "null"]);

/** Why the type cannot be what is wanted, or undefined where it can. */
export function expectedType(kind: ResultKind, type: CelType): string | undefined {
  if (fits(kind, type)) return undefined;
  const cure = type.kind === "optional" ? "; end it with .orValue(…)" : "";
  return `gives ${typeName(type)}, where ${wanted[kind]} is needed${cure}`;
}

function fits(kind: ResultKind, type: CelType): boolean {
  const plain = type.kind === "dyn" ? type.valueType : type;
  if (plain === undefined) return true; // decided when evaluating
  if (kind === "name") return plain.name === "string" || plain.name === "null";
  if (kind !== "values" && kind !== "cell") return plain.name === kind;
  if (plain.kind !== "list") return scalars.has(plain.name);
  const element = plain.valueType!;
  return element.kind === "param" || (element.kind !== "list" && fits(kind, element));
}

function typeName(type: CelType): string {
  const names: Readonly<Record<string, string>> = {
    string: "a text",
    bool: "true or false",
    int: "a number",
  };
  if (type.kind === "dyn" && type.valueType !== undefined) return typeName(type.valueType);
  return names[type.name] ?? type.name.replace(/dyn<([^<>]+)>/g, "$1");
}

/** Turns what CEL gave into what was wanted; throws an Error that says what is wrong with it. */
export function convert<K extends ResultKind>(kind: K, value: unknown): Results[K] {
  return converters[kind](value) as Results[K];
}

const converters: Readonly<Record<ResultKind, (value: unknown) => unknown>> = {
  bool: (value) => (typeof value === "boolean" ? value : fail("bool", value)),
  string: (value) => (typeof value === "string" && value !== "" ? checkLength(value) : fail("string", value)),
  name: (value) => (value === null ? null : converters.string(value)),
  values: (value) => {
    if (value instanceof Clear) return value;
    if (!Array.isArray(value)) return asList(toText(value));
    if (value.length > 1000) throw new Error("gives more than 1,000 values");
    const texts = new Set<string>();
    for (const entry of value) {
      const text = toText(entry);
      if (text !== null) texts.add(text);
    }
    return texts.size === 0 ? null : [...texts];
  },
  cell: (value) => {
    if (Array.isArray(value)) return value.map(toText).filter((text) => text !== null);
    if (typeof value === "string") return checkLength(value);
    // Beyond that a number of JSON would be another one.
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (typeof value === "number" && !Number.isFinite(value)) return fail("cell", value);
    return value === null || typeof value === "number" || typeof value === "boolean"
      ? value
      : fail("cell", value);
  },
};

const asList = (text: string | null) => (text === null ? null : [text]);

function toText(value: unknown): string | null {
  switch (typeof value) {
    case "string":
      return value === "" ? null : checkLength(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "number":
      return Number.isFinite(value) ? String(value) : fail("values", value);
    default:
      return value === null ? null : fail("values", value);
  }
}

function checkLength(text: string): string {
  if (text.length > 65_536) throw new Error("gives a text of more than 64 KiB");
  return text;
}

function fail(kind: ResultKind, value: unknown): never {
  const given = value === null ? "nothing" : value === "" ? "an empty text" : `a ${typeof value}`;
  throw new Error(`gives ${given}, where ${wanted[kind]} is needed`);
}
