import { describe, expect, it } from "vitest";
import type { Intent } from "../../core/model/journal.ts";
import type { Task } from "../../core/tasks/task.ts";
import { conditionIn } from "./conditions.ts";
import { taskObjectStatus } from "./task.ts";

const opened = Date.parse("2026-03-01T09:00:00Z");
const due = Date.parse("2026-03-04T09:00:00Z");

const intent = (more: Partial<Intent>): Intent => ({
  ...{ at: opened, revision: "r", target: "badges", identity: "ada", anchor: "1", name: "ada" },
  ...{ operation: "Update", item: "i", reasons: [], patch: [], before: {} },
  ...more,
});
const moves = intent({
  before: { attributes: { room: ["12"] } },
  patch: [
    { op: "replace", path: "/attributes/room", value: ["14"] },
    { op: "add", path: "/attributes/phone", value: ["99"] },
  ],
});
const gets = intent({
  operation: "Grant",
  entitlement: "lab",
  before: { entitlements: [] },
  patch: [{ op: "add", path: "/entitlements/0", value: "front door" }],
});

const task: Task = {
  ...{ name: "badges-1", target: "badges", identity: "ada", account: "ada", owner: "desk@example.org" },
  ...{ items: [moves, gets], effects: [], opened, due, phase: "Open" },
};

const status = (of: Task | undefined, now = opened) =>
  taskObjectStatus({ task: of, now, generation: 1, previous: undefined });
const ready = (of: Task | undefined, now?: number) => {
  const { status: is, reason, message } = conditionIn(status(of, now), "Ready")!;
  return `${is} ${reason}: ${message}`;
};

describe("the status of a task", () => {
  it("says what is to be done, in short and with its values, by whom and by when", () => {
    expect(status(task)).toMatchObject({
      phase: "Open",
      identity: "ada",
      account: "ada",
      what: "update room, phone; grant front door",
      changes: ["~ update  ada: room: 12 → 14; phone: 99", "+ grant   front door for ada"],
      items: 2,
      owner: "desk@example.org",
      opened: "2026-03-01T09:00:00Z",
      due: "2026-03-04T09:00:00Z",
    });
  });

  it("is worth somebody's attention once it is overdue", () => {
    expect(ready(task)).toBe("False TaskOpen: waits for desk@example.org, is due 2026-03-04T09:00:00Z");
    expect(ready(task, due)).toBe(
      "False TaskOverdue: waits for desk@example.org, was due 2026-03-04T09:00:00Z",
    );
    expect(conditionIn(status(task, due), "Stalled")?.status).toBe("True");
  });

  it("says who said what of it", () => {
    const answered = { by: "ann", at: opened, reason: "no desk" };
    expect(ready({ ...task, phase: "Rejected", answered })).toBe(
      "False TaskRejected: rejected by ann: no desk",
    );
    expect(ready({ ...task, phase: "Completed", answered })).toBe(
      "False TaskCompleted: ann says that it is done; the store does not show it yet",
    );
    const message = "ann completed it, and the store does not show it";
    expect(ready({ ...task, message })).toContain(`2026-03-04T09:00:00Z: ${message}`);
  });

  it("is Ready once the store shows all of it, and still tells what it was", () => {
    const done: Task = { ...task, phase: "Done", items: [], done: [moves, gets], closed: due };
    expect(ready(done)).toBe("True TaskDone: the store shows it");
    expect(status(done, due)).toMatchObject({
      phase: "Done",
      what: "update room, phone; grant front door",
      changes: ["~ update  ada: room: 12 → 14; phone: 99", "+ grant   front door for ada"],
    });
    expect(status({ ...task, items: [gets], done: [moves] }).what).toBe("grant front door");
    expect(ready({ ...task, phase: "Withdrawn", closed: due })).toBe(
      "True TaskWithdrawn: it is no longer due",
    );
  });

  it("of an object that is no task's says so", () => {
    expect(ready(undefined)).toContain("False TaskGone: there is no such task");
  });

  it("fits into a status however much there is to be done", () => {
    const much = Array.from({ length: 50 }, (_, index) =>
      intent({
        ...gets,
        patch: [{ op: "add", path: "/entitlements/0", value: `${index} ${"x".repeat(900)}` }],
      }),
    );
    const { what, changes, items } = status({ ...task, items: much });
    expect([what!.length, changes!.length, items]).toEqual([80, 20, 50]);
    expect(Math.max(...changes!.map(({ length }) => length))).toBe(512);
  });
});
