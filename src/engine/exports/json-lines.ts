import type { ExportWriter } from "./writer.ts";

/** An object a line (RFC 8259, jsonlines.org), its members in the columns' order; what is absent is null. */
export function jsonLinesExport(columns: readonly string[]): ExportWriter {
  const names = columns.map((name) => JSON.stringify(name));
  return {
    head: "",
    // Not by way of an object, whose members that look like numbers come first.
    row: (cells) => `{${names.map((name, at) => `${name}:${JSON.stringify(cells[at])}`).join(",")}}\n`,
    checksum: (sha256) => `${JSON.stringify({ sha256 })}\n`,
    encode: (text) => Buffer.from(text),
  };
}
