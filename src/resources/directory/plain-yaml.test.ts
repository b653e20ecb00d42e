import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parsePlain } from "./plain-yaml.ts";

const piece = fc.constantFrom(
  ...[
    "a",
    "b",
    "name",
    "é",
    "x y",
    "1",
    "0",
    "007",
    "1e3",
    "2024-01-01",
    "true",
    "Null",
    "~",
    "'",
    '"',
    "''",
    '"q"',
  ],
  ...[
    ":",
    ": ",
    " :",
    "- ",
    "-",
    "#",
    " #",
    ",",
    "[",
    "]",
    "{",
    "}",
    "{ a: b }",
    "[a, b]",
    "&x ",
    "*x",
    "!",
    "|",
    ">",
  ],
  ...["? ", "%", "@", "`", "---", "...", "\\", "https://example.org", "a@example.org", "\t", "<<"],
);
const line = fc
  .tuple(
    fc.nat({ max: 4 }),
    fc.constantFrom("", "- ", "a: ", "b:", "- a: ", "c: "),
    fc.array(piece, { maxLength: 3 }),
  )
  .map(([indent, head, rest]) => `${" ".repeat(indent)}${head}${rest.join("")}`);
const lines = fc.array(line, { maxLength: 6 }).map((all) => all.join("\n"));

describe("plain YAML", () => {
  test("is read as the YAML library reads it, or left to it", () => {
    fc.assert(
      fc.property(fc.oneof(lines, line), (text) => {
        const plain = parsePlain(text);
        if (plain !== undefined) expect([text, plain.value]).toEqual([text, full(text)]);
      }),
      { numRuns: 20_000 },
    );
  });

  test("is what people write", () => {
    const text = `---
# Somebody
apiVersion: rollcall.dev/v1alpha1
kind: Identity
metadata:
  name: alice   # left to the library, so not here
spec: {}
`.replace(/ {3}#.*/, "");
    expect(parsePlain(text)).toEqual({
      value: { apiVersion: "rollcall.dev/v1alpha1", kind: "Identity", metadata: { name: "alice" }, spec: {} },
    });
    const spec = `userName: alice
name: { givenName: Alice, familyName: "O'Neil" }
emails:
- value: alice@example.org
  primary: true
- { value: 'a@b.c' }
links:
  - target: directory
    anchor: 0
tags: [a, b c, 2024-01-01]
nothing:
start: 2024-01-01
issuer: https://id.example.org
`;
    expect(parsePlain(spec)).toEqual({ value: full(spec) });
  });

  test.each([
    ["a text in several lines", "a: b\n  c\n"],
    ["a block text", "a: |\n  b\n"],
    ["an anchor", "a: &x b\n"],
    ["a comment behind a value", "a: b # c\n"],
    ["a key given twice", "a: b\na: c\n"],
    ["a collection as a key", "- {}: "],
    ["an escape", 'a: "\\n"\n'],
    ["a tab", "a:\tb\n"],
    ["nothing", "# nothing\n"],
  ])("is not %s", (_, text) => {
    expect(parsePlain(text)).toBeUndefined();
  });
});

/** What the library makes of it; a problem where it has one. */
function full(text: string): unknown {
  const documents = [...parseAllDocuments(text, { stringKeys: true, schema: "core", logLevel: "error" })];
  const problem = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])[0];
  return problem === undefined && documents.length === 1 ? documents[0]!.toJS() : problem;
}
