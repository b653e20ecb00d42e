import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attributes, item, membership, report, withheld } from "../../test/support/reports.ts";
import { applyDocument, type Head, planDocument } from "./document.ts";
import { verdictOf } from "./run-report.ts";

const head: Head = {
  at: "2026-01-01T00:00:00.000Z",
  revision: "abc",
  state: { place: "/state.db", isFirstRun: false },
  problems: [{ kind: "Identity", name: "bob", field: "spec.x", message: "is wrong" }],
  notRun: [{ target: "old", reason: "it is suspended" }],
};

/** All that can be in a report. */
const full = report({
  items: [
    item({ operation: "Update", rename: "uid=new", attributes: [attributes("mail", ["a"], ["b"])] }),
    item({ operation: "Adopt", proposed: true }),
    membership({ operation: "Grant" }),
    item({ operation: "Disable", emergency: true, unsettledSince: 1 }),
  ],
  withheld: [withheld("Budget", item({ operation: "Delete", reversible: false }), "too many")],
  findings: [
    { kind: "Conflict", target: "people", identity: "eve", name: "uid=eve", message: "claimed twice" },
  ],
  holds: [
    {
      ...{
        hash: "h",
        budget: "Removals",
        reason: "too many",
        items: [{ hash: "i", operation: "Disable", name: "uid=ada" }],
        expires: 1,
      },
      approved: { by: "Ann", at: 1 },
    },
  ],
  orphans: new Map([["#9", "uid=stranger"]]),
  error: { kind: "Unavailable", message: "cannot reach it" },
});

describe("docs/plan-json.md", () => {
  const page = readFileSync("docs/plan-json.md", "utf8");
  const applied = {
    done: full.guarded.items,
    failed: [{ item: full.guarded.items[0]!, error: "no", kind: "Denied" }],
    left: [],
  };
  test.each([
    ["a plan", planDocument(head, [full])],
    ["an outcome", applyDocument(head, [{ ...full, applied }], { interrupted: false, gone: 0 })],
  ])("names every member of %s", (_, document) => {
    expect(
      [...members(document)].filter((name) => !new RegExp(`\`(?:targets\\[\\]\\.)?${name}\``).test(page)),
    ).toEqual([]);
  });

  /** Names of members, without those that are data: attributes, counts, patches. */
  function members(value: unknown, found = new Set<string>()): Set<string> {
    if (Array.isArray(value)) for (const each of value) members(each, found);
    else if (value !== null && typeof value === "object")
      for (const [name, member] of Object.entries(value)) {
        found.add(name);
        if (!["attributes", "counts", "patch"].includes(name)) members(member, found);
      }
    return found;
  }
});

describe("a plan document", () => {
  test("counts a rename as a rename, and tells how much of what is linked is touched", () => {
    const plan = planDocument(head, [
      report({
        linked: 4,
        items: [
          item({ identity: "a", operation: "Update", rename: "uid=b" }),
          item({ identity: "c", operation: "Create" }),
          membership({ identity: "c", operation: "Grant" }),
          item({ identity: "d", operation: "Adopt" }),
        ],
      }),
    ]);
    expect(plan.targets[0]).toMatchObject({
      counts: { adopt: 1, rename: 1, create: 1, grant: 1 },
      touched: { accounts: 2, percent: 25 },
    });
  });

  test("has the same hash in whatever order its changes are found", () => {
    const [a, b] = [
      item({ identity: "a", operation: "Disable" }),
      item({ identity: "b", operation: "Disable" }),
    ];
    const hash = (...items: (typeof a)[]) => planDocument(head, [report({ items })]).hash;
    expect(hash(a, b)).toBe(hash(b, a));
    expect(hash(a)).not.toBe(hash(b));
  });

  test("does not take an account for an orphan that is to be adopted", () => {
    const plan = planDocument(head, [
      report({
        items: [item({ operation: "Adopt", anchor: "#1" })],
        orphans: new Map([
          ["#1", "uid=ada"],
          ["#2", "uid=eve"],
        ]),
      }),
    ]);
    expect(plan.targets[0]!.orphans).toEqual({ count: 1, first: ["uid=eve"] });
  });

  test("masks sensitive values on both sides, and still shows that one changes", () => {
    const secret = { ...attributes("pin", ["1234"], ["5678"]), sensitive: true };
    const text = JSON.stringify(
      planDocument(head, [report({ items: [item({ operation: "Update", attributes: [secret] })] })]),
    );
    expect(text).not.toMatch(/1234|5678/);
    expect(text).toContain('"value":"•••••• (changed)"');
  });
});

describe("the verdict", () => {
  test.each([
    ["nothing found", report({}), { failed: false, held: false, changes: false }],
    ["something to do", report({ items: [item({ operation: "Create" })] }), { changes: true }],
    ["a store that is down", report({ error: { kind: "Unavailable", message: "" } }), { failed: true }],
    [
      "something withheld",
      report({ withheld: [withheld("Budget", item({ operation: "Disable" }))] }),
      { held: true },
    ],
    [
      "what the target's own manifest leaves out waits for nobody",
      report({
        withheld: [
          withheld("NotAllowed", item({ operation: "Delete" })),
          withheld("Observe", item({ operation: "Disable" })),
        ],
      }),
      { held: false, changes: false },
    ],
    [
      "a conflict",
      report({ findings: [{ kind: "Conflict", target: "people", message: "" }] }),
      { held: true },
    ],
    [
      "an outside change is only reported",
      report({ findings: [{ kind: "Outside", target: "people", message: "" }] }),
      { held: false },
    ],
  ])("%s", (_, found, expected) => {
    expect(verdictOf([found])).toMatchObject(expected);
  });
});
