import { byteOrderMark, pastMark } from "../byte-order-mark.ts";
import { decode } from "../encoding.ts";
import { firstPage } from "../pages.ts";
import type { Format, Sheet } from "../row.ts";
import { type Line, readLines } from "./lines.ts";
import { editJsonRow, JsonRow, pathsOnce } from "./row.ts";
import type { JsonType } from "./type.ts";

/**
 * A JSON object a line (RFC 8259, jsonlines.org), in UTF-8. A column is a member, or a path to one: `name.family`; through lists it gives the values of
 * all elements. `types` says how columns are written; others stay as they are, and new ones become texts.
 */
export function jsonLinesFormat(types: ReadonlyMap<string, JsonType>): Format {
  return { title: "JSON Lines", multiValued: true, open: (bytes) => openJsonLines(bytes, types) };
}

async function openJsonLines(
  bytes: AsyncIterable<Uint8Array>,
  types: ReadonlyMap<string, JsonType>,
): Promise<Sheet> {
  const { marked, body } = await pastMark(decode(bytes, "utf-8"));
  const pages = readLines(body, marked ? Buffer.byteLength(byteOrderMark) : 0);
  const first = await firstPage(pages);
  const paths = pathsOnce();
  const toRow = (line: Line) => new JsonRow(line.text, line, paths);
  return {
    columns: undefined,
    async *rows() {
      yield first.map(toRow);
      for await (const page of pages) yield page.map(toRow);
    },
    row: (text, span) => new JsonRow(Buffer.from(text).toString(), span, paths),
    edit: (row, values) => editJsonRow(row, values, types),
    encode: (text) => Buffer.from(text),
    lineBreak: first[0]?.lineBreak || "\n",
  };
}
