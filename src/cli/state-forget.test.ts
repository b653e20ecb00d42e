import { expect, test } from "vitest";
import * as samples from "../../test/support/state/samples.ts";
import { openState } from "../state/open.ts";
import type { State } from "../state/state.ts";
import { forgetTarget } from "./state-forget.ts";

const people = samples.manifest("people");
const target = { ...people, resource: { ...people.resource, kind: "Target" } } as typeof people;
const writes: ReadonlySet<PropertyKey> = new Set(["finish", "putHolds", "setNotes", "saveManifests"]);

async function stateOfPeople(): Promise<State> {
  const state = await openState(":memory:", { realm: "default", mode: "write", initialise: true });
  await state.begin(samples.batch("open", { counts: { Removals: 1 } }));
  await state.finish({
    links: [samples.link("alice"), samples.link("bob")],
    holdings: [samples.holding("alice", "lab")],
    entitlements: [{ target: "people", anchor: "lab", name: "lab", version: "1" }],
    tasks: [samples.task("people-1", { target: "people" })],
  });
  await state.putHolds("people", [samples.hold("h", { expires: 9_000 })]);
  await state.approve("h", "charles", 2_000);
  await state.setNotes("people", { lastSuccess: "1" });
  await state.saveManifests({ put: [target], remove: [] });
  return state;
}

/** A state that answers to so many writes. */
function answering(state: State, left: number): State {
  let rest = left;
  return new Proxy(state, {
    get(real, name) {
      const member = Reflect.get(real, name, real) as unknown;
      if (typeof member !== "function") return member;
      if (writes.has(name) && rest-- <= 0) throw new Error("killed");
      return member.bind(real);
    },
  });
}

const forget = async (state: State) =>
  forgetTarget(state, "people", await samples.collect(state.links("people")), {
    ...{ at: 3_000, revision: "r", by: "charles" },
  });

const remembered = async (state: State) => ({
  links: (await samples.collect(state.links("people"))).length,
  batches: (await state.openBatches("people")).length,
  entitlements: (await state.entitlements("people")).size,
  holds: (await state.holds("people")).length,
  tasks: (await state.tasks({ target: "people" })).length,
  notes: (await state.notes("people")).size,
  manifests: (await state.manifests()).length,
});
const nothing = { links: 0, batches: 0, entitlements: 0, holds: 0, tasks: 0, notes: 0, manifests: 0 };

test("forgets what was begun and never looked up, and says so; what budgets counted stays", async () => {
  await using made = disposable(await stateOfPeople());
  await forget(made.state);
  expect(await remembered(made.state)).toEqual(nothing);
  expect(await made.state.spent("people", "Removals", 0)).toBe(1);
  const journal = await samples.collect(made.state.journal({ target: "people" }));
  expect(journal.map(({ operation, result, identity }) => [operation, result, identity])).toEqual([
    ["Update", "InDoubt", "alice"],
    ["Forget", "Done", "alice"],
    ["Forget", "Done", "bob"],
  ]);
});

test("killed at any write, leaves nothing that rests on links which are gone, and goes on when said again", async () => {
  for (let left = 0; ; left++) {
    await using made = disposable(await stateOfPeople());
    const { state } = made;
    const killed = await forget(answering(state, left)).then(
      () => false,
      () => true,
    );
    if (!killed) break;
    const kept = await remembered(state);
    expect(kept.manifests).toBe(1);
    if (kept.links === 0) expect(kept).toEqual({ ...nothing, manifests: 1 });
    await forget(state);
    expect(await remembered(state)).toEqual(nothing);
    const journal = await samples.collect(state.journal({ target: "people" }));
    expect(journal).toHaveLength(3);
  }
});

function disposable(state: State) {
  return { state, [Symbol.asyncDispose]: () => state.close() };
}
