import type { Column } from "../dialect.ts";
import { quoteText } from "../names.ts";

/**
 * A text as a literal that means the same whatever the session's `sql_mode` says of backslashes: one that holds any is spelled in
 * hexadecimal digits. With this prefix it is a literal, too: a column that it is compared with keeps its own collation.
 */
export function mysqlText(text: string): string {
  if (!text.includes("\\")) return quoteText(text);
  return `_utf8mb4 X'${Buffer.from(text).toString("hex")}'`;
}

/** What a column is sent, as a literal. */
export function mysqlLiteral(cell: string | null, column: Column): string {
  if (cell === null) return "NULL";
  if (column.type === "BINARY" && /^([0-9a-f]{2})*$/.test(cell)) return `X'${cell}'`;
  return numeric.test(column.type) && /^[+-]?[0-9]+([.][0-9]*)?$/.test(cell) ? cell : mysqlText(cell);
}

const numeric = /^(SIGNED|UNSIGNED|DECIMAL.*)$/;
