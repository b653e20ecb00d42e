import { describe, expect, test } from "vitest";
import { attributes, item, membership, report, withheld } from "../../test/support/reports.ts";
import { entry, task } from "../../test/support/state/samples.ts";
import { applyDocument, type Head, planDocument } from "./document.ts";
import { planMarkdown } from "./markdown.ts";
import { targetCounts } from "./notes.ts";
import { applyText, planText } from "./text.ts";

const head: Head = {
  at: "2026-01-01T00:00:00.000Z",
  revision: "abc",
  state: { place: "/state.db", isFirstRun: false },
  problems: [],
  notRun: [],
};

const plan = (...reports: Parameters<typeof planDocument>[1]) => planDocument(head, reports);

describe("a plan as text", () => {
  test("shows each change with its values and its reason, and sums up", () => {
    const found = report({
      items: [
        item({ operation: "Create", identity: "bob", attributes: [attributes("mail", [], ["b@x", "c@x"])] }),
        item({
          operation: "Update",
          attributes: [attributes("title", ["Dr"], []), attributes("sn", [], ["L"])],
        }),
        membership({ operation: "Grant" }),
      ],
    });
    expect(
      planText(plan(found)),
    ).toBe(`Target people (Store directory): 10 linked, touches 2 accounts, 10 % of those linked
  + create  uid=bob (bob)
        mail: b@x, c@x
        because BusinessRole research (members.when)
  ~ update  uid=ada (ada)
        title: Dr → (nothing)
        sn: L
        because BusinessRole research (members.when)
  + grant   lab for uid=ada (ada)

Plan: 1 create, 1 update, 1 grant.
`);
  });

  test("says of a removal whether it can be undone", () => {
    const text = planText(plan(report({ items: [item({ operation: "Delete", reversible: false })] })));
    expect(text).toContain("- delete  uid=ada (ada)  (cannot be undone)");
  });

  test("puts together what is held for one reason, with the way to let it pass", () => {
    const items = [item({ operation: "Disable" }), item({ operation: "Disable", identity: "bob" })];
    const hold = { hash: "f00", budget: "Removals", reason: "too many", items, expires: 1 } as const;
    const text = planText(
      plan(report({ withheld: items.map((each) => withheld("Budget", each, "too many")), holds: [hold] })),
    );
    expect(text).toContain(
      "  ! held: too many\n      disable uid=ada (ada)\n      disable uid=bob (bob)\n      to let it pass: rollcall approve f00 (in a folder: -f DIR)\n",
    );
    expect(text).toContain("Plan: nothing to do now; 2 held.");
  });

  test("counts at its end what differs and is left as it is, as status does", () => {
    const finding = (kind: "Drift" | "Outside" | "Pending") => ({
      kind,
      target: "people",
      message: "so it is",
    });
    const reported = report({ findings: [finding("Drift"), finding("Outside"), finding("Pending")] });
    expect(planText(plan(reported))).toContain("\nPlan: nothing to do; 2 differences left as they are.\n");
    const excluded = report({ withheld: [withheld("Observe", item({ operation: "Update" }))] });
    expect(planText(plan(excluded))).toContain("\nPlan: nothing to do; 1 difference left as it is.\n");
    const both = {
      ...reported,
      guarded: report({ withheld: [withheld("Budget", item({ operation: "Disable" }))] }).guarded,
    };
    expect(planText(plan(both))).toContain(
      "Plan: nothing to do now; 1 held; 2 differences left as they are.",
    );
    expect(targetCounts(both).drift).toBe(3);
  });

  test("shows the first twenty of many changes, what they come to, and every removal", () => {
    const many = (operation: "Create" | "Disable") =>
      Array.from({ length: 60 }, (_, index) => item({ operation, identity: `${operation}${index}` }));
    const text = planText(plan(report({ items: [...many("Create"), ...many("Disable")] })));
    expect(text).toMatch(/^Target .*: 60 creates, 60 disables$/m);
    expect(text.match(/\+ create/g)).toHaveLength(20);
    expect(text).toContain("… and 40 more creates");
    expect(text.match(/- disable/g)).toHaveLength(60);
  });

  test("claims no number of links where the target could not be opened", () => {
    const error = { kind: "Unavailable", message: "cannot read badges.csv: it has 0 bytes" };
    const closed = { ...report({ error }), linked: undefined };
    expect(planText(plan(closed))).toContain(
      "Target people (Store directory)\n  ! cannot read badges.csv: it has 0 bytes\n",
    );
    expect(
      applyText(applyDocument(head, [closed], { interrupted: false, gone: 0 }), { wasSeen: true }),
    ).toContain("Target people (Store directory): nothing done\n");
  });

  test("names whose account a finding is about as it does with changes", () => {
    const finding = {
      kind: "Outside",
      target: "people",
      identity: "ada",
      name: "uid=ada",
      message: "it was deleted",
    } as const;
    expect(planText(plan(report({ findings: [finding] })))).toContain(
      "? outside  uid=ada (ada): it was deleted\n",
    );
  });

  test("counts all orphans and names some", () => {
    const orphans = new Map(Array.from({ length: 14 }, (_, index) => [`#${index}`, `uid=${index}`]));
    expect(planText(plan(report({ orphans })))).toContain(
      "14 orphans, accounts that no identity explains: uid=0,",
    );
    expect(planText(plan(report({ orphans })))).toContain("… and 4 more");
  });

  test("says why a target could not be read, and which are not run", () => {
    const error = { kind: "Unavailable", message: "cannot reach ldap.example.org: refused" };
    const document = planDocument({ ...head, notRun: [{ target: "old", reason: "it is suspended" }] }, [
      report({ error }),
    ]);
    expect(planText(document)).toContain("Plan: nothing to do now; 1 target in error.");
    expect(planText(document)).toContain("! cannot reach ldap.example.org: refused");
    expect(planText(document)).toContain("Target old is not run: it is suspended");
  });
});

describe("an outcome as text", () => {
  const [done, failed, left] = ["a", "b", "c"].map((identity) => item({ operation: "Disable", identity }));
  const found = {
    ...report({}),
    applied: {
      done: [done!],
      failed: [{ item: failed!, error: "it is busy: try later", kind: "Retryable" }],
      left: [left!],
    },
  };
  const outcome = applyDocument(head, [found], { interrupted: true, gone: 2 });

  test("tells what was done, what failed and why, what was not tried", () => {
    const text = applyText(outcome, { wasSeen: false });
    expect(text).toContain("- disable uid=a (a)");
    expect(text).toContain("! failed  disable uid=b (b): it is busy: try later");
    expect(text).toContain("! not tried: uid=c (c)");
    expect(text).toContain("Interrupted: 1 disable; 1 failed; 1 not tried; 2 no longer as the plan showed.");
  });

  test("names the attributes of an update that is held", () => {
    const update = item({
      operation: "Update",
      attributes: [attributes("sn", ["L"], ["K"]), attributes("mail", [], ["x"])],
    });
    const held = report({ withheld: [withheld("Task", update)] });
    expect(planText(plan(held))).toContain("update uid=ada (ada): sn, mail");
  });

  test("says so when there was nothing to do", () => {
    const idle = { ...report({}), applied: { done: [], failed: [], left: [] } };
    const text = applyText(applyDocument(head, [idle], { interrupted: false, gone: 0 }), { wasSeen: true });
    expect(text).toContain("\n\nNothing to do.\n");
    const told = {
      ...idle,
      findings: [{ kind: "Outside", target: "people", message: "it is gone" }],
    } as const;
    expect(
      applyText(applyDocument(head, [told], { interrupted: false, gone: 0 }), { wasSeen: true }),
    ).toContain("\n\nNothing to do; 1 difference left as it is.\n");
  });

  test("tells of whom what was asked, where people change the store", () => {
    const asked = item({ operation: "Create", identity: "ada" });
    const applied = { done: [], failed: [], left: [], handed: [asked] };
    const events = [{ kind: "Done", task: task("people-1"), message: "the store shows it" }] as const;
    const line = { ...entry("bob"), identity: "bob", operation: "Create", before: {}, patch: [] } as const;
    const made = { ...line, task: "people-2", doneBy: "maria" };
    const tasks = { owner: "records", live: [], events, byHand: [made] };
    const byHand = { ...report({ items: [asked] }), tasks };
    const after = applyDocument(head, [{ ...byHand, applied }], { interrupted: false, gone: 0 });
    const text = applyText(after, { wasSeen: true });
    expect(text).toContain("> asked of records:\n      create uid=ada (ada)");
    expect(text).toContain("> task people-1 (uid=people-1): done, the store shows it");
    expect(text).toContain("< done by hand, completed by maria (task people-2):\n      create uid=bob (bob)");
    expect(text).toContain("Applied: nothing; 1 done by hand; 1 asked of people.");
    const planned = (asks: number) =>
      planText(planDocument(head, [{ ...byHand, tasks: { ...byHand.tasks, asks } }]));
    expect(planned(1)).toContain("by hand: apply opens tasks for records");
    expect(planned(0)).not.toContain("by hand: apply");
    expect(planned(0)).toContain("< done by hand");
  });

  test("only counts what somebody has seen in the plan", () => {
    expect(applyText(outcome, { wasSeen: true })).not.toContain("- disable");
  });
});

describe("a plan as markdown", () => {
  test("lists what is wrong with the manifests, with its place", () => {
    const problem = {
      kind: "Identity",
      name: "bob",
      field: "spec.x",
      message: "is <b>wrong</b>",
      location: { file: "a.yaml", line: 3 },
    };
    const text = planMarkdown(planDocument({ ...head, problems: [problem] }, []));
    expect(text).toContain("- a.yaml:3 Identity/bob spec.x: is &#60;b&#62;wrong");
  });

  test("has a row for each target, and the changes below in a fence that no value can end", () => {
    const odd = item({ operation: "Update", attributes: [attributes("note", [], ["```` | <b>"])] });
    const text = planMarkdown(plan(report({ items: [odd] })));
    expect(text).toContain("| people | 1 | 0 | 0 | 0 | 1 (10 %) |");
    expect(text).toContain("`````diff\n");
  });
});
