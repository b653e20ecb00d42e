import fc from "fast-check";
import { expect, test } from "vitest";
import { taskDocument } from "../../src/report/task.ts";
import type { BatchResult, State } from "../../src/state/state.ts";
import { ByHand, eventsOf } from "../support/by-hand.ts";
import { company, dn, person } from "../support/company.ts";
import { applyThrough, mortalState } from "../support/mortal-state.ts";
import { makeChange } from "../support/task-worker.ts";
import { tell } from "../support/told.ts";
import type { Tampering } from "../support/world.ts";

const names = ["ann", "bob", "zoe"] as const;
const hour = 3_600_000;

const edit = fc.record({
  identity: fc.constantFrom(...names),
  spec: fc.constantFrom<Record<string, unknown>>(
    { department: "Sales" },
    { department: "Research" },
    { userName: "renamed" },
    { emails: [{ value: "new@example.org" }] },
    { emails: [] },
    { lifecycle: { state: "Inactive" } },
    { lifecycle: undefined },
    { userType: "Guest" },
    { userType: "Employee" },
    { lifecycle: { emergency: "Disable" } },
  ),
});

/** What happens between two looks: somebody edits manifests, somebody does a part of what the tasks say, the process ends. */
const step = fc.record({
  edits: fc.array(edit, { maxLength: 3 }),
  /** Of each task, the changes that are made: whichever of these come to be there. */
  made: fc.array(fc.nat(5), { maxLength: 3 }),
  /** Of whose accounts somebody changes what no task asks for. */
  tampered: fc.array(fc.constantFrom(...names), { maxLength: 1 }),
  completes: fc.boolean(),
  restarts: fc.boolean(),
  /** The process is killed around this write of the state. */
  dies: fc.option(fc.nat(7)),
  hours: fc.nat(40),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const limits = { removals: { percent: 100, atLeast: 1000, atMost: 1000, per: "1h" }, settle: "0s" };

test("laws 1 and 7: who does what the tasks say, in whatever pieces and order, comes to a store in which nothing is left to do", () =>
  holds());

test("the same test notices that what people did is forgotten", async () => {
  const forgetful = (state: State) =>
    new Proxy(state, {
      get(target, property) {
        const member = Reflect.get(target, property, target) as unknown;
        if (typeof member !== "function") return member;
        if (property !== "finish") return member.bind(target) as unknown;
        return ({ links: _, ...rest }: BatchResult) => target.finish(rest);
      },
    });
  await expect(holds({ state: forgetful })).rejects.toThrow();
});

test("law 4: a store that is asked what people have done only when something has changed tells all that one tells that is always asked", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      expect(await told(steps, { full: false })).toEqual(await told(steps, { full: true }));
    }),
    { numRuns: 40 },
  );
});

/** What is seen of tasks in two looks after each step. */
async function told(
  steps: readonly Step[],
  { full }: { readonly full: boolean },
): Promise<readonly unknown[]> {
  const world = new ByHand();
  const leaving = {
    allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
    deprovision: { action: "Delete", deleteAfter: "30h" },
  };
  const target = { tasks: { owner: "records" }, limits, ...leaving };
  world.put(...company(target), ...names.map((name) => person(name)));
  const seen: unknown[] = [];
  for (const step of steps) {
    await happen(world, step);
    for (const pass of [step.completes, true]) {
      const reports = await world.apply({ full, pass });
      const { withheld, findings } = tell(reports);
      // Of who waits to be deleted a full compare alone tells after a restart.
      const others = findings.filter((finding) => !finding.startsWith("Pending"));
      seen.push([eventsOf(reports), withheld, others, await world.open()].map((each) => each.toSorted()));
    }
  }
  return [...seen, await world.told()];
}

async function holds(tampering: Tampering = {}): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => happens(steps, tampering)),
    { numRuns: 40 },
  );
}

async function happens(steps: readonly Step[], tampering: Tampering): Promise<void> {
  let left = Number.POSITIVE_INFINITY;
  const mortal = mortalState(() => left-- === 0);
  const state = (real: State) => mortal(tampering.state?.(real) ?? real);
  const world = new ByHand(undefined, { ...tampering, state });
  world.put(...company({ tasks: { owner: "records" }, limits }), ...names.map((name) => person(name)));
  await world.apply();
  for (const step of steps) {
    await happen(world, step);
    left = step.dies ?? Number.POSITIVE_INFINITY;
    await applyThrough(world);
    left = Number.POSITIVE_INFINITY;
    await isSound(world);
  }
  for (let round = 0; round < 5; round++) {
    await work(world, () => true);
    world.now += hour;
    await world.apply();
  }
  expect(await world.open()).toEqual([]);
  expect(await (await world.state()).openBatches("people")).toEqual([]);
  expect(tell(await world.apply())).toMatchObject({
    done: [],
    failed: [],
    left: [],
    withheld: [],
    errors: [],
  });
  expect(world.store.writes).toBe(0);
}

async function happen(
  world: ByHand,
  { edits, made, tampered, completes, restarts, hours }: Step,
): Promise<void> {
  for (const { identity, spec } of edits)
    world.edit(`Identity/${identity}`, spec.userName ? { userName: `${identity}-2` } : spec);
  for (const place of made) await work(world, (_, index) => index === place);
  for (const name of tampered)
    if (world.store.account(dn(name)))
      world.store.editAccount(dn(name), { attributes: { mail: [`${name}@elsewhere.example`] } });
  if (completes) for (const task of await live(world)) await world.say({ task: task.name });
  if (restarts) world.restart();
  world.now += hours * hour;
}

async function live(world: ByHand) {
  return (await world.state()).tasks();
}

/** Somebody makes those changes of all tasks that are chosen, each in turn. */
async function work(world: ByHand, isChosen: (task: string, index: number) => boolean): Promise<void> {
  for (const task of await live(world))
    taskDocument(task, world.now).changes.forEach((change, index) => {
      if (isChosen(task.name, index)) makeChange(world.store, change);
    });
}

/** One task for each account, and one line for each change that was made. */
async function isSound(world: ByHand): Promise<void> {
  const subjects = (await live(world)).map(({ identity, account }) => identity || account);
  expect(subjects).toEqual([...new Set(subjects)]);
  const lines = (await world.journal()).filter(({ operation }) => operation === "Create");
  const made = lines.map(({ anchor }) => anchor);
  expect(made).toEqual([...new Set(made)]);
}
