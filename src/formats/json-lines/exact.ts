/** JSON in which numbers keep their digits (ECMA-262, JSON.parse source text access), which TypeScript's es2025 library does not know yet. */
const exact = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): { readonly rawJSON: string };
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

/** Parses a text so that `JSON.stringify` gives its numbers back digit by digit. Throws a `SyntaxError`. */
export function parseExactly(text: string): unknown {
  return exact.parse(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source
      ? exact.rawJSON(source)
      : value,
  );
}

/** A text for the JSON text of a number, which is written as it stands. */
export function exactNumber(digits: string): unknown {
  return exact.rawJSON(digits);
}

export function isExactNumber(value: unknown): boolean {
  return exact.isRawJSON(value);
}

/** Whether a number may have been written with digits that it does not show. */
export function isInexact(value: unknown): boolean {
  return typeof value === "number" && !Number.isSafeInteger(value);
}

/** A value as the model has it; undefined for null and for an empty text, which are none. */
export function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (typeof value === "string") return value;
  if (exact.isRawJSON(value)) return value.rawJSON;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
