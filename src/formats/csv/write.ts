import { byteOrderMark } from "../byte-order-mark.ts";
import type { CsvDialect } from "./dialect.ts";

/** A row's text, without a line break, from which a reader gets these very cells. */
export function formatCsvRow(
  cells: readonly string[],
  { delimiter, quote }: Pick<CsvDialect, "delimiter" | "quote">,
): string {
  const special = [delimiter, quote, "\r", "\n", byteOrderMark];
  const plain = (cell: string) => !special.some((one) => cell.includes(one));
  const quoted = cells.map((cell) =>
    plain(cell) ? cell : quote + cell.replaceAll(quote, quote + quote) + quote,
  );
  return quoted.length === 1 && quoted[0] === "" ? quote + quote : quoted.join(delimiter);
}
