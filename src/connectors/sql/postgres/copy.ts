import { StringDecoder } from "node:string_decoder";
import type { Row } from "../database.ts";

/** The rows of COPY's text format (PostgreSQL, COPY, "Text Format"), one page a chunk from the wire. */
export async function* decodeCopy(chunks: AsyncIterable<Buffer>): AsyncIterable<readonly Row[]> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + decoder.write(chunk);
    const end = text.lastIndexOf("\n");
    rest = text.slice(end + 1);
    if (end >= 0) yield text.slice(0, end).split("\n").map(decodeLine);
  }
}

function decodeLine(line: string): Row {
  const fields = line.split("\t");
  return line.includes("\\") ? fields.map(decodeField) : fields;
}

function decodeField(field: string): string | null {
  if (field === "\\N") return null;
  return field.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
}

/** Rows in the same format. */
export function encodeCopy(rows: readonly (readonly (string | null)[])[]): string {
  return rows.map((cells) => `${cells.map(encodeField).join("\t")}\n`).join("");
}

function encodeField(cell: string | null): string {
  if (cell === null) return "\\N";
  return special.test(cell) ? cell.replace(/[\\\n\r\t]/g, (character) => named[character]!) : cell;
}

const special = /[\\\n\r\t]/;
const named: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
