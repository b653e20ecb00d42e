import fc from "fast-check";
import { expect, test } from "vitest";
import { isStateError } from "../../../src/state/errors.ts";
import { openState } from "../../../src/state/open.ts";
import type { State } from "../../../src/state/state.ts";
import type { Bed } from "./bed.ts";
import { type Call, NaiveState } from "./naive-state.ts";
import { batch, collect, entry, hold, holding, intent, link } from "./samples.ts";

const targets = ["people", "admins"];
const identities = ["alice", "bob", "Carol", "çelik"];
const entitlements = ["lab", "office", "Lab"];

export function describeModel(bed: Bed): void {
  test("any sequence of calls, the program started anew in between, reads as the model does", async () => {
    const sequences = fc.array(call, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(sequences, (calls) => compare(bed, calls)),
      { numRuns: bed.sequences },
    );
  });
}

async function compare(bed: Bed, calls: readonly Call[]): Promise<void> {
  const place = await bed.freshPlace();
  const open = () => openState(place, { realm: "default", mode: "write", initialise: true });
  const naive = new NaiveState();
  let state = await open();
  try {
    for (const step of calls) {
      if (step.call === "reopen") {
        await state.close();
        state = await open();
      }
      expect(await answer(() => perform(state, step))).toEqual(await answer(async () => naive.do(step)));
    }
    expect(await seen(state)).toEqual(expected(naive));
  } finally {
    await state.close();
  }
}

/** What a call answers; a refusal as such, whatever it says. */
async function answer(perform: () => Promise<unknown>): Promise<unknown> {
  try {
    return await perform();
  } catch (error) {
    if (error instanceof Error && (error.constructor === Error || isStateError(error, "Conflict")))
      return "refused";
    throw error;
  }
}

async function perform(state: State, step: Call): Promise<unknown> {
  switch (step.call) {
    case "begin":
      return state.begin(step.batch);
    case "finish":
      return state.finish(step.result);
    case "putHolds":
      return state.putHolds(step.target, step.holds);
    case "approve":
      return state.approve(step.hash, "carol", step.at);
    case "setNotes":
      return state.setNotes(step.target, step.notes);
    case "reopen":
  }
}

async function seen(state: State): Promise<unknown> {
  const byTarget = targets.map(async (target) => ({
    links: sorted(await collect(state.links(target))),
    someLinks: sorted(await state.linksOf(target, ["alice", "Carol"])),
    holdings: sorted(await state.holdings(target, { identities })),
    holders: sorted(await state.holdings(target, { entitlements: ["lab"] })),
    open: sorted(await state.openBatches(target)),
    removals: await state.spent(target, "Removals", 500),
    creates: await state.spent(target, "Creates", 0),
    holds: sorted(await state.holds(target)),
    notes: Object.fromEntries(await state.notes(target)),
    journal: (await collect(state.journal({ target, last: 3 }))).map(({ seq: _, ...rest }) => rest),
  }));
  return Promise.all(byTarget);
}

function expected(naive: NaiveState): unknown {
  return targets.map((name) => {
    const of = <T extends { target: string }>(items: readonly T[]) =>
      items.filter(({ target }) => target === name);
    return {
      links: sorted(of(naive.links)),
      someLinks: sorted(of(naive.links).filter(({ identity }) => ["alice", "Carol"].includes(identity))),
      holdings: sorted(of(naive.holdings)),
      holders: sorted(of(naive.holdings).filter(({ entitlement }) => entitlement === "lab")),
      open: sorted(of(naive.batches).flatMap(({ open, ...rest }) => (open ? [rest] : []))),
      removals: naive.spent(name, "Removals", 500),
      creates: naive.spent(name, "Creates", 0),
      holds: sorted(of(naive.holds)),
      notes: Object.fromEntries(of(naive.notes).map((note) => [note.name, note.text])),
      journal: of(naive.journal).slice(-3),
    };
  });
}

function sorted<T>(items: readonly T[]): T[] {
  const text = (item: T) =>
    JSON.stringify(item, (_, value) =>
      // By names alone, which are never the same: an attribute may be called toString, and have no text of itself.
      Object.prototype.toString.call(value) === "[object Object]"
        ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
        : value,
    );
  return items.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

const target = fc.constantFrom(...targets);
const identity = fc.constantFrom(...identities);
const time = fc.integer({ min: 0, max: 1_000 });
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const account = fc.record({ target, identity });
const someBatch = fc.constantFrom("b1", "b2", "b3", "b4");

function distinct<T>(item: fc.Arbitrary<T>, key: (item: T) => unknown): fc.Arbitrary<T[]> {
  return fc.uniqueArray(item, { maxLength: 4, selector: (value) => JSON.stringify(key(value)) });
}

const someLink = fc
  .record({
    account,
    anchor: fc.constantFrom("1", "2", "3", "4", "5"),
    seen: text,
    values: fc.dictionary(text, fc.array(text)),
  })
  .map(({ account, anchor, seen, values }) =>
    link(account.identity, { ...account, anchor, seen, applied: Object.fromEntries(Object.entries(values)) }),
  );

const held = fc.record({ account, entitlement: fc.constantFrom(...entitlements), name: text });

const finish = fc.record({
  batch: fc.option(someBatch, { nil: undefined }),
  links: distinct(someLink, (item) => [item.target, item.identity]),
  unlink: fc.array(account, { maxLength: 2 }),
  holdings: distinct(
    held.map(({ account, entitlement, name }) =>
      holding(account.identity, entitlement, { ...account, name }),
    ),
    (item) => [item.target, item.identity, item.entitlement],
  ),
  dropHoldings: fc.array(
    held.map(({ account, entitlement }) => ({ ...account, entitlement })),
    { maxLength: 2 },
  ),
  journal: fc.array(
    fc
      .record({ account, name: text })
      .map(({ account, name }) => entry(account.identity, { ...account, name })),
  ),
});

const call: fc.Arbitrary<Call> = fc.oneof(
  fc
    .record({ id: someBatch, target, at: time, removals: fc.nat(9), name: text })
    .map(({ id, target, at, removals, name }): Call => {
      const intents = [intent("alice", { name })];
      return {
        call: "begin",
        batch: batch(id, { target, at, intents, counts: removals > 0 ? { Removals: removals } : {} }),
      };
    }),
  {
    weight: 5,
    arbitrary: finish.map(
      ({ batch: id, ...result }): Call => ({
        call: "finish",
        result: { ...result, ...(id && { batch: id }) },
      }),
    ),
  },
  fc
    .record({ target, hashes: fc.uniqueArray(fc.constantFrom("h1", "h2", "h3")), at: time, reason: text })
    .map(({ target, hashes, at, reason }): Call => {
      const holds = hashes.map((hash) => hold(hash, { target, at, expires: at + 300, reason }));
      return { call: "putHolds", target, holds };
    }),
  fc
    .record({ hash: fc.constantFrom("h1", "h2"), at: time })
    .map((rest): Call => ({ call: "approve", ...rest })),
  fc
    .record({
      target,
      notes: fc.dictionary(fc.constantFrom("pass", "cursor"), fc.option(text, { nil: undefined })),
    })
    .map((rest): Call => ({ call: "setNotes", ...rest })),
  fc.constant<Call>({ call: "reopen" }),
);
