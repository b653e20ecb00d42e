import { describe, expect, test } from "vitest";
import { FormatError, type Row, type Sheet, ValueError } from "../row.ts";
import { ldifFormat } from "./format.ts";

const ada = "# the first\ndn: cn=Ada\nobjectClass: person\nSN: Lovelace\njpegPhoto:: /9j/\n";
const file = `version: 1\n\n${ada}\ndn: cn=Max\nsn: M\n`;

describe("LDIF as rows", () => {
  test("has attributes for columns, whatever their case, and the name as dn", async () => {
    const { rows } = await opened(file);
    const [first] = rows;
    expect(["dn", "sn", "jpegphoto", "mail"].map((column) => first!.values(column))).toEqual([
      ["cn=Ada"],
      ["Lovelace"],
      ["/9j/"],
      [],
    ]);
    expect(first!.text).toBe(ada);
  });

  test("says where a row lies, so that it can be read again and taken out with the blank line behind it", async () => {
    const { sheet, rows } = await opened(file);
    const [first, second] = rows as [Row, Row];
    expect([first.offset, first.length, first.ending, first.line]).toEqual([12, ada.length, 1, 4]);
    expect([second.length, second.ending]).toEqual([17, 0]);
    const again = sheet.row(Buffer.from(file).subarray(first.offset, first.offset + first.length), first);
    expect(again).toEqual(first);
  });

  test("edits some attributes and leaves the others", async () => {
    const { sheet, rows } = await opened(file);
    const values = new Map([
      ["dn", ["cn=Ada King"]],
      ["sn", ["King", "Byron"]],
      ["JPEGPHOTO", []],
      ["mail", ["ü"]],
    ]);
    const text = "dn: cn=Ada King\nobjectClass: person\nSN: King\nSN: Byron\nmail:: w7w=\n";
    expect(sheet.edit(rows[0], values)).toBe(text);
  });

  test("writes a new row, binary values from base64, with the file's line break", async () => {
    const { sheet } = await opened(file.replaceAll("\n", "\r\n"));
    const values = new Map([
      ["dn", ["cn=New"]],
      ["jpegPhoto", ["AP8="]],
    ]);
    expect(sheet.edit(undefined, values)).toBe("dn: cn=New\r\njpegPhoto:: AP8=\r\n");
    expect(sheet.lineBreak).toBe("\r\n");
  });

  test.each([
    [["jpegPhoto", ["?"]], "is binary; give it in base64"],
    [["mail", ["\udc80"]], "has characters that no UTF-8 has; take them out"],
    [["e mail", ["x"]], "is no attribute's name; correct it"],
  ] as const)("refuses %j", async ([column, values], message) => {
    const { sheet } = await opened(file);
    expect(() => sheet.edit(undefined, new Map([[column, values]]))).toThrow(new ValueError(column, message));
  });

  test("tells bytes that are no text only of binary attributes", async () => {
    const { rows } = await opened("dn: cn=a\nsn:: /w==\n");
    const cause = "line 1: the record's sn is no text; name it among the binary ones";
    expect(() => rows[0]!.values("sn")).toThrow(new FormatError(cause));
  });

  test.each([
    ["", "it has 0 bytes; restore it"],
    [
      "dn: cn=a\nsn: x",
      "it ends without a line break, as a truncated file does; restore it, or end its last line",
    ],
  ])("refuses the file %j", async (text, message) => {
    await expect(opened(text)).rejects.toThrow(new FormatError(message));
  });
});

async function opened(text: string): Promise<{ sheet: Sheet; rows: readonly Row[] }> {
  async function* bytes() {
    if (text !== "") yield Buffer.from(text);
  }
  const sheet = await ldifFormat(["jpegPhoto"]).open(bytes());
  return { sheet, rows: (await Array.fromAsync(sheet.rows())).flat() };
}
