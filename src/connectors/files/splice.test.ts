import fc from "fast-check";
import { expect, it } from "vitest";
import { type Edit, splice } from "./splice.ts";

/** Rows of a file: what stands there, what ends it, and what becomes of it. */
const rows = fc.array(
  fc.record({
    before: fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 9 }),
    ending: fc.constantFrom("\n", "\r\n"),
    after: fc.oneof(fc.constant("as it was" as const), fc.constant(undefined), fc.string({ maxLength: 9 })),
  }),
  { maxLength: 12 },
);

it("edits the rows that are named and nothing else, wherever the pieces end", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 20 }), async (all, size) => {
      const edits: Edit[] = [];
      let [text, wanted] = ["", ""];
      for (const { before, ending, after } of all) {
        const span = { offset: text.length, length: before.length, ending: ending.length, line: 1 };
        text += before + ending;
        if (after === "as it was") wanted += before + ending;
        else if (after !== undefined) wanted += after + ending;
        if (after !== "as it was") edits.push({ span, bytes: after === undefined ? after : latin1(after) });
      }
      const pieces: Uint8Array[] = [];
      for await (const piece of splice(cut(latin1(text), size), edits)) pieces.push(piece);
      expect(Buffer.concat(pieces)).toEqual(latin1(wanted));
    }),
  );
});

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
