import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoreError } from "../errors.ts";
import { type Dialect, formatTable, parseTable, type Row } from "./table.ts";

const plain: Dialect = { file: "people.csv", delimiter: ",", quote: '"', lastLineBreak: "Required" };

describe("a table", () => {
  it("comes back cell by cell, whatever the cells hold", async () => {
    const cell = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({
        unit: fc.constantFrom("a", ",", ";", "|", '"', "'", "\r", "\n", " ", "\t", "\uFEFF", "é"),
      }),
    );
    const tables = fc.integer({ min: 1, max: 5 }).chain((width) =>
      fc.record({
        header: fc.uniqueArray(cell, { minLength: width, maxLength: width }),
        rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 }),
        delimiter: fc.constantFrom(",", ";", "\t", "|"),
        quote: fc.constantFrom('"', "'"),
        lineBreak: fc.constantFrom("\n", "\r\n", "\r"),
        bom: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(tables, async ({ header, rows, delimiter, quote, lineBreak, bom }) => {
        const dialect = { ...plain, delimiter, quote };
        const table = { bom, lineBreak, header: changed(header), rows: rows.map(changed) };
        const read = await parseTable(formatTable(table, dialect), dialect);
        expect([read.header, ...read.rows].map((row) => row.cells)).toEqual([header, ...rows]);
        expect(read.bom).toBe(bom);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps the lines that were not changed as they were, quotes and all", async () => {
    const text = '\uFEFF"login",mail\r\n"alice",  a@b.c\r\nbob,"b\r\n@b.c"\r\n';
    const table = await parseTable(text, plain);
    expect(formatTable(table, plain)).toBe(text);
    const rows = table.rows.with(0, changed(["alice", "x,y"]));
    expect(formatTable({ ...table, rows }, plain)).toBe(
      '\uFEFF"login",mail\r\nalice,"x,y"\r\nbob,"b\r\n@b.c"\r\n',
    );
  });

  it("with nothing but its header is empty", async () => {
    expect((await parseTable("login,mail\n", plain)).rows).toEqual([]);
  });

  it("takes a last line without a break where that is said to be usual", async () => {
    expect((await parseTable("login\nalice", { ...plain, lastLineBreak: "Optional" })).rows).toHaveLength(1);
  });
});

describe("what is no whole table is Unavailable, by line and with the cure:", () => {
  const cases: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
    "0 bytes": ["", /0 bytes.*restore it/],
    "a byte order mark alone": ["\uFEFF", /0 bytes.*restore it/],
    "blank lines alone": ["\n\n", /no header line; write one/],
    "a cell too many": ["a,b\n1,2\n1,2,3\n", /line 3: .*; repair that line/],
    "a cell too few": ["a,b\n1\n", /line 2: .*; repair that line/],
    "a quote that is not closed": ['a,b\n1,"2\n3,4\n', /line 3: the file ends inside a quoted cell/],
    "a quote in mid-cell": ['a,b\n1,2"3\n', /line 2: .*; repair that line/],
    "text after a quote": ['a,b\n1,"2"3\n', /line 2: .*; repair that line/],
    "a column named twice": ["a,b,a\n", /column "a" twice; rename one/],
    "a last line cut off": ["a,b\n1,2\n1,some", /truncated.*end its last line/],
  };
  for (const [what, [text, says]] of Object.entries(cases)) {
    it(what, async () => {
      const error = await parseTable(text, plain).catch((reason: unknown) => reason as StoreError);
      if (!(error instanceof StoreError)) throw new Error("it was read");
      expect(error.kind).toBe("Unavailable");
      expect(error.message).toMatch(/people[.]csv/);
      expect(error.message).toMatch(says);
    });
  }
});

function changed(cells: readonly string[]): Row {
  return { cells, raw: undefined, line: 0 };
}
