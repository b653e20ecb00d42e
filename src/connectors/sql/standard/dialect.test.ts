import { describe, expect, test } from "vitest";
import { binaryCodec, integerCodec, textCodec } from "../codec.ts";
import type { Column } from "../dialect.ts";
import { standardDialect } from "./dialect.ts";

const column = (name: string, codec = textCodec): Column => ({
  name,
  codec,
  type: "",
  notNull: false,
  hasDefault: false,
  generated: false,
});
const dialect = standardDialect();
const id = column("id", integerCodec(64));
const login = column("login");
const photo = column("photo", binaryCodec(""));

describe("standard SQL", () => {
  test("inserts one row a statement, bytes as bytes", () => {
    const rows = [
      ["ann", "00ff"],
      ["bob", null],
    ];
    expect(dialect.insert('"t"', [login, photo], rows, {})).toEqual([
      {
        text: 'INSERT INTO "t" ("login", "photo") VALUES (?, ?)',
        values: ["ann", Buffer.from([0, 255])],
        rows: 1,
      },
      { text: 'INSERT INTO "t" ("login", "photo") VALUES (?, NULL)', values: ["bob"], rows: 1 },
    ]);
  });

  test("updates and deletes one row a statement", () => {
    expect(dialect.update('"t"', [id, login], [["7", "ann"]], "")).toEqual([
      { text: 'UPDATE "t" SET "login" = ? WHERE "id" = ?', values: ["ann", "7"], rows: 1 },
    ]);
    expect(dialect.update('"t"', [id, photo, login], [["7", null, "ann"]], "")).toEqual([
      { text: 'UPDATE "t" SET "photo" = NULL, "login" = ? WHERE "id" = ?', values: ["ann", "7"], rows: 1 },
    ]);
    expect(dialect.touch('"t"', undefined, id, ["7"], '"role" = 1')).toEqual([
      { text: 'DELETE FROM "t" WHERE "id" = ? AND "role" = 1', values: ["7"], rows: 1 },
    ]);
    expect(dialect.touch('"t"', '"gone" = 1', id, ["7"])).toEqual([
      { text: 'UPDATE "t" SET "gone" = 1 WHERE "id" = ?', values: ["7"], rows: 1 },
    ]);
  });

  test("looks up many rows at a time, and one at a time where each must be told apart", () => {
    const asked = { what: 't."id"', from: '"t" t', columns: [id], rows: [["1"], ["2"]] };
    expect(dialect.lookUp({ ...asked, condition: "1 = 1", tail: " ORDER BY 1" })).toEqual([
      {
        text: 'SELECT t."id" FROM "t" t WHERE ((t."id" = ?) OR (t."id" = ?)) AND 1 = 1 ORDER BY 1',
        values: ["1", "2"],
      },
    ]);
    expect(dialect.lookUp({ ...asked, numbered: true }).map(({ text }) => text)).toEqual([
      'SELECT 1, t."id" FROM "t" t WHERE ((t."id" = ?))',
      'SELECT 2, t."id" FROM "t" t WHERE ((t."id" = ?))',
    ]);
    const many = Array.from({ length: 120 }, (_, index) => [String(index)]);
    const queries = dialect.lookUp({ ...asked, rows: many });
    expect(queries.map(({ values }) => values.length)).toEqual([50, 50, 20]);
  });

  test("compares integers with integers", () => {
    expect(dialect.cast("'42'", id)).toBe("42");
    expect(dialect.cast("'42'", login)).toBe("'42'");
  });

  test("numbers its values where a database wants that", () => {
    const numbered = standardDialect((position) => `:${position}`);
    expect(numbered.update('"t"', [id, photo, login], [["7", null, "ann"]], "")).toMatchObject([
      { text: 'UPDATE "t" SET "photo" = NULL, "login" = :1 WHERE "id" = :2' },
    ]);
    const asked = {
      what: "1",
      from: '"t" t',
      columns: [id, login],
      rows: [
        ["1", "a"],
        ["2", "b"],
      ],
    };
    expect(numbered.lookUp(asked)[0]?.text).toBe(
      'SELECT 1 FROM "t" t WHERE (t."id" = :1 AND t."login" = :2) OR (t."id" = :3 AND t."login" = :4)'.replace(
        /WHERE (.*)$/,
        "WHERE ($1)",
      ),
    );
  });
});
