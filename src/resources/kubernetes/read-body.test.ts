import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJsonLines, readText } from "./read-body.ts";

describe("lines of JSON", () => {
  test("are what was written, however the bytes are cut into pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.array(fc.integer({ min: 1, max: 9 })),
        async (values, cuts) => {
          const text = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
          expect(await all(readJsonLines(pieces(text, cuts), () => {}))).toEqual(
            values.map((value) => JSON.parse(JSON.stringify(value))),
          );
        },
      ),
    );
  });

  test("may be empty", async () => {
    expect(await all(readJsonLines(pieces(Buffer.from("\n1\n\n"), []), () => {}))).toEqual([1]);
  });

  test.each([
    ["a line that is cut off", '{"a":1}\n{"b":', "in the middle of a line"],
    ["a line that is no JSON", "<html>\n", "not valid JSON"],
    ["a line without end", `"${"x".repeat(17 * 2 ** 20)}`, "longer than"],
  ])("end with an error at %s", async (_, text, message) => {
    await expect(all(readJsonLines(pieces(Buffer.from(text), []), () => {}))).rejects.toThrow(message);
  });

  test("tell of whatever comes, also when it makes no line yet", async () => {
    let heard = 0;
    await all(readJsonLines(pieces(Buffer.from("123\n"), [1, 1, 1, 1]), () => heard++));
    expect(heard).toBe(4);
  });
});

test("a text is put together from pieces that cut characters apart", async () => {
  expect(await readText(pieces(Buffer.from("Zoë 🦊"), [1, 2, 1, 2, 1]))).toBe("Zoë 🦊");
});

async function* pieces(text: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const cut of cuts) {
    if (start >= text.length) return;
    yield text.subarray(start, start + cut);
    start += cut;
  }
  if (start < text.length) yield text.subarray(start);
}

async function all(lines: AsyncIterable<unknown>): Promise<unknown[]> {
  return Array.fromAsync(lines);
}
