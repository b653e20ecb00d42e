import { exactNumber, isExactNumber } from "./exact.ts";

/** How a column's values are written. */
export const jsonTypes = ["String", "Number", "Boolean", "Strings", "Numbers"] as const;
export type JsonType = (typeof jsonTypes)[number];

/** A number of JSON (RFC 8259 §6). */
const number = /^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$/;

/** The type that a value which is there has; undefined where it has none that can be kept. */
export function typeOf(value: unknown): JsonType | undefined {
  if (Array.isArray(value)) return value.length > 0 && value.every(isNumber) ? "Numbers" : "Strings";
  if (typeof value === "boolean") return "Boolean";
  if (typeof value === "string") return "String";
  return isNumber(value) ? "Number" : undefined;
}

/** The JSON value for these texts; undefined for a text that is none of the type. No text is no member, and an empty list in a list. */
export function toJson(values: readonly string[], type: JsonType): { readonly value: unknown } | undefined {
  if (type === "Strings") return { value: values };
  if (type === "Numbers")
    return values.every((text) => number.test(text)) ? { value: values.map(exactNumber) } : undefined;
  const [text, ...more] = values;
  if (text === undefined) return { value: undefined };
  if (more.length > 0) return undefined;
  switch (type) {
    case "String":
      return { value: text };
    case "Number":
      return number.test(text) ? { value: exactNumber(text) } : undefined;
    case "Boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : undefined;
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || isExactNumber(value);
}
