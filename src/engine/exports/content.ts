import { createHash } from "node:crypto";
import type { Cell } from "../../core/expression/result.ts";
import type { ExportSpec } from "../../core/kinds/export.ts";
import { csvExport } from "./csv.ts";
import { jsonLinesExport } from "./json-lines.ts";
import { ldifExport } from "./ldif.ts";
import type { ExportWriter } from "./writer.ts";

export type Written = Pick<ExportSpec, "format" | "csv" | "checksum">;

/** What was written. */
export interface Summary {
  readonly rows: number;
  /** Of the content, without a checksum line. */
  readonly sha256: string;
}

/** The bytes of a file, as its rows come. */
export async function* exportContent(
  spec: Written,
  columns: readonly string[],
  pages: AsyncIterable<readonly (readonly Cell[])[]>,
): AsyncGenerator<Uint8Array, Summary> {
  const writer = writerOf(spec, columns);
  const hash = createHash("sha256");
  const piece = (text: string) => {
    const bytes = writer.encode(text);
    hash.update(bytes);
    return bytes;
  };
  let rows = 0;
  if (writer.head !== "") yield piece(writer.head);
  for await (const page of pages) {
    rows += page.length;
    yield piece(page.map((cells) => writer.row(cells)).join(""));
  }
  const sha256 = hash.digest("hex");
  if (spec.checksum === "Line") yield writer.encode(writer.checksum(sha256));
  return { rows, sha256 };
}

function writerOf({ format, csv }: Written, columns: readonly string[]): ExportWriter {
  switch (format) {
    case "Csv":
      return csvExport(csv, columns);
    case "JsonLines":
      return jsonLinesExport(columns);
    case "Ldif":
      return ldifExport(columns);
  }
}
