import { StoreError } from "../errors.ts";

/** An identifier that means exactly this name, in both dialects (SQL-92 §5.2). */
export function quoteIdentifier(name: string): string {
  if (name.includes("\0")) throw new StoreError("Invalid", "cannot use a name with a NUL character");
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal, in both dialects (PostgreSQL with `standard_conforming_strings`). */
export function quoteText(text: string): string {
  // Of most texts, and a load quotes many, one look tells that there is nothing to do.
  if (!/['\0]/.test(text)) return `'${text}'`;
  if (text.includes("\0")) throw new StoreError("Invalid", "cannot use a text with a NUL character");
  return `'${text.replaceAll("'", "''")}'`;
}

/** A text as it stands inside a JSON string, as a text literal. */
export function quoteInJson(text: string): string {
  return quoteText(JSON.stringify(text).slice(1, -1));
}

/** `schema.table` as a quoted name; a part in double quotes may hold a dot. */
export function quoteTable(name: string): string {
  return tableParts(name).map(quoteIdentifier).join(".");
}

export function tableParts(name: string): readonly string[] {
  const parts = name.match(/"(?:[^"]|"")*"|[^".]+/g) ?? [];
  if (parts.join(".") !== name || parts.length > 2)
    throw new StoreError("Invalid", `cannot read the table name ${name}: write table or schema.table`);
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part));
}
