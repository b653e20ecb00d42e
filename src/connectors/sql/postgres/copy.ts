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

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
