import type { Cell } from "../../core/expression/result.ts";
import type { CsvWriting } from "../../core/kinds/export.ts";
import { byteOrderMark } from "../../formats/byte-order-mark.ts";
import { formatCsvRow } from "../../formats/csv/write.ts";
import { encodable, encode, encodingExists } from "../../formats/encoding.ts";
import { ExportFault } from "./fault.ts";
import type { ExportWriter } from "./writer.ts";

/** What a spreadsheet begins to calculate at (OWASP, "CSV Injection"). */
const formula = /^[=+\-@\t\r]/;
/** RFC 4180 §2. */
const lineBreak = "\r\n";

/** Rows of a CSV file, the columns' names in the first. */
export function csvExport(csv: CsvWriting, columns: readonly string[]): ExportWriter {
  const { encoding, delimiter, separator, spreadsheet } = csv;
  if (!encodingExists(encoding)) throw new ExportFault(`there is no encoding ${encoding}: set another`);
  const inUnicode = /^utf/i.test(encoding);
  const text = (cell: Cell): string => {
    if (cell === null) return "";
    if (typeof cell === "number" || typeof cell === "boolean") return String(cell);
    const joined = typeof cell === "string" ? cell : cell.join(separator);
    return spreadsheet && formula.test(joined) ? `'${joined}` : joined;
  };
  let row = 0;
  const line = (cells: readonly Cell[]) => {
    const texts = cells.map(text);
    const bad = texts.findIndex((each) => (inUnicode ? !each.isWellFormed() : !encodable(each, encoding)));
    if (bad >= 0)
      throw new ExportFault(
        `column ${columns[bad]}, of row ${row}: it has characters that ${encoding} has not; set csv.encoding to utf-8`,
      );
    row++;
    return formatCsvRow(texts, { delimiter, quote: '"' }) + lineBreak;
  };
  return {
    head: `${spreadsheet && inUnicode ? byteOrderMark : ""}${line(columns)}`,
    row: line,
    checksum: (sha256) => `# sha256 ${sha256}${lineBreak}`,
    encode: (content) => encode(content, encoding),
  };
}
