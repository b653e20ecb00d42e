import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, type Row, type Sheet, ValueError } from "../row.ts";
import { jsonLinesFormat } from "./json-lines.ts";
import type { JsonType } from "./type.ts";

describe("a file of JSON Lines", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const files = fc.record({
    objects: fc.array(fc.dictionary(fc.string({ unit: "binary" }), value), { maxLength: 6 }),
    lineBreak: fc.constantFrom("\n", "\r\n"),
    mark: fc.constantFrom("", "\uFEFF"),
    size: fc.integer({ min: 1, max: 40 }),
    ended: fc.boolean(),
  });

  it("comes back object by object, wherever the pieces end, and each again from where it says it lies", async () => {
    await fc.assert(
      fc.asyncProperty(files, async ({ objects, lineBreak, mark, size, ended }) => {
        const lines = objects.map((object) => JSON.stringify(object)).join(lineBreak);
        const bytes = Buffer.from(mark + lines + (ended ? lineBreak : ""));
        const { sheet, found } = await read(bytes, {}, size);
        expect(found.map((row) => JSON.parse(row.text))).toEqual(JSON.parse(JSON.stringify(objects)));
        for (const row of found) {
          const own = bytes.subarray(row.offset, row.offset + row.length);
          expect(sheet.row(own, row).text).toBe(row.text);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("keeps in an edited object all that is not edited", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ unit: "binary" }), value), async (object) => {
        const { sheet, found } = await read(Buffer.from(JSON.stringify(object)));
        const edited = sheet.edit(found[0], new Map([["new member", ["x"]]]));
        expect(JSON.parse(edited)).toEqual(JSON.parse(JSON.stringify({ ...object, "new member": "x" })));
      }),
    );
  });

  it("reads members, paths and lists as values, and null and empty texts as none", async () => {
    const text = `{"id":7,"name":{"family":"Ng"},"mail":["a","b"],"on":true,"phones":[{"n":"1"},{"n":"2"}],"x":null,"y":""}`;
    const [row] = (await read(Buffer.from(text))).found;
    const values = ["id", "name.family", "mail", "on", "phones.n", "x", "y", "z.a", "toString"];
    expect(values.map((column) => row?.values(column))).toEqual([
      ["7"],
      ["Ng"],
      ["a", "b"],
      ["true"],
      ["1", "2"],
      [],
      [],
      [],
      [],
    ]);
  });

  it("keeps the digits of numbers that no double holds", async () => {
    const { sheet, found } = await read(Buffer.from('{"id":12345678901234567890,"rate":1.10,"x":1e400}'));
    expect(found[0]?.values("id")).toEqual(["12345678901234567890"]);
    expect(sheet.edit(found[0], new Map([["mail", ["a"]]]))).toBe(
      '{"id":12345678901234567890,"rate":1.10,"x":1e400,"mail":"a"}',
    );
  });

  it("takes a member for what it is, whatever it is called", async () => {
    const text = '{"rawJSON":{"rawJSON":1},"__proto__":{"a":"x"},"constructor":"y"}';
    const { sheet, found } = await read(Buffer.from(text));
    expect(["rawJSON.rawJSON", "__proto__.a", "constructor"].map((name) => found[0]?.values(name))).toEqual([
      ["1"],
      ["x"],
      ["y"],
    ]);
    expect(sheet.edit(found[0], new Map([["__proto__.b", ["z"]]]))).toBe(
      '{"rawJSON":{"rawJSON":1},"__proto__":{"a":"x","b":"z"},"constructor":"y"}',
    );
  });

  it("writes a value as the type that is there, or that is said", async () => {
    const { sheet, found } = await read(Buffer.from('{"n":1,"on":true,"list":["a"],"name":{"given":"A"}}'), {
      groups: "Strings",
      active: "Boolean",
    });
    const values = {
      n: ["2"],
      on: ["false"],
      list: ["b"],
      "name.family": ["Ng"],
      groups: ["g"],
      active: ["true"],
    };
    expect(JSON.parse(sheet.edit(found[0], new Map(Object.entries(values))))).toEqual({
      n: 2,
      on: false,
      list: ["b"],
      name: { given: "A", family: "Ng" },
      groups: ["g"],
      active: true,
    });
  });

  it("takes a member away with its last value, and leaves a list empty", async () => {
    const { sheet, found } = await read(Buffer.from('{"a":"x","b":["y"],"c":{"d":1}}'));
    const none = ["a", "b", "c.d", "e.f"].map((column) => [column, []] as const);
    expect(sheet.edit(found[0], new Map(none))).toBe('{"b":[],"c":{}}');
  });

  it.each([
    ["an object in place of a value", "name", ["x"]],
    ["a value inside a list", "phones.n", ["x"]],
    ["a text for a Boolean", "active", ["yes"]],
    ["half a character", "mail", ["\uD800"]],
  ])("refuses %s", async (_, column, values) => {
    const { sheet, found } = await read(Buffer.from('{"name":{"family":"Ng"},"phones":[{"n":"1"}]}'), {
      active: "Boolean",
    });
    expect(() => sheet.edit(found[0], new Map([[column, values]]))).toThrow(ValueError);
  });

  it.each([
    ["a line cut off", '{"a":1}\n{"a":', /line 2: it is no JSON object; repair that line/],
    ["a list", "[1]\n", /line 1: it is no JSON object/],
    ["a text", '"x"\n', /line 1: it is no JSON object/],
    ["two objects in a line", '{"a":1}{"a":2}\n', /line 1: it is no JSON object/],
    ["no end of opening brackets", `\n${'{"a":'.repeat(200_000)}\n`, /line 2: it is no JSON object/],
  ])("is refused with %s, by line, and shows nothing of it", async (_, text, says) => {
    await expect(read(Buffer.from(text))).rejects.toThrow(says);
    await expect(read(Buffer.from(text))).rejects.toBeInstanceOf(FormatError);
  });

  it("is refused with a line that never ends, before all of it was read", async () => {
    const text = `{"a":1}\n{"a":"${"x".repeat(40_000_000)}"}\n`;
    await expect(read(Buffer.from(text), {}, 64 * 1024)).rejects.toThrow(/line 2 is longer than 16 MB/);
  });

  it("is refused in another encoding, by line", async () => {
    const bytes = Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.from([0xe9]), Buffer.from('"}\n')]);
    await expect(read(bytes)).rejects.toThrow(/not utf-8 at line 2/);
  });
});

async function read(
  bytes: Buffer,
  types: Readonly<Record<string, JsonType>> = {},
  size = 1_000,
): Promise<{ sheet: Sheet; found: readonly Row[] }> {
  const sheet = await jsonLinesFormat(new Map(Object.entries(types))).open(pieces(bytes, size));
  const found: Row[] = [];
  for await (const page of sheet.rows()) found.push(...page);
  return { sheet, found };
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
