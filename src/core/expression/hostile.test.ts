import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { compile, isProblem } from "./compile.ts";
import { identityValue } from "./identity-value.ts";

const full = identityValue("full", {
  userName: "a".repeat(1024),
  attributes: {
    a: Array.from({ length: 256 }, (_, index) => `${index}`),
    b: Array.from({ length: 256 }, () => "b".repeat(4096)),
  },
});

/** The message of the problem or of the result; undefined where it went well. */
function run(source: string): string | undefined {
  const expression = compile(source, { result: "values" });
  if (isProblem(expression)) return expression.message;
  const result = expression.evaluate({ identity: full });
  return result.ok ? undefined : result.message;
}

/** Counted by the meter, not by a clock: each of these would take seconds to ages without it. */
describe("hostile expressions end in an error at once", () => {
  const many = "(identity.attributes.a + identity.attributes.a + identity.attributes.a)";
  const long = "identity.attributes.b";
  /** Ten times four of itself, each bound to a name. */
  const doubling = (seed: string) => {
    const binds = Array.from({ length: 9 }, (_, i) => `cel.bind(v${i + 1}, v${i} + v${i} + v${i} + v${i}, `);
    return `cel.bind(v0, ${seed}, ${binds.join("")}v9${")".repeat(10)}`;
  };

  test.each<[string, string, RegExp]>([
    ["a text that grows", `'x'${".replace('x', 'xxxxxxxxxxxxxxxx')".repeat(20)}`, /64 KiB/],
    ["a text that doubles", doubling("'x'"), /64 KiB/],
    ["a list that doubles", doubling("['x']"), /1000 entries/],
    ["a list of sums", Array.from({ length: 20 }, () => many).join(" + "), /1000 entries/],
    ["loops in loops", `[${many}.all(x, ${many}.all(y, ${many}.all(z, x + y + z != '')))]`, /too much work/],
    ["loops that do nothing", `[${many}.all(x, ${many}.all(y, ${many}.all(z, true)))]`, /too much work/],
    ["loops that carry on after errors", `[${many}.exists(x, ${long}.join('') == x)]`, /64 KiB|work/],
    [
      "patterns in loops",
      `[${many}.exists(x, ${many}.exists(y, match(${long}[0], '(b+)+c')))]`,
      /too much work/,
    ],
    ["a text taken apart", `${long}[0].split('').size()`, /1000 entries/],
    ["deep lists", `${"[".repeat(200)}${"]".repeat(200)}`, /nests deeper than 32/],
    ["deep brackets", `${"(".repeat(2000)}1${")".repeat(2000)}`, /nests deeper than 32/],
    ["thousands of operators", `${"!".repeat(4000)}true`, /has more than 2000 parts/],
    ["a long source", "a".repeat(4097), /longer than 4096/],
    [
      "a pattern of a million states",
      "match('a', '((a{100}){100}){100}') ? 'a' : 'b'",
      /cannot use the pattern/,
    ],
    ["what every object has", "identity.constructor", /no "constructor"/],
    ["what the view has inside", "identity.source", /no "source"/],
    ["a prototype", "identity.__proto__", /no "__proto__"/],
  ])("%s", (_, source, message) => {
    expect(run(source)).toMatch(message);
  });

  test.each([
    ["nested repetition", "match(identity.userName + '!', '^(a+)+$') ? 'a' : 'b'"],
    ["overlapping alternatives", "match(identity.userName + '!', '^(a|aa)+$') ? 'a' : 'b'"],
    ["a long chain", Array.from({ length: 500 }, () => "false").join("||")],
    ["many signs", `${"-".repeat(1900)}1`],
    ["a key that every object has", "identity.attributes.toString"],
    ["a key that is a prototype's", "identity.attributes['__proto__']"],
  ])("but %s is answered", (_, source) => {
    expect(run(source)).toBeUndefined();
  });

  it("works again after an expression that was stopped", () => {
    const expression = compile(`[identity.attributes.a.all(x, ${many}.all(y, y != x))]`, {
      result: "values",
    });
    if (isProblem(expression)) throw new Error(expression.message);
    expect(expression.evaluate({ identity: full }).ok).toBe(true); // x differs from y at once: false
    const heavy = compile(`[${many}.all(x, ${many}.all(y, y != 'z'))]`, { result: "values" });
    if (isProblem(heavy)) throw new Error(heavy.message);
    expect(heavy.evaluate({ identity: full })).toMatchObject({ ok: false });
    const small = identityValue("small", { userName: "s", attributes: { a: ["1"] } });
    expect(heavy.evaluate({ identity: small })).toEqual({ ok: true, value: ["true"] });
  });

  it("never throws, whatever the source", () => {
    const piece = fc.constantFrom(
      ..."identity|.|title|?|name|(|)|[|]|'a'|,|==|+|&&|1|has(|match(|dn(|account(|'x'|unique(|null|!|x|exists(x,|map(x,|attributes|emails|\\|{|}|:|0x|\n|//|in| ".split(
        "|",
      ),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.constantFrom("bool", "string", "values"),
        (pieces, result) => {
          const expression = compile(pieces.join(""), { result: result as "bool" });
          if (!isProblem(expression)) expression.evaluate({ identity: full });
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("never makes a text of what is absent", () => {
    const { text } = fc.letrec<{ text: string; list: string; bool: string }>((tie) => ({
      text: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(
          "identity.title",
          "identity.name.givenName",
          "identity.manager",
          "'a'",
          "identity.userName",
        ),
        fc.constantFrom(
          "primary(identity.emails)",
          "identity.lifecycle.end",
          "identity.?nickName.orValue(identity.title)",
        ),
        fc.tuple(tie("text"), tie("text")).map(([a, b]) => `(${a} + ${b})`),
        fc.tuple(tie("text"), tie("text")).map(([a, b]) => `coalesce(${a}, ${b})`),
        fc.tuple(tie("bool"), tie("text"), tie("text")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
        fc.tuple(tie("text"), tie("text")).map(([a, b]) => `cel.bind(v, ${a}, v + ${b})`),
        fc
          .tuple(fc.constantFrom("lower", "ascii", "string", "initials"), tie("text"))
          .map(([f, a]) => `${f}(${a})`),
        tie("text").map((a) => `${a}.trim()`),
        tie("list").map((a) => `${a}.join('-')`),
      ),
      list: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom("identity.attributes.site", "identity.emails.map(e, e.value)"),
        fc.tuple(tie("text"), tie("text")).map(([a, b]) => `[${a}, ${b}]`),
        fc.tuple(tie("list"), tie("text")).map(([a, b]) => `${a}.map(x, x + ${b})`),
        fc.tuple(tie("list"), tie("bool")).map(([a, b]) => `${a}.filter(x, ${b})`),
      ),
      bool: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom("true", "has(identity.title)"),
        fc.tuple(tie("text"), tie("text")).map(([a, b]) => `${a} == ${b}`),
        tie("text").map((a) => `${a}.startsWith('a')`),
      ),
    }));
    const nobody = identityValue("a", { userName: "a", name: {} });
    fc.assert(
      fc.property(text, (source) => {
        const expression = compile(source, { result: "values" });
        if (isProblem(expression)) return;
        const result = expression.evaluate({ identity: nobody });
        expect(JSON.stringify(result.ok ? result.value : [])).toMatch(/^(null|\[("[-aA]*",?)*\])$/);
      }),
      { numRuns: 2000 },
    );
  });
});
