import { describe, expect, it } from "vitest";
import { fillStatement, parseStatement } from "./statements.ts";

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
});
