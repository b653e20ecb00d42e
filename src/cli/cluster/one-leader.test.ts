import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fate, LeaseWorld, SimulatedProcess } from "../../../test/support/kubernetes/lease-world.ts";
import { Lease, type LeaseTiming, leaseTiming } from "../../resources/kubernetes/lease.ts";
import { type Leadership, lead } from "./leadership.ts";

test("never do two processes believe to lead, whatever is lost, slow, stopped, killed or set to another time; afterwards one does", () =>
  fc.assert(
    fc.asyncProperty(history, async (given) => {
      const { together, leading } = await live(given, leaseTiming);
      expect({ together, leading }).toEqual({ together: 0, leading: 1 });
    }),
    { numRuns: 150 },
  ));

test.each<[string, Partial<LeaseTiming>]>([
  ["others may take a lease before its holder gives up", { duration: 6_000 }],
  ["a holder gives up too late", { deadline: 16_000 }],
])("the property above can fail: %s", async (_, change) => {
  const property = fc.asyncProperty(history, async (given) => {
    expect((await live(given, { ...leaseTiming, ...change })).together).toBe(0);
  });
  // Of a seed, so that it is found every time.
  expect((await fc.check(property, { seed: 1, numRuns: 150, endOnFailure: true })).failed).toBe(true);
});

interface History {
  readonly seed: number;
  readonly processes: readonly { readonly speed: number; readonly skew: number }[];
  readonly events: readonly { readonly gap: number; readonly who: number; readonly what: Happening }[];
}

type Happening =
  | { readonly kind: "Stopped" | "Away" | "Lossy" | "Slow"; readonly for: number }
  | { readonly kind: "Killed" | "Ended" };

const lasting = fc.record({
  kind: fc.constantFrom("Stopped", "Away", "Lossy", "Slow"),
  for: fc.integer({ min: 100, max: 30_000 }),
});
const history: fc.Arbitrary<History> = fc.record({
  seed: fc.nat(),
  processes: fc.array(
    fc.record({
      speed: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
      skew: fc.integer({ min: -7_200_000, max: 7_200_000 }),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  events: fc.array(
    fc.record({
      gap: fc.integer({ min: 10, max: 15_000 }),
      who: fc.nat(2),
      what: fc.oneof(
        { weight: 4, arbitrary: lasting },
        { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("Killed", "Ended") }) },
      ),
    }),
    { maxLength: 12 },
  ),
});

/** Lets it all happen. Gives how often two believed to lead at once, and how many do when all has been well for a minute. */
async function live({ seed, processes, events }: History, timing: LeaseTiming) {
  const world = new LeaseWorld();
  const random = randomFrom(seed);
  const trouble = { awayUntil: 0, lossyUntil: 0, slowUntil: 0 };
  world.fate = () => fateOf(world.time, trouble, random);
  const replicas = processes.map((options) => new Replica(world, options, timing, random));
  const leaders = () =>
    replicas.flatMap(({ terms }) => [...terms]).filter((term) => term.timeLeft() > 0).length;
  let together = 0;
  const check = () => {
    if (leaders() > 1) together += 1;
  };
  await world.pass(5_000, check);
  for (const { gap, who, what } of events) {
    const replica = replicas[who % replicas.length]!;
    if (what.kind === "Stopped") replica.process.stopFor(what.for);
    else if (what.kind === "Away") trouble.awayUntil = world.time + what.for;
    else if (what.kind === "Lossy") trouble.lossyUntil = world.time + what.for;
    else if (what.kind === "Slow") trouble.slowUntil = world.time + what.for;
    else if (what.kind === "Killed") replica.kill();
    else replica.end();
    await world.pass(gap, check);
  }
  await world.pass(120_000, check);
  return { together, leading: leaders() };
}

function fateOf(
  time: number,
  trouble: { awayUntil: number; lossyUntil: number; slowUntil: number },
  random: () => number,
): Fate {
  const slowness = time < trouble.slowUntil ? 4_000 : 20;
  const fate = { there: random() * slowness, back: random() * slowness };
  if (time < trouble.awayUntil) return { ...fate, lost: "Request" };
  if (time >= trouble.lossyUntil) return fate;
  const luck = random();
  if (luck < 0.25) return { ...fate, lost: "Request" };
  if (luck < 0.5) return { ...fate, lost: "Answer" };
  return luck < 0.7 ? { ...fate, status: luck < 0.6 ? 500 : 429 } : fate;
}

/** A process that leads whenever it may, and is started anew when it ends. */
class Replica {
  process: SimulatedProcess;
  readonly #world: LeaseWorld;
  readonly #options: { readonly speed: number; readonly skew: number };
  readonly #timing: LeaseTiming;
  readonly #random: () => number;
  #stop = new AbortController();
  /** Of all its processes that live: one that ends may still have its batch in hand. */
  readonly terms = new Set<Leadership>();

  constructor(
    world: LeaseWorld,
    options: { readonly speed: number; readonly skew: number },
    timing: LeaseTiming,
    random: () => number,
  ) {
    this.#world = world;
    this.#options = options;
    this.#timing = timing;
    this.#random = random;
    this.process = new SimulatedProcess(world, options);
    this.#run();
  }

  kill(): void {
    this.process.kill();
    this.terms.clear();
    this.#start();
  }

  /** In good order; the next one starts at once. */
  end(): void {
    this.#stop.abort();
    this.#start();
  }

  #start(): void {
    this.#stop = new AbortController();
    this.process = new SimulatedProcess(this.#world, this.#options);
    this.#run();
  }

  #run(): void {
    const { process } = this;
    const { clock } = process;
    const stop = this.#stop.signal;
    const lease = new Lease({
      api: process,
      namespace: "rollcall-system",
      name: "rollcall",
      holder: `replica-${this.#random()}`,
      clock,
      random: this.#random,
      tell: () => {},
      timing: this.#timing,
    });
    const work = async (leadership: Leadership) => {
      this.terms.add(leadership);
      await clock.sleep(Number.MAX_SAFE_INTEGER, leadership.signal).catch(() => {});
      // The batch in hand.
      await clock.sleep(this.#random() * 20_000, new AbortController().signal);
      this.terms.delete(leadership);
    };
    void lead({ lease, work, stop, alone: false, tell: () => {} });
  }
}

/** Mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
