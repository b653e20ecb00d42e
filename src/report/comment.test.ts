import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attributes, item, membership, report, withheld } from "../../test/support/reports.ts";
import { type AccessDiffDocument, accessDiffMarkdown } from "./access-diff.ts";
import { cell, fitted, longestComment, markers } from "./comment.ts";
import { type Head, planDocument } from "./document.ts";
import { planMarkdown } from "./markdown.ts";
import { planSentence } from "./plan-summary.ts";

const head: Head = {
  at: "2026-01-01T00:00:00.000Z",
  revision: "abc",
  state: { place: "/state.db", isFirstRun: false },
  problems: [],
  notRun: [],
};

const create = (identity: string) => item({ operation: "Create", identity });

describe("the sentence that a plan begins with", () => {
  const people = report({
    items: [
      ...["a", "b", "c"].map(create),
      item({ operation: "Disable", identity: "d" }),
      membership({ operation: "Grant", identity: "a" }),
    ],
    withheld: [
      withheld("Budget", item({ operation: "Disable", identity: "e" })),
      withheld("Observe", item({ operation: "Disable", identity: "f" })),
    ],
  });

  test("counts what is done to accounts and memberships, what is held, and where", () => {
    const badges = { ...report({ items: [create("a")] }), target: "badges" };
    expect(planSentence(planDocument(head, [people, badges]))).toBe(
      "4 accounts created, 1 disabled, 1 membership granted, 1 held in 2 targets",
    );
  });

  test("says so when nothing would change, and what stands in the way of knowing", () => {
    const broken = report({ error: { kind: "Unavailable", message: "gone" } });
    const document = planDocument(
      {
        ...head,
        problems: [{ message: "wrong" }],
        notRun: [
          { target: "new", reason: "new", unplanned: true },
          { target: "old", reason: "suspended" },
        ],
      },
      [broken],
    );
    expect(planSentence(document)).toBe(
      "nothing would change; 1 target in error; 1 target not planned; 1 error in the manifests",
    );
  });

  test("is the comment's first line", () => {
    const text = planMarkdown(planDocument(head, [people]));
    expect(text.split("\n")[0]).toBe(
      "### Rollcall plan: 3 accounts created, 1 disabled, 1 membership granted, 1 held in 1 target",
    );
  });
});

test("a plan's comment tells who gains and who loses what, losses first", () => {
  const lost = membership({ operation: "Revoke", identity: "bob", entitlementName: "db" });
  const text = planMarkdown(
    planDocument(head, [report({ items: [create("ada"), membership({ operation: "Grant" }), lost] })]),
  );
  expect(text).toContain(
    [
      "| Lost | db in people | bob |",
      "| Gained | account in people | ada |",
      "| Gained | lab in people | ada |",
    ].join("\n"),
  );
});

describe("a comment", () => {
  test("of a plan of thousands is cut to fit, and says where the rest is", () => {
    const items = Array.from({ length: 5_000 }, (_, index) =>
      item({
        operation: "Disable",
        identity: `person-${index}`,
        attributes: [attributes("note", ["x".repeat(200)], [])],
      }),
    );
    const small = { ...report({ items: [create("ada")] }), target: "badges" };
    const text = planMarkdown(planDocument(head, [report({ items }), small]));
    expect(text.length).toBeLessThanOrEqual(longestComment);
    expect(text).toMatch(/… \d+ more lines do not fit into a comment: rollcall plan -o json shows all/);
    expect(text).toContain("<summary>badges</summary>");
    expect(text).toContain("+ create  uid=ada (ada)");
    expect(text.trimEnd().endsWith(markers.plan)).toBe(true);
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)!.length);
  });

  const texts = fc.oneof(
    fc.string({ maxLength: 300, unit: "grapheme" }),
    fc.constantFrom("`".repeat(400), "|".repeat(300), "<!-- -->"),
  );

  test("is never longer than it may be and keeps its mark, whatever is in the plan", () => {
    const names = fc.array(texts, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(names, texts, fc.integer({ min: 1, max: 80 }), (identities, text, targets) => {
        const items = identities.flatMap((identity) => [
          item({ operation: "Create", identity, attributes: [attributes("note", [], [text])] }),
          membership({ operation: "Revoke", identity, entitlementName: text }),
        ]);
        const reports = Array.from({ length: targets }, (_, index) => ({
          ...report({ items, error: { kind: "Denied", message: text } }),
          target: `target-${index}-${text}`,
        }));
        const problems = identities.map((message) => ({ message }));
        const notRun = identities.map((reason) => ({ target: text, reason }));
        const comment = planMarkdown(planDocument({ ...head, revision: text, problems, notRun }, reports));
        expect(comment.length).toBeLessThanOrEqual(longestComment);
        expect(comment.trimEnd().endsWith(markers.plan)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("about who gains and who loses what neither", () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 900 }), texts, (names, text) => {
        const groups = names.map((target) => ({
          ...{ change: "Gained" as const, target, entitlement: text, identities: names.slice(0, 20) },
          ...{ reasons: [[{ source: "Rule" as const, name: text, detail: text }]], edited: [text] },
        }));
        const document: AccessDiffDocument = {
          ...{ format: "rollcall.dev/access-diff/v1", base: text, revision: text, errors: 0, groups },
          objects: { added: [], changed: [], removed: [] },
          unknown: names.map((reason) => ({ reason, identities: [text] })),
        };
        const comment = accessDiffMarkdown(document);
        expect(comment.length).toBeLessThanOrEqual(longestComment);
        expect(comment.split("\n")[0]).toMatch(/^### Rollcall: .*(gain|gains)/);
        expect(comment.trimEnd().endsWith(markers.access)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("calls nobody and begins no markup", () => {
    expect(cell("@everyone of <b> a|b ada@example.org")).toBe(
      "@\u200beveryone of &#60;b&#62; a&#124;b ada@example.org",
    );
  });
});

test("what fits is left as it is; what does not is counted", () => {
  const rest = (count: number) => `+${count}`;
  expect(fitted(["abc", "def"], 8, rest)).toEqual(["abc", "def"]);
  expect(fitted(["abc", "def", "ghi"], 9, rest)).toEqual(["abc", "+2"]);
});
