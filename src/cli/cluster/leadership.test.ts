import { setImmediate as breathe } from "node:timers/promises";
import { expect, test } from "vitest";
import { batch, collect, intent, link, task } from "../../../test/support/state/samples.ts";
import { LeaseHeld, type Leadership as Term } from "../../resources/kubernetes/lease.ts";
import { StateError } from "../../state/errors.ts";
import { openState } from "../../state/open.ts";
import { guardedState, margin } from "./guarded-state.ts";
import { type Leading, lead } from "./leadership.ts";

const sighted = { cut: () => undefined };
const revoked = intent("alice", { operation: "Revoke" });

/** A lease that is given as often as there are terms, and says what becomes of them. */
function leaseOf(terms: readonly FakeTerm[], log: string[] = []): Leading["lease"] {
  const left = [...terms];
  return {
    async acquire(stop) {
      const term = left.shift();
      if (!term || stop.aborted) return undefined;
      log.push("leads");
      return {
        lost: term.lost.signal,
        timeLeft: () => (term.lost.signal.aborted ? 0 : 5_000),
        release: async () => void log.push("released"),
      } satisfies Term;
    },
  };
}

class FakeTerm {
  readonly lost = new AbortController();
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

test("work that is to stop ends first, then the lease is released", async () => {
  const log: string[] = [];
  const stop = new AbortController();
  const done = lead({
    lease: leaseOf([new FakeTerm()], log),
    work: async ({ signal }) => {
      log.push("works");
      await untilAborted(signal);
      await breathe();
      log.push("batch done");
    },
    stop: stop.signal,
    alone: false,
    tell: () => {},
  });
  await breathe();
  stop.abort();
  await done;
  expect(log).toEqual(["leads", "works", "batch done", "released"]);
});

test("when leadership is lost the work ends, and begins anew with the next", async () => {
  const log: string[] = [];
  const terms = [new FakeTerm(), new FakeTerm()];
  const stop = new AbortController();
  let term = 0;
  const done = lead({
    lease: leaseOf(terms, log),
    work: async ({ signal, timeLeft }) => {
      const mine = terms[term++]!;
      log.push(`works with ${timeLeft()}`);
      const ended = untilAborted(signal);
      if (mine === terms[0]) mine.lost.abort();
      else stop.abort();
      await ended;
      log.push(`ends with ${timeLeft()}`);
    },
    stop: stop.signal,
    alone: false,
    tell: () => {},
  });
  await done;
  const second = ["leads", "works with 5000", "ends with 5000", "released"];
  expect(log).toEqual(["leads", "works with 5000", "ends with 0", "released", ...second]);
});

test("an error after leadership was lost is told, and passes; one while we lead ends the process, the lease released", async () => {
  const log: string[] = [];
  const terms = [new FakeTerm(), new FakeTerm()];
  const errors = ["overtaken", "broken"];
  let term = 0;
  const told: unknown[] = [];
  const done = lead({
    lease: leaseOf(terms, log),
    work: async () => {
      if (term === 0) terms[0]!.lost.abort();
      throw new Error(errors[term++]);
    },
    stop: new AbortController().signal,
    alone: false,
    tell: (error) => told.push(error),
  });
  await expect(done).rejects.toThrow("broken");
  expect(told).toEqual([new Error("overtaken")]);
  expect(log).toEqual(["leads", "released", "leads", "released"]);
});

test("beside another leader, with its state in a file, it says who leads and what to do", async () => {
  const lease = {
    acquire: async () => {
      throw new LeaseHeld("rollcall-7d_1");
    },
  };
  const leading = { lease, work: async () => {}, stop: new AbortController().signal, tell: () => {} };
  const error = await lead({ ...leading, alone: true }).catch((reason) => reason);
  expect(error).toBeInstanceOf(StateError);
  expect(error).toMatchObject({
    kind: "Locked",
    message:
      "cannot run beside rollcall-7d_1: its state is a file, which one process alone may have open; run one replica (and the Deployment's strategy Recreate), or keep the state in Postgres",
  });
});

test.each([
  ["enough time", [5_000], undefined, ["b1"]],
  ["just enough", [margin], undefined, ["b1"]],
  ["too little time", [margin - 1], "Unavailable", []],
  ["none", [0], "Unavailable", []],
  ["time that runs out while it is committed", [5_000, 0], "Unavailable", ["b1"]],
])("with %s a batch is begun or refused", async (_, times, kind, open) => {
  const state = await openState(":memory:", { realm: "default", mode: "write", initialise: true });
  const left = [...times];
  const guarded = guardedState(state, { timeLeft: () => left.shift() ?? times.at(-1)! }, sighted);
  const error = await guarded.begin(batch("b1")).catch((reason) => reason);
  expect(error?.kind).toBe(kind);
  expect((await state.openBatches("people")).map(({ id }) => id)).toEqual(open);
  await state.close();
});

test.each([
  ["a removal waits", batch("b1", { intents: [intent("alice", { operation: "Disable" })] }), []],
  ["so does one beside other changes", batch("b1", { intents: [intent("bob"), revoked] }), []],
  [
    "what gives or changes does not",
    batch("b1", { intents: [intent("bob", { operation: "Create" })] }),
    ["b1"],
  ],
  ["an emergency does not", batch("b1", { intents: [revoked], counts: { Emergency: 1 } }), ["b1"]],
])("while a watch is cut, %s", async (_, begun, open) => {
  const state = await openState(":memory:", { realm: "default", mode: "write", initialise: true });
  let cut: string | undefined = "the watch of Identity was cut";
  const guarded = guardedState(state, { timeLeft: () => 5_000 }, { cut: () => cut });
  const error = await guarded.begin(begun).catch((reason) => reason);
  expect(error?.kind).toBe(open.length > 0 ? undefined : "Unavailable");
  expect((await state.openBatches("people")).map(({ id }) => id)).toEqual(open);
  cut = undefined;
  await guarded.begin({ ...begun, id: "b2" });
  await state.close();
});

test.each([
  [margin, undefined, 2],
  [margin - 1, "Unavailable", 0],
])("with %d ms left a budget is taken from, or not", async (left, kind, taken) => {
  const state = await openState(":memory:", { realm: "default", mode: "write", initialise: true });
  const guarded = guardedState(state, { timeLeft: () => left }, sighted);
  const spent = { id: "b1", target: "people", at: 1_000, counts: { Removals: 2 } };
  const error = await guarded.finish({ spent, tasks: [task("t1")] }).catch((reason) => reason);
  expect(error?.kind).toBe(kind);
  expect(await state.spent("people", "Removals", 0)).toBe(taken);
  await state.close();
});

test("everything but beginning a batch, or taking from a budget, passes, whatever time is left", async () => {
  const state = await openState(":memory:", { realm: "default", mode: "write", initialise: true });
  const guarded = guardedState(state, { timeLeft: () => 0 }, sighted);
  await state.begin(batch("b1"));
  await guarded.finish({ batch: "b1", links: [link("alice")] });
  expect(await collect(guarded.links("people"))).toEqual([link("alice")]);
  expect([guarded.id, guarded.realm, guarded.place, guarded.epoch]).toEqual([
    state.id,
    state.realm,
    state.place,
    state.epoch,
  ]);
  await guarded.close();
  await expect(state.openBatches("people")).rejects.toThrow();
});
