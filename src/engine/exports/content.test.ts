import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cell } from "../../core/expression/result.ts";
import { csvFormat } from "../../formats/csv/csv.ts";
import { readLdif } from "../../formats/ldif/read.ts";
import type { Row } from "../../formats/row.ts";
import { exportContent, type Written } from "./content.ts";

const csv = { delimiter: ",", encoding: "utf-8", separator: ";", spreadsheet: false };
const spec = (more: Partial<Written> = {}): Written => ({ format: "Csv", csv, checksum: "None", ...more });

async function bytesOf(of: Written, columns: readonly string[], rows: readonly (readonly Cell[])[]) {
  async function* pages() {
    for (const row of rows) yield [row];
  }
  const content = exportContent(of, columns, pages());
  const pieces: Uint8Array[] = [];
  let step = await content.next();
  for (; !step.done; step = await content.next()) pieces.push(step.value);
  return { bytes: Buffer.concat(pieces), summary: step.value };
}

const textOf = async (...args: Parameters<typeof bytesOf>) => (await bytesOf(...args)).bytes.toString();

describe("an export as CSV", () => {
  test("has a heading, quotes what needs it, joins several values, and leaves nothing for what is absent", async () => {
    const rows = [
      ["ada", true, 3, ["a", "b"], null],
      ['say "hi", Ada\n', false, -1, [], ""],
    ];
    expect(await textOf(spec(), ["n", "b", "i", "l", "x"], rows)).toBe(
      'n,b,i,l,x\r\nada,true,3,a;b,\r\n"say ""hi"", Ada\n",false,-1,,\r\n',
    );
  });

  test("is what was said: delimiter, separator, encoding", async () => {
    const made = { ...csv, delimiter: "\t", separator: " | ", encoding: "iso-8859-1" };
    const { bytes } = await bytesOf(spec({ csv: made }), ["é", "l"], [["ü", ["a", "b"]]]);
    expect(bytes.toString("latin1")).toBe("é\tl\r\nü\ta | b\r\n");
  });

  test("guards what a spreadsheet would calculate, if it is for one, and marks UTF-8", async () => {
    const rows = [["=1+1", ["@SUM(A1)", "x"], "+49 30", -5, "a=b"]];
    const columns = ["-a", "b", "c", "d", "e"];
    expect(await textOf(spec({ csv: { ...csv, spreadsheet: true } }), columns, rows)).toBe(
      "\uFEFF'-a,b,c,d,e\r\n'=1+1,'@SUM(A1);x,'+49 30,-5,a=b\r\n",
    );
    expect(await textOf(spec(), columns, rows)).toContain("=1+1,@SUM(A1);x,+49 30,-5,a=b");
  });

  test.each([
    ["iso-8859-1", "Łódź"],
    ["utf-8", "half \ud800 a character"],
  ])("refuses what %s has not", async (encoding, text) => {
    const columns = ["id", "city"];
    const rows = [
      ["6", "Ulm"],
      ["7", text],
    ];
    await expect(textOf(spec({ csv: { ...csv, encoding } }), columns, rows)).rejects.toThrow(
      `column city, of row 2: it has characters that ${encoding} has not`,
    );
  });

  test("refuses an encoding that there is not", async () => {
    await expect(textOf(spec({ csv: { ...csv, encoding: "latin-9000" } }), ["a"], [])).rejects.toThrow(
      "there is no encoding latin-9000: set another",
    );
  });

  test("is read back as it was, whatever the texts", async () => {
    const text = (unit: string) => fc.string({ unit: fc.constantFrom(...unit) });
    const rows = fc.array(fc.tuple(text("abc"), text('a",;\r\n\t= é😀\uFEFF')), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(rows, async (cells) => {
        const { bytes } = await bytesOf(spec(), ["id", "text"], cells);
        const format = csvFormat({
          encoding: "utf-8",
          delimiter: ",",
          quote: '"',
          lastLineBreak: "Required",
        });
        async function* whole() {
          yield bytes;
        }
        const sheet = await format.open(whole());
        const read = (await Array.fromAsync(sheet.rows())).flat();
        const cellsOf = (row: Row) => ["id", "text"].map((name) => row.values(name)[0] ?? "");
        expect(read.map(cellsOf)).toEqual(cells);
      }),
    );
  });
});

describe("an export as JSON Lines", () => {
  test("has an object a row, with members as they are", async () => {
    const rows = [["Ada\n", true, 3, ["a"], null]];
    expect(await textOf(spec({ format: "JsonLines" }), ["n", "b", "i", "l", "x"], rows)).toBe(
      '{"n":"Ada\\n","b":true,"i":3,"l":["a"],"x":null}\n',
    );
  });

  test("has its members in the columns' order, whatever they are called", async () => {
    expect(await textOf(spec({ format: "JsonLines" }), ["b", "10", "2", "__proto__"], [[1, 2, 3, "x"]])).toBe(
      '{"b":1,"10":2,"2":3,"__proto__":"x"}\n',
    );
  });
});

describe("an export as LDIF", () => {
  const columns = ["dn", "cn", "mail", "enabled"];

  test("has a record a row, read back as it was", async () => {
    const rows = [
      ["uid=ada,o=x", "Ada Ünal", ["a@x", " b@x"], true],
      ["uid=bob,o=x", null, [], false],
    ];
    const { bytes } = await bytesOf(spec({ format: "Ldif" }), columns, rows);
    async function* whole() {
      yield bytes;
    }
    const records = (await Array.fromAsync(readLdif(whole()))).flat();
    expect(records.map(({ record }) => record)).toMatchObject([
      {
        dn: "uid=ada,o=x",
        attributes: [
          { description: "cn", values: ["Ada Ünal"] },
          { description: "mail", values: ["a@x", " b@x"] },
          { description: "enabled", values: ["TRUE"] },
        ],
      },
      { dn: "uid=bob,o=x", attributes: [{ description: "enabled", values: ["FALSE"] }] },
    ]);
  });

  test("refuses a name that is none", async () => {
    await expect(textOf(spec({ format: "Ldif" }), columns, [["ada", "x", [], true]])).rejects.toThrow(
      'column dn gives "ada", which is no distinguished name',
    );
  });

  test("refuses half a character, which LDIF could only replace", async () => {
    const half = [["uid=ada,o=x", "\ud800", [], true]];
    await expect(textOf(spec({ format: "Ldif" }), columns, half)).rejects.toThrow(
      "column cn, of uid=ada,o=x: it has half a character",
    );
  });

  test("refuses a row without a name", async () => {
    await expect(textOf(spec({ format: "Ldif" }), columns, [[null, "x", [], true]])).rejects.toThrow(
      "column dn gives no name for a row",
    );
  });
});

describe("the checksum of an export", () => {
  const formats = ["Csv", "JsonLines", "Ldif"] as const;

  test.each(formats)("is, in the last line of %s, of all before it", async (format) => {
    const written = spec({ format, checksum: "Line" });
    const { bytes, summary } = await bytesOf(written, ["dn", "cn"], [["o=x", "x"]]);
    const text = bytes.toString();
    const last = text.lastIndexOf("\n", text.length - 3) + 1;
    const before = createHash("sha256").update(text.slice(0, last)).digest("hex");
    expect(text.slice(last)).toContain(before);
    expect(summary).toEqual({ rows: 1, sha256: before });
  });

  test("is of the whole file where no line has it", async () => {
    const { bytes, summary } = await bytesOf(spec(), ["a"], [["b"]]);
    expect(summary.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  });
});
