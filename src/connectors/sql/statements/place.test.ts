import { expect, test } from "vitest";
import { placeOfScan } from "./place.ts";

test.each([
  ["columns", "SELECT id, login AS name FROM people", "SELECT id, login AS name, mail FROM people"],
  [
    "conditions",
    "SELECT id, name FROM people",
    "SELECT id, name FROM people WHERE left_on IS NULL ORDER BY 1",
  ],
  ["line breaks", "SELECT id, name FROM people", "SELECT id, name\n  FROM people"],
  ["comments", "SELECT id, name FROM people", "SELECT id, -- who\n name /* login */ FROM people"],
  ["DISTINCT", "SELECT id, name FROM people", "SELECT DISTINCT id, name FROM people"],
  [
    "words in literals, comments and parentheses",
    "SELECT p.uid AS id, name FROM people p",
    "SELECT p.uid AS id, (SELECT max(id) FROM seen) AS at, ', 1 AS id FROM x' AS note, -- id, from\n name FROM people p",
  ],
])("other %s are no other place", (_, one, other) => {
  expect(placeOfScan(other)).toBe(placeOfScan(one));
});

test.each([
  ["column for the id", "SELECT uid AS id, name FROM people", "SELECT number AS id, name FROM people"],
  [
    "column for the name, where it is the id",
    "SELECT login AS name FROM people",
    "SELECT mail AS name FROM people",
  ],
  ["column in parentheses", "SELECT (uid) AS id FROM people", "SELECT (number) AS id FROM people"],
  [
    "column before a comment",
    "SELECT uid AS id -- key\n FROM people",
    "SELECT number AS id -- key\n FROM people",
  ],
  ["column in brackets", "SELECT uid AS [id], name FROM people", "SELECT number AS [id], name FROM people"],
  ["column without a name", "SELECT (id), name FROM people", "SELECT *, name FROM people"],
  ["table", "SELECT id, name FROM people", "SELECT id, name FROM robots"],
  [
    "table after a time",
    "SELECT id FROM a FOR SYSTEM_TIME ALL JOIN b",
    "SELECT id FROM a FOR SYSTEM_TIME ALL JOIN c",
  ],
  ["quoted table", 'SELECT id FROM "people a"', 'SELECT id FROM "people b"'],
  ["joined table", "SELECT a.id FROM a JOIN b USING (k)", "SELECT a.id FROM a JOIN c USING (k)"],
  ["subquery", "SELECT id FROM (SELECT 1 AS id) t", "SELECT id FROM (SELECT 2 AS id) t"],
  ["second half", "SELECT id FROM a UNION SELECT id FROM b", "SELECT id FROM a UNION SELECT id FROM c"],
  [
    "common table",
    "WITH t AS (SELECT 1 AS id) SELECT id FROM t",
    "WITH t AS (SELECT 2 AS id) SELECT id FROM t",
  ],
])("another %s is another place", (_, one, other) => {
  expect(placeOfScan(other)).not.toBe(placeOfScan(one));
});

test("reads as what it is: by what people are known, and where", () => {
  expect(placeOfScan("SELECT p.uid AS id, p.login AS name FROM people p WHERE p.kind = 'Human'")).toBe(
    "p.uid AS id FROM people p",
  );
});

test("what is no SELECT is a place as a whole", () => {
  expect(placeOfScan("VALUES (1, 'ada')")).toBe("VALUES (1, 'ada')");
});
