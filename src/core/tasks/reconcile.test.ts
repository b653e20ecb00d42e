import fc from "fast-check";
import { expect, test } from "vitest";
import { outcomeOf, planned, plannedMembership } from "../../../test/support/planned.ts";
import type { PlanItem } from "../model/change.ts";
import type { Intent } from "../model/journal.ts";
import { answered } from "./answer.ts";
import { covering } from "./covering.ts";
import { effectsOf } from "./effects.ts";
import { reconcile, type TaskChanges } from "./reconcile.ts";
import { isLive, subjectOfItem, subjectOfTask, type Task } from "./task.ts";

const key = "the state's key";
const hour = 3_600_000;
const people = ["ann", "bob"] as const;
const terms = { owner: "records", due: 72 * hour, remind: 24 * hour };

const values = fc.constantFrom("a", "b");
const attributes = fc
  .subarray(["mail", "department"])
  .chain((names) =>
    fc.tuple(...names.map((name) => values.map((value) => ({ name, before: [], after: [value] })))),
  );

/** What a plan may want of somebody. */
const wish = fc.constantFrom(...people).chain((identity) =>
  fc.oneof(
    attributes.map((deltas) => planned({ operation: "Create", identity, attributes: deltas })),
    attributes
      .filter((deltas) => deltas.length > 0)
      .map((deltas) =>
        planned({ operation: "Update", identity, anchor: `#${identity}`, attributes: deltas }),
      ),
    fc
      .constantFrom("Disable" as const, "Delete" as const)
      .map((operation) => planned({ operation, identity, anchor: `#${identity}` })),
    fc
      .record({
        operation: fc.constantFrom("Grant" as const, "Revoke" as const),
        entitlementName: fc.constantFrom("lab", "shop"),
      })
      .map((parts) => plannedMembership({ identity, ...parts })),
  ),
);

const step = fc.record({
  wished: fc.uniqueArray(wish, { maxLength: 4, selector: ({ hash }) => hash }),
  /** Those of whom the plan tells everything. */
  told: fc.subarray([...people]),
  answer: fc.option(
    fc.record({
      identity: fc.constantFrom(...people),
      outcome: fc.constantFrom("Completed" as const, "Rejected" as const),
    }),
  ),
  /** Items that the store shows done before the plan is made. */
  done: fc.nat(2),
  hours: fc.nat(30),
});

/** All tasks there ever were, as a state would keep them. */
class Tasks {
  now = Date.parse("2026-01-01T00:00:00Z");
  readonly all = new Map<string, Task>();

  live(): readonly Task[] {
    return [...this.all.values()].filter(isLive);
  }

  put(tasks: readonly Task[]): void {
    for (const task of tasks) this.all.set(task.name, task);
  }

  reconcile(wished: readonly PlanItem[], told: readonly string[]): TaskChanges {
    const tasks = this.live();
    return outcomeOf(
      reconcile({
        ...{ target: "people", terms, now: this.now, digestKey: key, tasks },
        covering: covering(tasks, key),
        wanted: wished,
        intentOf: (item) => intentOf(item, this.now),
        isTold: ({ identity }) => told.includes(identity),
        decided: () => undefined,
      }),
    );
  }
}

function intentOf({ hash, identity, name, operation, target }: PlanItem, at: number): Intent {
  const rest = { anchor: "", revision: "", reasons: [], patch: [], before: {} };
  return { ...rest, at, target, identity, name, operation, item: hash } as Intent;
}

const isOpen = ({ phase }: Task) => phase === "Open" || phase === "Completed";

test("whatever is planned, done and answered: each change is in one task, each account has one, and nothing is said twice", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const tasks = new Tasks();
      for (const { wished, told, answer, done, hours } of steps) {
        tasks.now += hours * hour + 1;
        const asked = tasks.live().find((task) => isOpen(task) && task.identity === answer?.identity);
        if (asked && answer) {
          const next = answered(
            asked,
            { task: asked.name, target: "people", outcome: answer.outcome, by: "maria", reason: "why" },
            tasks.now,
          );
          tasks.put([next as Task]);
        }
        const shown = tasks.live().filter(isOpen)[0];
        if (shown) tasks.put([{ ...shown, items: shown.items.slice(done) }]);
        const before = tasks.live();
        const rejected = new Set(
          wished.filter((item) => covering(before, key)(item)?.phase === "Rejected").map(({ hash }) => hash),
        );
        const changes = tasks.reconcile(wished, told);
        tasks.put(changes.put);
        check(tasks, before, { wished, told, rejected, changes });
        // The same plan once more has nothing to say.
        expect(tasks.reconcile(wished, told)).toMatchObject({ put: [], events: [] });
      }
    }),
    { numRuns: 300 },
  );
});

interface Step {
  readonly wished: readonly PlanItem[];
  readonly told: readonly string[];
  readonly rejected: ReadonlySet<string>;
  readonly changes: TaskChanges;
}

function check(tasks: Tasks, before: readonly Task[], { wished, told, rejected, changes }: Step): void {
  const live = tasks.live();
  expect([...changes.live].map(({ name }) => name).sort()).toEqual(live.map(({ name }) => name).sort());
  const open = live.filter(isOpen);
  const subjects = open.map(subjectOfTask);
  expect(subjects).toEqual([...new Set(subjects)]);
  for (const item of wished) {
    const holders = open.filter(({ items }) => items.some((intent) => intent.item === item.hash));
    if (rejected.has(item.hash)) expect(covering(live, key)(item)?.phase).toBe("Rejected");
    else {
      expect(holders.map(subjectOfTask)).toEqual([subjectOfItem(item)]);
      expect(effectsOf(item, key).every((effect) => holders[0]!.effects.includes(effect))).toBe(true);
    }
  }
  for (const task of before) {
    const now = tasks.all.get(task.name)!;
    const isWanted = wished.some((item) => subjectOfItem(item) === subjectOfTask(task));
    // What is unknown is neither withdrawn nor forgotten (law 4).
    if (!told.includes(task.identity)) {
      const kept = new Set(now.items.map(({ item }) => item));
      expect(task.items.filter(({ item }) => !kept.has(item))).toEqual([]);
      if (task.items.length > 0) expect(isLive(now)).toBe(true);
    } else if (!isWanted) expect(isLive(now)).toBe(false);
    if (now.phase === "Done") expect(now.items).toEqual([]);
    if (task.phase === "Rejected" && now.phase !== "Done") expect(now.phase).toBe("Rejected");
  }
}
