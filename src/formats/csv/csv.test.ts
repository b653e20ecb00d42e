import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../encoding.ts";
import { FormatError, type Row, type Sheet } from "../row.ts";
import { type CsvOptions, csvFormat } from "./csv.ts";
import { formatCsvRow } from "./write.ts";

const plain: CsvOptions = { encoding: "utf-8", delimiter: ",", quote: '"', lastLineBreak: "Required" };

const cell = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom("a", ",", ";", "|", '"', "'", "\r", "\n", " ", "\t", "\uFEFF", "é", "漢", "😀"),
  }),
);

/** A table, how it is written, and into pieces of how many bytes it is cut. */
const tables = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.record({
    header: fc.uniqueArray(cell, { minLength: width, maxLength: width }),
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 }),
    options: fc.record({
      encoding: fc.constantFrom("utf-8", "utf-16le", "gb18030"),
      delimiter: fc.constantFrom(",", ";", "\t", "|"),
      quote: fc.constantFrom('"', "'"),
      lastLineBreak: fc.constant("Required" as const),
    }),
    lineBreak: fc.constantFrom("\n", "\r\n", "\r"),
    mark: fc.constantFrom("", "\uFEFF"),
    size: fc.integer({ min: 1, max: 40 }),
  }),
);

describe("a table", () => {
  it("comes back cell by cell, whatever the cells hold and wherever the pieces end", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ header, rows, options, lineBreak, mark, size }) => {
        const text = [header, ...rows].map((cells) => formatCsvRow(cells, options) + lineBreak).join("");
        const bytes = encode(mark + text, options.encoding);
        const { sheet, found } = await read(bytes, options, size);
        expect(sheet.columns).toEqual(header);
        expect(found.map((row) => cellsOf(row, header))).toEqual(rows);
        expect(sheet.lineBreak).toBe(lineBreak);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is what another parser makes of any text, and refused where that refuses it", async () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", ",", '"', "\n", "\r", " "), maxLength: 30 });
    const theirs = (text: string) => {
      try {
        return parse(`x,y\n${text}\n`, { record_delimiter: ["\r\n", "\n", "\r"], skip_empty_lines: true });
      } catch {
        return "refused";
      }
    };
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const ours = await read(Buffer.from(`x,y\n${text}\n`), plain, size).then(
          ({ found }) => [["x", "y"], ...found.map((row) => cellsOf(row, ["x", "y"]))],
          () => "refused",
        );
        expect(ours).toEqual(theirs(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it("gives each row again from the bytes where it says it lies", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ header, rows, options, lineBreak, mark, size }) => {
        const text = [header, ...rows].map((cells) => formatCsvRow(cells, options) + lineBreak).join("\r\n");
        const bytes = encode(mark + text, options.encoding);
        const { sheet, found } = await read(bytes, options, size);
        for (const row of found) {
          const again = sheet.row(bytes.subarray(row.offset, row.offset + row.length), row);
          expect(cellsOf(again, header)).toEqual(cellsOf(row, header));
          const behind = bytes.subarray(row.offset + row.length).subarray(0, row.ending);
          expect(behind).toEqual(encode(lineBreak, options.encoding));
        }
      }),
    );
  });

  it("keeps in an edited row the cells that are not edited", async () => {
    const { sheet, found } = await read(Buffer.from('login,mail,note\nalice,"a,b",x\n'), plain);
    expect(sheet.edit(found[0], new Map([["note", ['say "yes"']]]))).toBe('alice,"a,b","say ""yes"""');
    expect(sheet.edit(undefined, new Map([["login", ["bob"]]]))).toBe("bob,,");
  });

  it("takes a row that is longer than many pieces", async () => {
    const long = "x".repeat(5_000_000);
    const { found } = await read(Buffer.from(`login,note\nalice,"${long}\n"\nbob,\n`), plain, 64 * 1024);
    expect(found.map((row) => row.values("note")[0]?.length)).toEqual([long.length + 1, undefined]);
    expect(found[1]!.line).toBe(4);
  });

  it("with nothing but its header is empty", async () => {
    expect((await read(Buffer.from("login,mail\n"), plain)).found).toEqual([]);
  });

  it("takes a last line without a break where that is said to be usual", async () => {
    const { found } = await read(Buffer.from("login\nalice"), { ...plain, lastLineBreak: "Optional" });
    expect(found.map((row) => row.ending)).toEqual([0]);
  });
});

describe("what is no whole table is refused, by line and with the cure:", () => {
  const cases: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
    "0 bytes": ["", /0 bytes.*restore it/],
    "a byte order mark alone": ["\uFEFF", /0 bytes.*restore it/],
    "blank lines alone": ["\n\n", /no header line; write one/],
    "a cell too many": ["a,b\n1,2\n1,2,3\n", /line 3: .*; repair that line/],
    "a cell too few": ["a,b\n1\n", /line 2: .*; repair that line/],
    "a quote that is not closed": ['a,b\n1,"2\n3,4\n', /line 2: the file ends inside a quoted cell/],
    "a quote in mid-cell": ['a,b\n1,2"3\n', /line 2: .*; repair that line/],
    "text after a quote": ['a,b\n1,"2"3\n', /line 2: .*; repair that line/],
    "a column named twice": ["a,b,a\n", /column "a" twice; rename one/],
    "a last line cut off": ["a,b\n1,2\n1,some", /truncated.*end its last line/],
  };
  for (const [what, [text, says]] of Object.entries(cases)) {
    it.each([1, 1_000])(`${what}, in pieces of %i`, async (size) => {
      await expect(read(Buffer.from(text), plain, size)).rejects.toThrow(says);
      await expect(read(Buffer.from(text), plain, size)).rejects.toBeInstanceOf(FormatError);
    });
  }

  it("a header line without its break, even where a last line may be", async () => {
    const options = { ...plain, lastLineBreak: "Optional" as const };
    await expect(read(Buffer.from("login,mail"), options)).rejects.toThrow(/truncated.*end its last line/);
  });

  it("a quote that nobody closes, before all the rest was read as one cell", async () => {
    const text = `a,b\n1,2\n3,"4\n${"5,6\n".repeat(5_000_000)}`;
    await expect(read(Buffer.from(text), plain, 64 * 1024)).rejects.toThrow(
      /line 3: it is longer than 16 MB; close its quote/,
    );
  });

  it("bytes of another encoding, wherever the pieces end", async () => {
    const bytes = encode("login,mail\nalice,1\nzoë,2\n", "windows-1252");
    for (let size = 1; size <= bytes.length; size++) {
      await expect(read(bytes, plain, size)).rejects.toThrow(/not utf-8 at line 3; repair it, or set/);
    }
  });

  it("a character that is cut in two at the end", async () => {
    const bytes = encode("login\nzoë\n", "utf-16le");
    await expect(read(bytes.subarray(0, -1), { ...plain, encoding: "utf-16le" })).rejects.toThrow(
      FormatError,
    );
  });
});

async function read(
  bytes: Buffer,
  options: CsvOptions,
  size = 1_000,
): Promise<{ sheet: Sheet; found: readonly Row[] }> {
  const sheet = await csvFormat(options).open(pieces(bytes, size));
  const found: Row[] = [];
  for await (const page of sheet.rows()) found.push(...page);
  return { sheet, found };
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function cellsOf(row: Row, header: readonly string[]): readonly string[] {
  return header.map((column) => row.values(column)[0] ?? "");
}
