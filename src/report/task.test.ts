import { describe, expect, test } from "vitest";
import { task } from "../../test/support/state/samples.ts";
import type { Intent } from "../core/model/journal.ts";
import type { Task } from "../core/tasks/task.ts";
import { standingText, taskDocument, tasksText, taskText } from "./task.ts";

const base: Omit<Intent, "operation" | "patch"> = {
  ...{ at: 0, revision: "r", target: "people", identity: "ada", anchor: "#1", name: "uid=ada" },
  ...{ item: "h", reasons: [[{ source: "BusinessRole", name: "research" }]], before: {} },
};
const update: Intent = {
  ...base,
  operation: "Update",
  before: { attributes: { mail: ["a@example.org"] } },
  patch: [
    { op: "replace", path: "/attributes/mail/0", value: "b@example.org" },
    { op: "add", path: "/attributes/title", value: ["Reader"] },
  ],
};
const grant: Intent = {
  ...base,
  operation: "Grant",
  entitlement: "#lab",
  before: { entitlements: [] },
  patch: [{ op: "add", path: "/entitlements/0", value: "lab" }],
};

const asked = (more: Partial<Task> = {}) =>
  task("people-1", { identity: "ada", account: "uid=ada", items: [update, grant], ...more });

describe("a task", () => {
  test("is told in short, and as data, with each change as plans show it", () => {
    const document = taskDocument(asked(), 4_999);
    expect(document).toMatchObject({
      what: "update mail, title; grant lab",
      overdue: false,
      due: "1970-01-01T00:00:05.000Z",
    });
    expect(document.changes.map(({ action, entitlement }) => [action, entitlement])).toEqual([
      ["update", undefined],
      ["grant", "lab"],
    ]);
  });

  test.each<[Partial<Task>, boolean]>([
    [{ phase: "Open" }, true],
    [{ phase: "Completed" }, true],
    [{ phase: "Rejected" }, false],
    [{ phase: "Done", closed: 4_000 }, false],
  ])("%j is overdue at its due time: %j", (more, expected) => {
    expect(taskDocument(asked(more), 5_000).overdue).toBe(expected);
  });

  test("is told to people with each value before and after, who said what of it, and why", () => {
    const answered = { by: "maria\u001b[2J", at: 2_000, reason: "she never came" };
    const text = taskText(taskDocument(asked({ phase: "Rejected", answered }), 3_000));
    expect(text).toContain("Task people-1: Rejected\n  uid=ada (ada) in target people, for records");
    expect(text).toContain("rejected by maria\\u001b[2J at 1970-01-01T00:00:02.000Z: she never came");
    expect(text).toContain("mail: a@example.org → b@example.org");
    expect(text).toContain("+ grant   lab for uid=ada (ada)");
    expect(text).toContain("because BusinessRole research");
  });

  test("still tells what was asked when it is closed, and which of it was done", () => {
    const partly = { items: [grant], done: [update] };
    expect(taskDocument(asked(partly), 0).what).toBe("grant lab");
    const withdrawn = taskDocument(asked({ ...partly, phase: "Withdrawn", closed: 2_000 }), 3_000);
    expect(withdrawn.what).toBe("update mail, title; grant lab");
    expect([withdrawn.changes.length, withdrawn.done.length]).toEqual([1, 1]);
    expect(taskText(withdrawn)).toMatch(/\+ grant[\s\S]*\n {2}done:\n {4}~ update/);
  });

  test.each<[Partial<Task>, string]>([
    [{ phase: "Completed" }, "is completed by maria. It is done once a look at the store shows it."],
    [{ phase: "Rejected" }, "is rejected by maria: no desk."],
    [{ phase: "Done", message: "the store shows it", closed: 1 }, "is done: the store shows it."],
    [
      { phase: "Open", message: "more is to be done than at first" },
      "is open: more is to be done than at first.",
    ],
  ])("that was answered tells how it stands: %j", (more, text) => {
    const answered = { by: "maria", at: 2_000, reason: "no desk" };
    expect(standingText(asked({ answered, ...more }))).toBe(`Task people-1 ${text}`);
  });

  test("is a line of a table", () => {
    const lines = tasksText([taskDocument(asked(), 6_000)]).split("\n");
    expect(lines[1]).toMatch(
      /^people-1 +people +uid=ada +update mail, title; grant lab +records +\S+ +Open, overdue$/,
    );
    expect(tasksText([])).toBe("Nobody is asked to do anything.\n");
  });
});
