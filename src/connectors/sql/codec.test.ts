import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Codec, integerCodec, numberCodec, textCodec, timestampCodec } from "./codec.ts";
import type { Row } from "./database.ts";
import { decodeCopy, encodeCopy } from "./postgres/copy.ts";
import { arrayLiteral, parseArray, postgresCodec } from "./postgres/dialect.ts";
import { sqliteCodec } from "./sqlite/dialect.ts";

const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));

describe("values", () => {
  it("keep every well-formed text, the empty one too", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(textCodec.decode(textCodec.encode(value))).toBe(value);
      }),
    );
  });

  it.each([
    ["1.50", "1.5"],
    ["2.00", "2"],
    ["-0.10", "-0.1"],
    ["100", "100"],
    ["1e+20", "100000000000000000000"],
    ["1.5e-07", "0.00000015"],
    ["12.5e1", "125"],
  ])("the number %s is read as %s", (stored, expected) => {
    expect(numberCodec.decode(stored)).toBe(expected);
  });

  it.each([
    ["2026-03-31 17:00:00+00", "2026-03-31T17:00:00Z"],
    ["2026-03-31 17:00:00.500", "2026-03-31T17:00:00.5Z"],
    ["2026-03-31T17:00:00Z", "2026-03-31T17:00:00Z"],
    ["infinity", "infinity"],
  ])("the instant %s is read as %s", (stored, expected) => {
    expect(timestampCodec.decode(stored)).toBe(expected);
  });

  it.each<[string, Codec, string]>([
    ["a NUL", textCodec, "a\0b"],
    ["half a surrogate pair", textCodec, "\ud800"],
    ["a word for an integer", integerCodec(32), "one"],
    ["an integer that is too large", integerCodec(16), "32768"],
    ["a word for a number", numberCodec, "1,5"],
    ["a word for a boolean", postgresCodec("bool", false), "yes"],
    ["a word for an instant", timestampCodec, "tomorrow"],
    ["text for binary", postgresCodec("bytea", false), "not base64!"],
  ])("refuse %s before anything is sent", (_, codec, value) => {
    expect(() => codec.encode(value)).toThrow("must");
  });

  it("are compared by their type", () => {
    const types = ["text", "citext", "int4", "bool", "bytea", "_text", "uuid"];
    expect(types.map((type) => postgresCodec(type, false).matching)).toEqual([
      "caseExact",
      "caseIgnore",
      "integer",
      "boolean",
      "binary",
      "caseExact",
      "caseIgnore",
    ]);
    expect(["TEXT", "BOOLEAN", "BIGINT", "BLOB", ""].map((type) => sqliteCodec(type, true).matching)).toEqual(
      ["caseIgnore", "boolean", "integer", "binary", "caseIgnore"],
    );
  });
});

describe("PostgreSQL's texts", () => {
  it("array literals give back their elements", () => {
    fc.assert(
      fc.property(fc.array(text), (values) => {
        expect(parseArray(arrayLiteral(values))).toEqual(values);
      }),
    );
    expect(parseArray('{a,NULL,"b c","",NULLY}')).toEqual(["a", "b c", "", "NULLY"]);
  });

  it("COPY's rows are the same however the wire cuts them", async () => {
    const source = Buffer.from("1\tstraße\\tä\\\\n\n2\t\\N\n3\t\n");
    const expected: Row[] = [
      ["1", "straße\tä\\n"],
      ["2", null],
      ["3", ""],
    ];
    for (let cut = 0; cut <= source.length; cut++) {
      const pages = decodeCopy(chunks(source.subarray(0, cut), source.subarray(cut)));
      expect((await Array.fromAsync(pages)).flat()).toEqual(expected);
    }
  });

  it("COPY is sent what it would send", async () => {
    const row = fc.array(fc.option(fc.string({ unit: "binary" })), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), async (rows) => {
        const pages = decodeCopy(chunks(Buffer.from(encodeCopy(rows))));
        expect((await Array.fromAsync(pages)).flat()).toEqual(rows);
      }),
    );
  });
});

async function* chunks(...parts: readonly Buffer[]): AsyncIterable<Buffer> {
  yield* parts;
}
