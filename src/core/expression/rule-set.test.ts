import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IdentitySpec } from "../kinds/identity.ts";
import { compile, isProblem, type Rule } from "./compile.ts";
import { identityValue } from "./identity-value.ts";
import { memoKey, RuleSet } from "./rule-set.ts";

function rule(source: string): Rule {
  const expression = compile(source, { result: "bool" });
  if (isProblem(expression)) throw new Error(expression.message);
  return expression;
}

const sources = [
  "identity.department == 'a'",
  "identity.department.startsWith('a')",
  "identity.department == identity.title",
  "has(identity.title)",
  "'a' in identity.attributes.site",
  "identity.name.givenName == 'a'",
  "identity.emails.exists(e, e.primary)",
  "cel.bind(i, identity, i.title == 'a')",
  "true",
];
const text = fc.option(fc.constantFrom("a", "b", "ab", "-", "s1:a"), { nil: undefined });
const spec = fc
  .record({
    department: text,
    title: text,
    site: fc.option(fc.array(fc.constantFrom("a", "b", '","'), { maxLength: 2 }), { nil: undefined }),
    givenName: text,
    primary: fc.boolean(),
  })
  .map(({ department, title, site, givenName, primary }) => {
    const given = { department, title, attributes: site && { site }, name: { givenName } };
    return { userName: "x", emails: [{ value: "e", primary }], ...given } as IdentitySpec;
  });

describe("a set of rules", () => {
  it("gives each rule's own verdict on each identity", () => {
    const set = new RuleSet(sources.map(rule));
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 8 }), (specs) => {
        for (const identity of specs.map((each) => identityValue("x", each))) {
          expect(set.evaluate(identity)).toEqual(set.rules.map((each) => each.evaluate({ identity })));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("evaluates once for each distinct tuple of the values read", () => {
    let evaluations = 0;
    const counted: Rule = {
      ...rule("identity.department == 'a'"),
      evaluate: () => {
        evaluations++;
        return { ok: true, value: true };
      },
    };
    const set = new RuleSet([counted]);
    for (let index = 0; index < 1000; index++) {
      set.evaluate(identityValue(`${index}`, { userName: `u${index}`, department: `${index % 7}` }));
    }
    expect(evaluations).toBe(7);
  });

  it("forgets rather than grow without bound", () => {
    const set = new RuleSet([rule("identity.userName == 'u3'")]);
    for (let index = 0; index < 25_000; index++) {
      const identity = identityValue(`${index}`, { userName: `u${index}` });
      expect(set.evaluate(identity)[0]).toEqual({ ok: true, value: index === 3 });
    }
  });
});

it("a memo key tells different values apart", () => {
  const paths = ["department", "title", "attributes.site"];
  const shown = (each: IdentitySpec) =>
    JSON.stringify([each.department, each.title, each.attributes?.site].map((x) => x ?? null));
  fc.assert(
    fc.property(spec, spec, (a, b) => {
      const [left, right] = [a, b].map((each) => memoKey(paths, identityValue("x", each)));
      expect(left === right).toBe(shown(a) === shown(b));
    }),
    { numRuns: 1000 },
  );
});
