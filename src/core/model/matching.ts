import { foldText, normaliseName } from "./distinguished-name.ts";
import { startOf } from "./moment.ts";
import type { AttributeSchema, Matching, Values } from "./values.ts";

const plainAscii = /^[a-z0-9!-@[-`{-~]+$/;

/** The one form of a value under a matching rule: two values match when their forms are the same text. Never throws. */
export function normalise(matching: Matching, value: string): string {
  switch (matching) {
    case "caseExact":
      return value;
    case "caseIgnore":
      return plainAscii.test(value) ? value : foldText(value);
    case "distinguishedName":
      return normaliseName(value);
    case "integer":
      return normaliseInteger(value);
    case "boolean":
      return normaliseBoolean(value);
    case "telephone":
      // RFC 4517 §4.2.29. Folded first, which may bring spaces forth, and again, since what they kept apart may now combine.
      return foldText(foldText(value).replace(/[\s-]+/g, ""));
    case "time":
      return normaliseTime(value);
    case "binary":
      return value.replace(/\s+/g, "");
  }
}

/** What is no time is itself. */
function normaliseTime(value: string): string {
  const start = startOf(value);
  if (start === undefined) return value;
  const fraction = /\.\d*[1-9]/.exec(value)?.[0] ?? "";
  return `${new Date(start).toISOString().slice(0, 19)}${fraction}Z`;
}

function normaliseInteger(value: string): string {
  const [, sign, digits] = /^\s*([+-]?)0*([0-9]+)\s*$/.exec(value) ?? [];
  if (digits === undefined) return value.trim();
  return sign === "-" && digits !== "0" ? `-${digits}` : digits;
}

function normaliseBoolean(value: string): string {
  const folded = value.trim().toLowerCase();
  if (folded === "t" || folded === "1") return "true";
  if (folded === "f" || folded === "0") return "false";
  return folded;
}

/** The forms of values, each once. */
export function normalisedSet(matching: Matching, values: Values): ReadonlySet<string> {
  return new Set(values.map((value) => normalise(matching, value)));
}

/** The forms of values, each once, with those of what they imply. */
export function impliedSet(
  { matching, implies }: Pick<AttributeSchema, "matching" | "implies">,
  values: Values,
): ReadonlySet<string> {
  const forms = normalisedSet(matching, values);
  if (implies === undefined) return forms;
  return new Set([...forms].flatMap((form) => [form, ...(implies.get(form) ?? [])]));
}

/** Whether a store holding `a` needs no change to hold `b`. Order and repetition do not matter. */
export function sameValues(
  attribute: Pick<AttributeSchema, "matching" | "implies">,
  a: Values,
  b: Values,
): boolean {
  if (identical(a, b)) return true;
  if (a.length === 0 || b.length === 0) return false; // identical() has seen the empty pair
  if (a.length === 1 && b.length === 1 && attribute.implies === undefined) {
    return normalise(attribute.matching, a[0]!) === normalise(attribute.matching, b[0]!);
  }
  const left = impliedSet(attribute, a);
  const right = impliedSet(attribute, b);
  return left.size === right.size && left.isSubsetOf(right);
}

function identical(a: Values, b: Values): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
