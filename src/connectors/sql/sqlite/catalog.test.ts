import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Row, Session } from "../database.ts";
import { describeTable } from "./catalog.ts";

const text = fc.string({ unit: "binary", maxLength: 4 });
const cell = fc.oneof(
  fc.constant(null),
  text,
  fc.constantFrom("a\0b", "a\0", "null", "1", "1.0", "41", "blob", '"', '","', "[]"),
  fc.constantFrom(0.1 + 0.2, 0.3, 1, 1e300, Number.POSITIVE_INFINITY),
  fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 3 }),
);
const row = fc.tuple(cell, cell);

/** The row's version as it is read, and as RETURNING tells it. */
function versionsOf(values: readonly [Row[number], Row[number]]): readonly [read: string, returned: string] {
  const database = new DatabaseSync(":memory:");
  database.exec('CREATE TABLE things (a, "b c")');
  const { read, returned, of } = describeTable(database, '"things"').version;
  const insert = database.prepare(`INSERT INTO things VALUES (?, ?) RETURNING ${returned} AS version`);
  const said = insert.get(...values) as { version: string };
  const found = database.prepare(`SELECT ${read[0]} AS version FROM things t`).get() as { version: string };
  database.close();
  return [of([found.version]), of([said.version])];
}

const plain = (cells: Row) =>
  cells.map((one) => (one === null ? "null" : `${typeof one} ${String(one)}`)).join("; ");

test("two rows have one version only when they are the same, whatever their columns hold", () => {
  fc.assert(
    fc.property(row, row, (one, other) => {
      expect(versionsOf(one)[0] === versionsOf(other)[0]).toBe(plain(one) === plain(other));
    }),
    { numRuns: 500 },
  );
});

test("a row that was written has the version that is read", () => {
  fc.assert(
    fc.property(row, (values) => {
      const [read, returned] = versionsOf(values);
      expect(returned).toBe(read);
    }),
  );
});

test.each([
  ["bytes are no digits", [new Uint8Array([0x41]), "a"], ["41", "a"]],
  ["which column holds the bytes counts", [new Uint8Array([0x41]), "41"], ["41", new Uint8Array([0x41])]],
  ["no bytes are no empty text", [new Uint8Array(), "a"], ["", "a"]],
  ["a number is no text", [1n, "a"], ["1", "a"]],
  ["a floating-point number is no integer", [1, "a"], [1n, "a"]],
  ["what comes after a NUL counts", ["a\0b", "a"], ["a\0c", "a"]],
  ["what is NULL counts", [null, "a"], ["a", null]],
] as const)("%s", (_, one, other) => {
  expect(versionsOf(one)[0]).not.toBe(versionsOf(other)[0]);
});

/** Nothing is asked. */
const session: Session = {
  mode: "Whole",
  query: () => Promise.reject(new Error("it was asked")),
  savepoint: (work) => work(),
};

/** What is foreseen of a row that is sent these texts, and what it has. */
async function foreseen(
  columns: string,
  cells: readonly (string | null)[],
): Promise<readonly [foreseen: string | undefined, read: string]> {
  const database = new DatabaseSync(":memory:");
  database.exec(`CREATE TABLE things (${columns})`);
  const relation = describeTable(database, '"things"');
  const { read, of, foresee } = relation.version;
  const assigned = relation.columns.slice(0, cells.length);
  const versions = await foresee?.(session, { key: assigned[0]!, columns: assigned, rows: [cells] });
  const marks = cells.map(() => "?").join(", ");
  const names = assigned.map(({ name }) => name).join(", ");
  database.prepare(`INSERT INTO things (${names}) VALUES (${marks})`).run(...cells);
  const row = database.prepare(`SELECT ${read[0]} AS version FROM things t`).get() as { version: string };
  database.close();
  return [versions?.[0], of([row.version])];
}

test("a row's version is foreseen from the texts that it is sent", async () => {
  const columns = "a text, b varchar(3), c clob, d text collate nocase, e timestamp, f timestamp";
  const texts = fc.array(fc.option(fc.string({ unit: "binary" })), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(texts, async (cells) => {
      const sent = cells.length === 4 ? [...cells, null] : cells;
      const [version, read] = await foreseen(columns, sent);
      expect(version).toBe(read);
    }),
  );
});

test.each([
  ["a column of numbers takes what looks like one for one", "a text, b numeric", ["1", "1"]],
  ["so does one whose type only seems to be text", "a text, b charint", ["1", "1"]],
  ["a default stands where nothing was sent", "a text, b text DEFAULT 'x'", ["1"]],
  ["a column may be computed", "a text, b text AS (a || 'x')", ["1"]],
  ["the row's number is not sent", "a text, b integer primary key", ["1"]],
])("a version is not foreseen: %s", async (_, columns, cells) => {
  const [version] = await foreseen(columns, cells);
  expect(version).toBeUndefined();
});
