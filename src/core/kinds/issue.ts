import type { z } from "zod";
import { didYouMean } from "./nearest.ts";
import type { JsonSchema } from "./schema.ts";

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/**
 * What zod found, as a verb phrase that says what was expected and what to do. Values are never repeated: one of them may be a secret
 * written in the wrong place. (An enum's are: they are short words.)
 */
export function explainIssue(issue: RawIssue, schema: JsonSchema | undefined): string {
  const { input } = issue;
  switch (issue.code) {
    case "invalid_type":
      return `${input === undefined ? "is required:" : "must be"} ${expectedType(issue.expected, schema)}${got(input, issue.expected)}`;
    case "invalid_value": {
      const options = issue.values.map(String);
      const hint = typeof input === "string" ? didYouMean(input, options) : "";
      return `${input === undefined ? "is required:" : "must be"} one of ${options.join(", ")}${hint}`;
    }
    case "too_small":
      return bound(issue.inclusive === false ? "more than" : "at least", issue.minimum, issue.origin);
    case "too_big":
      return bound(issue.inclusive === false ? "less than" : "at most", issue.maximum, issue.origin);
    case "invalid_format":
      return `must match the pattern ${issue.pattern ?? issue.format}`;
    case "invalid_key":
      return "has a key that is empty or too long";
    default:
      return issue.message ?? "is not valid";
  }
}

function expectedType(expected: string, schema: JsonSchema | undefined): string {
  if (schema?.properties?.secretKeyRef && schema.properties.env) {
    return "a reference to a credential, such as { env: LDAP_PASSWORD } or { file: secrets/ldap }, never the value itself";
  }
  const members = schema?.required ?? Object.keys(schema?.properties ?? {}).slice(0, 3);
  if (expected === "object" && members.length > 0) return `an object with ${members.join(", ")}`;
  const names: Record<string, string> = {
    array: "a list",
    string: "a text",
    int: "a whole number",
    record: "an object",
    boolean: "true or false",
  };
  return names[expected] ?? `${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`;
}

function got(input: unknown, expected: string): string {
  if (input === undefined) return "";
  const type = Array.isArray(input)
    ? "a list"
    : input === null
      ? "nothing"
      : `a ${typeof input}`.replace("a o", "an o");
  const quotes = expected === "string" && typeof input !== "object" ? ": put it in quotes" : "";
  return `, got ${type}${quotes}`;
}

function bound(word: string, limit: number | bigint, origin: string): string {
  if (origin === "string") return `must have ${word} ${limit} characters`;
  if (origin === "array") return `must have ${word} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  return `must be ${word} ${limit}`;
}
