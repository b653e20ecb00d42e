import type { ExportWriter } from "./writer.ts";

/** An object a line (RFC 8259, jsonlines.org), its members in the columns' order; what is absent is null. */
export function jsonLinesExport(columns: readonly string[]): ExportWriter {
  return {
    head: "",
    row: (cells) => `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, cells[at]])))}\n`,
    checksum: (sha256) => `${JSON.stringify({ sha256 })}\n`,
    encode: (text) => Buffer.from(text),
  };
}
