import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { expect, it } from "vitest";
import { textCodec } from "../codec.ts";
import type { Column } from "../dialect.ts";
import { sqliteDialect } from "./dialect.ts";

it.each([
  ["few columns", 3, 1_000],
  ["so many columns that they take two statements", 1_500, 30],
])("new rows of %s all go in, whatever they hold, each counted once", (_, width, count) => {
  using database = new DatabaseSync(":memory:");
  const columns = Array.from({ length: width }, (_, at) => textColumn(`c${at}`));
  const texts = ["it's", '["a"]', "é\n😀", "", null];
  const rows = Array.from({ length: count }, (_, row) =>
    columns.map((_, at) => (at === 0 ? `${row}` : texts[(row + at) % texts.length]!)),
  );
  database.exec(`CREATE TABLE t (${columns.map(({ name }) => `${name} TEXT`).join(", ")})`);
  const writes = sqliteDialect.insert("t", columns, rows, {});
  for (const write of writes) {
    const { changes } = database.prepare(write.text).run(...(write.values as SQLInputValue[]));
    expect(changes).toBe(write.rows);
  }
  const statement = database.prepare("SELECT * FROM t ORDER BY rowid");
  statement.setReturnArrays(true);
  expect(statement.all()).toEqual(rows);
});

function textColumn(name: string): Column {
  return { name, codec: textCodec, type: "TEXT", notNull: false, hasDefault: false, generated: false };
}
