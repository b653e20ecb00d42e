import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillStatement, parseScript, parseStatement } from "./parse.ts";

function filled(source: string): string {
  return fillStatement(parseStatement(source), (name) => `<${name}>`);
}

describe("an own statement", () => {
  it.each([
    ["SELECT 1", "SELECT 1", "has none"],
    ["UPDATE t SET a = :a WHERE id=:id", "UPDATE t SET a = <a> WHERE id=<id>", "has two"],
    ["SELECT f(:a, :a)", "SELECT f(<a>, <a>)", "has one twice"],
    [":a", "<a>", "is nothing else"],
    ["SELECT :a::text, b::int", "SELECT <a>::text, b::int", "casts"],
    ["SELECT ':a', :b", "SELECT ':a', <b>", "has a literal"],
    ["SELECT 'it''s :a'", "SELECT 'it''s :a'", "has a doubled quote"],
    ["SELECT E'\\' :a', :b", "SELECT E'\\' :a', <b>", "has an escaped quote"],
    ['SELECT ":a", `:b`, :c', 'SELECT ":a", `:b`, <c>', "has quoted identifiers"],
    ["SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, <b>", "has a line comment"],
    ["SELECT /* ; :a */ :b", "SELECT /* ; :a */ <b>", "has a block comment"],
    ["SELECT $$ ; :a $$, $x$ ' :b $x$, :c", "SELECT $$ ; :a $$, $x$ ' :b $x$, <c>", "has dollar quotes"],
    ["SELECT a[1:2], b[c:d]", "SELECT a[1:2], b[c:d]", "slices an array"],
    ["DELETE FROM t WHERE id = :id ; ", "DELETE FROM t WHERE id = <id>", "ends with a semicolon"],
  ])("%s", (source, expected, _reason) => {
    expect(filled(source)).toBe(expected);
  });

  it.each([
    ["DELETE FROM a; DELETE FROM b", "one statement"],
    ["SELECT 'open", "begins with '"],
    ['SELECT "open', 'begins with "'],
    ["SELECT 1 /* open", "begins with /*"],
  ])("%s is refused", (source, words) => {
    expect(() => parseStatement(source)).toThrow(words);
  });

  it.each([
    ["DELETE FROM a; DELETE FROM b WHERE x = :x;\n", ["DELETE FROM a", "DELETE FROM b WHERE x = <x>"]],
    [
      "UPDATE a SET b = ';' -- ;\n; /* ; */ SELECT $$;$$",
      ["UPDATE a SET b = ';' -- ;", "/* ; */ SELECT $$;$$"],
    ],
    [";; -- nothing\n; SELECT 1", ["SELECT 1"]],
  ])("%j is a script of several", (source, expected) => {
    const fill = (name: string) => `<${name}>`;
    expect(parseScript(source).map((statement) => fillStatement(statement, fill))).toEqual(expected);
  });

  it.each([
    ["CALL p(:id)", false],
    ["  -- a procedure\n/* of ours */ exec p :id", false],
    ["{ call p(:id) }", false],
    ["SELECT call(:id)", true],
    ["/* CALL */ UPDATE t SET a = :a", true],
  ])("%j: whether the database tells how many rows it touched", (source, counted) => {
    expect(parseStatement(source).counted).toBe(counted);
  });

  it.each(["COMMIT", "SELECT 1; rollback to x", "/* x */ Begin; DELETE FROM t", "START TRANSACTION"])(
    "%s is refused: a script is one transaction already",
    (source) => {
      expect(() => parseScript(source)).toThrow("transaction");
    },
  );

  it.each([
    "ATTACH '/etc/other.db' AS o",
    "SELECT 1; pragma writable_schema = on",
    "/* x */ VACUUM INTO '/tmp/x'",
  ])("%s is refused: it leads out of the database", (source) => {
    expect(() => parseScript(source)).toThrow("stays in its database");
  });

  it.each(["", " ; ", "-- nothing"])("%j is refused: there is none", (source) => {
    expect(() => parseScript(source)).toThrow("statement");
  });

  it("is cut where its code ends and nowhere else, whatever its texts and comments hold", () => {
    const odd = fc.string({ unit: fc.constantFrom("a", ";", ":", ":x", "-", "*", " ", "$"), maxLength: 8 });
    const quoted = fc.oneof(
      odd.map((text) => `'${text}'`),
      odd.map((text) => `"${text}"`),
      odd.filter((text) => !text.includes("*")).map((text) => `/*${text}*/`),
      odd.map((text) => `--${text}\n`),
      odd.filter((text) => !text.includes("$")).map((text) => `$tag$${text}$tag$`),
    );
    const statement = fc
      .array(fc.oneof(quoted, fc.constant(" + "), fc.constant(" :p ")), { maxLength: 6 })
      .map((parts) => `SELECT ${parts.join(" ")}`);
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), (statements) => {
        const parsed = parseScript(statements.join(" ; "));
        const again = parsed.map((one) => fillStatement(one, (name) => `:${name}`));
        expect(again.map((text) => text.trim())).toEqual(statements.map((text) => text.trim()));
        expect(parsed.flatMap(({ parameters }) => parameters).every((name) => name === "p")).toBe(true);
      }),
    );
  });
});
