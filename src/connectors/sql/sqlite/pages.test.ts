import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { PageReader } from "./pages.ts";

const numbers = (last: number) =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${last}) SELECT i, i AS i FROM n`;
const read = (text: string) => Array.from(new PageReader(new DatabaseSync(":memory:")).read(text)).flat();

test("all rows come, each once and in order, whatever their columns are called", () => {
  const rows = read(numbers(300_000));
  expect(rows).toHaveLength(300_000);
  expect(rows.every(([i, same], index) => i === BigInt(index + 1) && same === i)).toBe(true);
});

test("a value comes as it is", () => {
  expect(read("SELECT 9223372036854775807, 0.5, 'a' || char(0) || 'b', NULL, x'00ff'")).toEqual([
    [9223372036854775807n, 0.5, "a\0b", null, new Uint8Array([0, 255])],
  ]);
});

test("a SELECT without rows has no page", () => expect(read("SELECT 1 WHERE false")).toEqual([]));

test("two are read by turns, and one may be left before its end", () => {
  const database = new DatabaseSync(":memory:");
  const pages = new PageReader(database);
  const [one, other] = [pages.read(numbers(300_000)), pages.read(numbers(300_000))];
  const [first] = [one.next().value!, other.next()];
  const rest = Array.from(one).flat();
  expect([...first, ...rest]).toHaveLength(300_000);
  other.return();
  database.exec("CREATE TABLE free (a); DROP TABLE free");
});

test("what cannot be read is an error", () => expect(() => read("SELECT missing")).toThrow("no such column"));
