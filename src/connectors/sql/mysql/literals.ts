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

/** What a column is sent, as literals. */
export function mysqlLiterals({ type }: Column): (cell: string | null) => string {
  const plain = type === "BINARY" ? /^([0-9a-f]{2})*$/ : numeric.test(type) ? number : undefined;
  return (cell) => {
    if (cell === null) return "NULL";
    if (!plain?.test(cell)) return mysqlText(cell);
    return plain === number ? cell : `X'${cell}'`;
  };
}

const numeric = /^(SIGNED|UNSIGNED|DECIMAL.*)$/;
const number = /^[+-]?[0-9]+([.][0-9]*)?$/;
