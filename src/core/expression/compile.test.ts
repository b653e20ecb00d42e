import { describe, expect, it, test } from "vitest";
import { compile, type Expression, isProblem } from "./compile.ts";
import { Clear, type EvaluationContext } from "./context.ts";
import { identityValue } from "./identity-value.ts";
import type { ResultKind, Results } from "./result.ts";

const alice = identityValue("alice", {
  id: "1001",
  userName: "alice",
  name: { givenName: "Alice", familyName: "Smith, Jr." },
  department: "Research",
  emails: [
    { value: "alice@example.org", type: "work" },
    { value: "al@example.net", type: "home", primary: true },
    { value: "old@example.org" },
  ],
  manager: { name: "bob" },
  attributes: { site: ["Berlin", "Oslo"], "cost-center": ["4711"] },
  lifecycle: { state: "Active", end: "2026-03-31" },
});
const nobody = identityValue("nobody", { userName: "nobody" });

function compiled<K extends ResultKind>(source: string, result: K): Expression<Results[K]> {
  const expression = compile(source, { result });
  if (isProblem(expression)) throw new Error(`${source}: ${expression.message}`);
  return expression;
}

function problem(source: string, result: ResultKind = "bool") {
  const expression = compile(source, { result });
  return isProblem(expression) ? expression : undefined;
}

function values(source: string, identity = alice, context: Partial<EvaluationContext> = {}): unknown {
  const result = compiled(source, "values").evaluate({ identity, ...context });
  return result.ok ? result.value : result.message;
}

function verdict(source: string, identity = alice): boolean | string {
  const result = compiled(source, "bool").evaluate({ identity });
  return result.ok ? result.value : result.message;
}

describe("an absent attribute", () => {
  test.each([
    ["identity.department == 'Research'", true, false],
    ["'Research' == identity.department", true, false],
    ["identity.department != 'Research'", false, true],
    ["identity.department in ['Sales', 'Research']", true, false],
    ["identity.department == null", false, true],
    ["identity.name.givenName == 'Alice'", true, false],
    ["identity.manager == 'bob'", true, false],
    ["'Oslo' in identity.attributes.site", true, false],
    ["identity.attributes['cost-center'].exists(c, c.startsWith('47'))", true, false],
    ["'site' in identity.attributes", true, false],
    ["identity.emails.exists(e, e.type == 'work')", true, false],
    ["identity.emails.exists(e, e.primary)", true, false],
    ["size(identity.emails) == 3", true, false],
    ["identity.lifecycle.end == '2026-03-31'", true, false],
    ["has(identity.department)", true, false],
    ["has(identity.name.givenName)", true, false],
    ["has(identity.attributes.site)", true, false],
    ["has(identity.emails)", true, false],
    ["identity.?department.orValue('none') == 'none'", false, true],
    ["identity.name.?givenName.hasValue()", true, false],
    ["identity.?name.?givenName.hasValue()", true, false],
    ["identity.attributes.?site.orValue(['none']) == ['none']", false, true],
    ["has(identity.department) && identity.department.startsWith('R')", true, false],
    ["default(identity.department, 'none') == 'none'", false, true],
    ["coalesce(identity.title, identity.department, identity.userName) == 'nobody'", false, true],
  ])("has its answer in %s", (source, forAlice, forNobody) => {
    expect(verdict(source, alice)).toBe(forAlice);
    expect(verdict(source, nobody)).toBe(forNobody);
  });

  test.each([
    ["identity.title + 'x' == 'x'", "identity.title is absent"],
    ["identity.title.startsWith('x')", "identity.title is absent"],
    ["match(identity.title, 'x')", "identity.title is absent"],
    ["identity.title > 'x'", "identity.title is absent"],
    ["dn('cn', identity.name.middleName, '') == ''", "identity.name.middleName is absent"],
    ["!(lower(identity.title).contains('x'))", "identity.title is absent"],
    ["identity.emails.exists(e, e.type.startsWith('x'))", "e.type.startsWith('x') reads something absent"],
    ["identity.emails[7].value == 'x'", "the list has no entry at this index"],
    ["int(identity.userName) == 1", "int() type error: cannot convert to int"],
  ])("is an error that names it in %s", (source, message) => {
    expect(verdict(source)).toBe(message);
  });

  it("does not matter where the rest decides", () => {
    expect(verdict("identity.userName == 'alice' || identity.title.startsWith('x')")).toBe(true);
    expect(verdict("identity.title.startsWith('x') && identity.userName == 'bob'")).toBe(false);
  });
});

describe("an attribute's values", () => {
  test.each<[string, unknown]>([
    ["identity.userName", ["alice"]],
    ["identity.attributes.site", ["Berlin", "Oslo"]],
    ["identity.emails.map(e, e.value)", ["alice@example.org", "al@example.net", "old@example.org"]],
    ["size(identity.emails)", ["3"]],
    ["true", ["true"]],
    ["['b', 'a', 'b', '']", ["b", "a"]],
    ["[identity.title, 'x']", ["x"]],
    ["identity.title", null],
    ["''", null],
    ["[]", null],
    ["null", null],
    ["ofType(identity.emails, 'pager')", null],
    ["has(identity.title) ? identity.title : null", null],
    ["has(identity.department) ? identity.department : null", ["Research"]],
    ["identity.department == 'Sales' ? 'x' : clear()", new Clear()],
    ["identity.id", ["1001"]],
  ])("%s gives %j", (source, expected) => {
    expect(values(source)).toEqual(expected);
  });

  it("take the object's name for an id that is not given", () => {
    expect(values("identity.id", nobody)).toEqual(["nobody"]);
  });

  it("are errors past 1,000 entries or 64 KiB", () => {
    const many = identityValue("many", {
      userName: "many",
      attributes: { a: Array.from({ length: 256 }, (_, index) => `${index}`), b: ["x".repeat(4096)] },
    });
    const all = Array.from({ length: 4 }, () => "identity.attributes.a").join(" + ");
    expect(values(`${all} + ['x']`, many)).toMatch(/more than 1000 entries/);
    const long = Array.from({ length: 17 }, () => "identity.attributes.b[0]").join(" + ");
    expect(values(long, many)).toMatch(/more than 64 KiB/);
  });
});

describe("a name", () => {
  it("is one text", () => {
    const name = compiled("dn('uid', identity.userName, 'ou=people,dc=example,dc=org')", "string");
    expect(name.evaluate({ identity: alice })).toEqual({
      ok: true,
      value: "uid=alice,ou=people,dc=example,dc=org",
    });
  });

  it("is an error where there is none, which names what is absent", () => {
    const evaluate = (source: string) => compiled(source, "string").evaluate({ identity: nobody });
    expect(evaluate("lower(identity.title)")).toEqual({ ok: false, message: "identity.title is absent" });
    expect(evaluate("''")).toMatchObject({ ok: false, message: expect.stringContaining("an empty text") });
  });
});

describe("other accounts", () => {
  const directory = { name: "uid=alice", anchor: "a-1", attributes: { mail: ["a@x"], cn: ["A", "B"] } };
  const account = (target: string) => (target === "directory" ? directory : undefined);

  test.each<[string, unknown]>([
    ["account('directory').name", ["uid=alice"]],
    ["account('directory').anchor", ["a-1"]],
    ["account('directory').attributes.cn", ["A", "B"]],
    ["account('directory').attributes.sn", null],
    ["account('database').name", { pending: "database" }],
    ["account('database').name == 'x' ? 'a' : 'b'", { pending: "database" }],
    ["has(identity.department) ? 'a' : account('database').name", ["a"]],
  ])("%s gives %j", (source, expected) => {
    expect(values(source, alice, { account })).toEqual(expected);
  });

  it("are named by accountOf, which passes null and holds on", () => {
    const accountOf = (name: string) => (name === "bob" ? { held: "bob's account is held" } : null);
    expect(values("accountOf(identity.manager)", alice, { accountOf: (name) => `uid=${name}` })).toEqual([
      "uid=bob",
    ]);
    expect(values("accountOf(identity.manager)", nobody, { accountOf })).toBeNull();
    expect(values("accountOf('eve')", alice, { accountOf })).toBeNull();
    expect(values("accountOf(identity.manager)", alice, { accountOf })).toBe("bob's account is held");
  });
});

it("an expression that comes to evaluate itself errs, and works again afterwards", () => {
  const expression = compiled(
    "dn('cn', identity.userName, default(accountOf(identity.manager), ''))",
    "string",
  );
  const evaluate = (identity: typeof alice): ReturnType<typeof expression.evaluate> =>
    expression.evaluate({
      identity,
      accountOf: () => {
        const bob = evaluate(nobody);
        return bob.ok ? (bob.value as string) : { held: bob.message };
      },
    });
  expect(evaluate(alice)).toEqual({ ok: false, message: "needs itself, by way of another account" });
  expect(evaluate(nobody)).toEqual({ ok: true, value: "cn=nobody" });
});

describe("unique()", () => {
  const source = "unique(identity.userName, ['2', '3'].map(n, identity.userName + n))";
  const taken = (...names: string[]) => ({ isTaken: (name: string) => names.includes(name) });

  it("takes the first candidate that is free, and says so", () => {
    const expression = compiled(source, "string");
    expect(expression.unique).toBe(true);
    expect(expression.evaluate({ identity: alice, ...taken("alice", "alice2") })).toEqual({
      ok: true,
      value: "alice3",
      decided: "alice3",
    });
  });

  it("keeps what was decided, whatever is taken since", () => {
    const context = { identity: alice, decided: "alice2", ...taken("alice2") };
    expect(compiled(source, "string").evaluate(context)).toEqual({ ok: true, value: "alice2" });
  });

  it("decides the value alone where it is part of a name", () => {
    const name = compiled("dn('uid', unique(identity.userName, 'al'), 'dc=x')", "string");
    expect(name.evaluate({ identity: alice, ...taken("alice") })).toEqual({
      ok: true,
      value: "uid=al,dc=x",
      decided: "al",
    });
  });

  it("errs where all are taken or absent", () => {
    expect(values("unique('a', 'b')", alice, taken("a", "b"))).toMatch(/every candidate taken: a, b/);
    expect(values("unique(identity.title)", alice, taken())).toMatch(/no candidate/);
  });
});

describe("what an expression depends on", () => {
  test.each<[string, string[]]>([
    ["identity.department == 'x'", ["department"]],
    ["identity.name.givenName + identity.name.familyName == ''", ["name.givenName", "name.familyName"]],
    ["has(identity.name.givenName) && has(identity.title)", ["name.givenName", "title"]],
    [
      "identity.attributes.site == [] && identity.attributes['cost-center'] == []",
      ["attributes.site", "attributes.cost-center"],
    ],
    ["identity.attributes[identity.userName] == []", ["attributes", "userName"]],
    ["'x' in identity.attributes", ["attributes"]],
    ["identity.emails.exists(e, e.value == identity.userName)", ["emails", "userName"]],
    ["identity.emails[0].value == 'x'", ["emails"]],
    ["identity.?title.orValue('') == ''", ["title"]],
    ["cel.bind(n, identity.name, n.givenName == 'x')", ["name"]],
    ["cel.bind(i, identity, i.title == 'x')", ["*"]],
    ["match(coalesce(identity.title, identity.nickName, ''), 'x')", ["title", "nickName"]],
    ["true", []],
  ])("%s reads %j", (source, reads) => {
    expect([...compiled(source, "bool").reads]).toEqual(reads);
  });

  it("names targets and references to others", () => {
    const both = compiled("[account('a').name, account('b').name, accountOf(identity.manager)]", "values");
    expect([...both.targets]).toEqual(["a", "b"]);
    expect(both).toMatchObject({ references: true, unique: false });
  });
});

describe("a problem", () => {
  test.each<[string, RegExp, number]>([
    ["identity.departement == 'x'", /no "departement"; did you mean department\?/, 10],
    ["has(identity.titel)", /no "titel"; did you mean title\?/, 14],
    ["identity.?titel.orValue('x') == 'x'", /did you mean title\?/, 11],
    ["identity.shoeSize == '44'", /identity\.attributes\.x/, 10],
    ["identity.name.given == 'x'", /a Name has no "given"/, 15],
    ["identity.emails.exists(e, has(e.tipe))", /did you mean type\?/, 33],
    ["identity['title'] == 'x'", /write its fields/, 1],
    ["department == 'x'", /write identity\.department/, 1],
    ["idenity.title == 'x'", /did you mean identity\?/, 1],
    ["now == 'x'", /no variable "now"/, 1],
    ["lowr('a') == 'a'", /did you mean lower\(\)\?/, 1],
    ["lower(1) == 'a'", /called as lower\(string\): string/, 1],
    ["identity.userName.matches('a+')", /use match\(text, 'pattern'\)/, 1],
    ["match(identity.userName, identity.title)", /literal/, 35],
    ["match(identity.userName, '(')", /cannot use the pattern/, 26],
    ["identity.attributes.site == 'x'", /to look into a list write 'x' in list/, 1],
    ["identity.department + 1 == 'x'", /\+ does not go between string and int/, 1],
    ["identity.department", /gives a text, where true or false is needed/, 1],
    ["identity.department = 'x'", /compare with ==/, 21],
    ["identity.department ==", /./, 23],
    ["account('x').name == 'a'", /not for rules/, 1],
    ["unique('a') == 'a'", /not for rules/, 1],
    ["['a'].exists(identity, identity == 'a')", /another name/, 14],
    ["coalesce(identity.title, 1) == 1", /must have one type, not string and int/, 26],
  ])("of %s says what is wrong and where", (source, message, column) => {
    expect(problem(source)?.message).toMatch(message);
    expect(problem(source)?.position).toEqual({ offset: column - 1, line: 1, column });
  });

  test.each<[string, ResultKind, RegExp]>([
    ["identity.name", "values", /gives Name/],
    ["identity.emails", "values", /gives list<Entry>/],
    ["identity.?title", "values", /end it with \.orValue/],
    ["[['a']]", "values", /gives list<list<string>>/],
    ["1", "string", /gives a number, where a text is needed/],
    ["account(identity.title).name", "values", /literal/],
    ["unique('a') + unique('b')", "values", /once only/],
    ["unique(1)", "values", /needs texts/],
    ["timestamp(identity.lifecycle.end).getHours('Europe/Berlin')", "values", /time zone/],
    ["b'x'", "values", /gives bytes/],
  ])("of %s as %s", (source, result, message) => {
    expect(problem(source, result)?.message).toMatch(message);
  });

  it("counts lines", () => {
    expect(problem("true &&\n  identity.titel == 'x'")?.position).toEqual({
      offset: 19,
      line: 2,
      column: 12,
    });
  });
});
