import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { chunksOf, parseChunk } from "./documents.ts";

/** Texts that could pass for a document's end, or break a careless reader of lines. */
const awkward = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "---",
    "...",
    "a\n---\nb",
    "#",
    "x # y",
    "- z",
    "%d",
    "null",
    "1",
    "2024-01-01",
    "\t",
    "a: b",
  ),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: "small" }, awkward, fc.boolean(), fc.integer(), tie("list"), tie("map")),
  list: fc.array(tie("any"), { maxLength: 4 }),
  map: fc.dictionary(awkward, tie("any"), { maxKeys: 4 }),
})).map;

describe("cutting a file into documents", () => {
  test("gives the values that the YAML library finds in the whole", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.boolean(), (values, flow) => {
        const text = values
          .map((one) => stringify(one, flow ? { collectionStyle: "flow" } : {}))
          .join("---\n");
        expect(valuesOf(text)).toEqual(wholeOf(text));
      }),
    );
  });

  test.each([
    ["a marker with content", "--- {a: 1}\n--- {b: 2}\n"],
    ["an end marker", "a: 1\n...\n---\nb: 2\n...\n"],
    ["directives", "%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n"],
    ["a marker inside a block text is one all the same", "a: |\n  x\n---\nb: 2\n"],
    ["Windows line ends", "a: 1\r\n---\r\nb: 2\r\n"],
    ["comments between", "# one\na: 1\n# two\n---\n# three\n\n---\nb: 2\n"],
  ])("knows %s", (_, text) => {
    expect(valuesOf(text)).toEqual(wholeOf(text));
  });

  test("counts lines on", () => {
    const chunks = chunksOf("a: 1\n---\n\nb: 2\n---\n# nothing\n---\nc: 3");
    expect(chunks.map(({ line }) => line)).toEqual([1, 2, 7]);
  });
});

function valuesOf(text: string): unknown[] {
  return chunksOf(text).flatMap((chunk) => {
    const read = parseChunk(chunk.text);
    return "message" in read ? [read.message] : read.values.filter((one) => one !== null);
  });
}

function wholeOf(text: string): unknown[] {
  return [...parseAllDocuments(text, { stringKeys: true })]
    .map((one) => one.toJS())
    .filter((one) => one !== null);
}
