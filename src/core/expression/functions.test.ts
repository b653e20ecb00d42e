import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { parseName } from "../model/distinguished-name.ts";
import { compile, isProblem } from "./compile.ts";
import { functionDocs } from "./function-docs.ts";
import { identityValue } from "./identity-value.ts";

/** Evaluates over an identity whose free attributes `a`, `b`, `c` hold the texts given. */
function call(source: string, ...texts: string[]): unknown {
  const expression = compile(source, { result: "values" });
  if (isProblem(expression)) throw new Error(expression.message);
  const attributes = Object.fromEntries(texts.map((text, index) => ["abc"[index]!, [text]]));
  const identity = identityValue("x", {
    userName: "x",
    attributes,
    lifecycle: { state: "Active", end: "2026-03-31", start: "2026-01-02T10:20:30+01:00" },
    emails: [
      { value: "first@x", type: "work" },
      { value: "second@x", type: "home", primary: true },
    ],
    phoneNumbers: [
      { value: "1", type: "work" },
      { value: "2", type: "mobile" },
      { value: "3", type: "mobile" },
    ],
  });
  const result = expression.evaluate({ identity });
  return result.ok ? result.value : result.message;
}

describe("dn()", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...' \\,+"<>;=#\0aé漢\t\r\n'), minLength: 1, maxLength: 8 }),
  );

  it("always parses back to the values given", () => {
    const source =
      "dn('cn', identity.attributes.a[0], 'ou', identity.attributes.b[0], 'uid', identity.attributes.c[0], 'dc=example,dc=org')";
    fc.assert(
      fc.property(anyText, anyText, anyText, (a, b, c) => {
        const [name] = call(source, a, b, c) as [string];
        expect(parseName(name).map((step) => step.map((pair) => [pair.type, pair.value]))).toEqual([
          [["cn", a]],
          [["ou", b]],
          [["uid", c]],
          [["dc", "example"]],
          [["dc", "org"]],
        ]);
      }),
    );
  });

  test.each([
    ["dn('uid', '', 'dc=x')", /needs a value for uid/],
    ["dn('u=id', 'a', 'dc=x')", /attribute type "u=id"/],
    ["dn('uid', 'a', 'people')", /needs a name such as dc=example/],
  ])("refuses %s", (source, message) => {
    expect(call(source)).toMatch(message);
  });

  it("may stand at the root", () => {
    expect(call("dn('dc', 'org', '')")).toEqual(["dc=org"]);
  });
});

describe("text functions", () => {
  test.each<[string, unknown]>([
    ["lower('ÄB')", ["äb"]],
    ["upper('äb')", ["ÄB"]],
    ["lower(null)", null],
    ["ascii('Zoë Strauß-Ørsted, Łódź')", ["Zoe Strauss-Orsted, Lodz"]],
    ["ascii('Nguyễn Đức')", ["Nguyen Duc"]],
    ["ascii('漢')", null],
    ["initials('Anna-Lena  van O’Brien')", ["ALVO"]],
    ["initials('élodie')", ["É"]],
    ["'a.b.c'.replace('.', '-')", ["a-b-c"]],
    ["'abc'.replace('', '-')", ["abc"]],
    ["dnEscape('Smith, J')", ["Smith\\, J"]],
    ["filterEscape('a*(b)\\\\c')", ["a\\2a\\28b\\29\\5cc"]],
    ["primary(identity.emails)", ["second@x"]],
    ["primary(identity.phoneNumbers)", ["1"]],
    ["ofType(identity.phoneNumbers, 'mobile')", ["2", "3"]],
    ["date(identity.lifecycle.end, 'yyyyMMddHHmmss') + 'Z'", ["20260331000000Z"]],
    ["date(identity.lifecycle.start, 'dd.MM.yyyy HH:mm:ss')", ["02.01.2026 09:20:30"]],
    ["date(identity.title, 'yyyy')", null],
    ["date('soon', 'yyyy')", "date() needs a day or an instant such as 2026-03-31"],
    ["identity.userName.upperAscii() + ' a '.trim()", ["Xa"]],
    ["'a,b'.split(',')", ["a", "b"]],
    ["['a', 'b'].join('-')", ["a-b"]],
    ["'abc'.substring(1, 2)", ["b"]],
    ["coalesce('', [], 'a') == 'a' ? 'x' : 'y'", "compile"],
    ["coalesce(identity.title, '', 'a')", ["a"]],
    ["coalesce(identity.title, null)", null],
    ["match('abc', 'b')", ["true"]],
    ["match('abc', '^b')", ["false"]],
  ])("%s gives %j", (source, expected) => {
    if (expected === "compile") expect(() => call(source)).toThrow(/one type/);
    else expect(call(source)).toEqual(expected);
  });

  it("ascii() gives ASCII alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const result = call("ascii(identity.attributes.a[0])", text) as string[] | null;
        expect(result?.[0] ?? "").toMatch(/^\p{ASCII}*$/u);
      }),
    );
  });

  it("filterEscape() leaves nothing that ends a value", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."*()\\\0aé") }), (text) => {
        const [escaped = ""] =
          (call("filterEscape(identity.attributes.a[0])", text) as string[] | null) ?? [];
        expect(escaped).not.toMatch(/[*()\0]/);
        const back = escaped.replace(/\\([0-9a-f]{2})/g, (_, hex) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        expect(back).toBe(text);
      }),
    );
  });
});

describe("the documentation", () => {
  it("has every function once, with a signature that can be read and a sentence", () => {
    const docs = functionDocs();
    expect(new Set(docs.map((doc) => doc.name)).size).toBe(docs.length);
    for (const doc of docs) {
      expect(doc.signatures.join()).not.toMatch(/dyn<|ast|null/);
      expect(doc.doc).toMatch(/\.$/);
    }
  });
});
