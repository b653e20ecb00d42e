import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Column } from "../dialect.ts";
import { mariadbDialect, mysqlDialect } from "./dialect.ts";
import { mysqlLiterals, mysqlText } from "./literals.ts";
import { mysqlColumn } from "./types.ts";

const column = (
  name: string,
  type: string,
  rest: Partial<Parameters<typeof mysqlColumn>[0]> = {},
): Column => ({
  name,
  ...mysqlColumn({ name: type, width: undefined, unsigned: false, collation: undefined, ...rest }),
  notNull: false,
  hasDefault: false,
  generated: false,
});
const id = column("id", "bigint");
const login = column("login", "varchar", { collation: "utf8mb4_general_ci" });
const photo = column("photo", "blob");

describe("a literal", () => {
  test("ends where it should, whether or not the session takes a backslash for an escape", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (text.includes("\0")) return;
        const literal = mysqlText(text);
        expect(literal).not.toContain("\\");
        expect(literal).toMatch(/^('([^']|'')*'|_utf8mb4 X'[0-9a-f]*')$/);
      }),
    );
  });

  test.each([
    [id, "42", "42"],
    [id, "1; DROP", "'1; DROP'"],
    [photo, "00ff", "X'00ff'"],
    [photo, "0'", "'0'''"],
    [login, "o'neill", "'o''neill'"],
    [login, null, "NULL"],
  ])("of %o: %s is %s", (one, cell, literal) => expect(mysqlLiterals(one)(cell)).toBe(literal));
});

describe("MySQL's statements", () => {
  test("MariaDB tells what it inserted, MySQL does not", () => {
    expect(mariadbDialect.returning).toEqual({ insert: true, update: false });
    expect(mysqlDialect.returning).toEqual({ insert: false, update: false });
  });

  test("an insert is cut far below what a packet may be, and each part must touch its rows", () => {
    const rows = Array.from({ length: 30 }, () => ["x".repeat(100_000)]);
    const writes = mariadbDialect.insert('"t"', [login], rows, {});
    expect(writes.length).toBeGreaterThan(2);
    expect(writes.reduce((sum, write) => sum + write.rows!, 0)).toBe(30);
    for (const { text } of writes) expect(text.length).toBeLessThan(1_200_000);
  });

  test("names and texts are compared under the column's own collation, and nothing is lost in its character set", () => {
    const [query] = mysqlDialect.lookUp({ what: "1", from: '"t" t', columns: [login], rows: [["a"]] });
    expect(query!.text).toContain('t."login" = q.rollcall_0 COLLATE utf8mb4_general_ci');
    const old = column("old", "varchar", { collation: "latin1_swedish_ci" });
    const [narrow] = mysqlDialect.lookUp({ what: "1", from: '"t" t', columns: [old], rows: [["a"]] });
    expect(narrow!.text).toContain("CONVERT(q.rollcall_0 USING latin1)");
    expect(narrow!.text).toContain("utf8mb4_bin = q.rollcall_0");
  });
});

describe("an instant", () => {
  const at = column("at", "datetime");
  test.each([
    ["2026-03-31T17:00:00Z", "2026-03-31 17:00:00"],
    ["2026-03-31T17:00:00.25+02:00", "2026-03-31 15:00:00.25"],
    ["2026-03-31 17:00:00-0130", "2026-03-31 18:30:00"],
    ["2026-03-31", "2026-03-31"],
  ])("%s is sent as %s", (value, sent) => expect(at.codec.encode(value)).toBe(sent));

  test("comes back as RFC 3339", () =>
    expect(at.codec.decode("2026-03-31 15:00:00.250000")).toBe("2026-03-31T15:00:00.25Z"));
});
