import { beforeEach, expect, test } from "vitest";
import {
  LeaseWorld,
  type ProcessOptions,
  SimulatedProcess,
} from "../../../test/support/kubernetes/lease-world.ts";
import { type Leadership, Lease, type LeaseEvent } from "./lease.ts";

let world: LeaseWorld;
beforeEach(() => {
  world = new LeaseWorld();
});

class Candidate {
  readonly process: SimulatedProcess;
  readonly events: LeaseEvent[] = [];
  readonly lease: Lease;
  readonly #stop = new AbortController();
  leadership: Leadership | undefined;
  failure: unknown;

  constructor(holder: string, options: ProcessOptions = {}) {
    this.process = new SimulatedProcess(world, options);
    this.lease = new Lease({
      api: this.process,
      namespace: "rollcall-system",
      name: "rollcall",
      holder,
      clock: this.process.clock,
      random: () => 0.5,
      tell: (event) => this.events.push(event),
    });
  }

  run(alone = false): this {
    this.lease.acquire(this.#stop.signal, { alone }).then(
      (leadership) => {
        this.leadership = leadership;
      },
      (error) => {
        this.failure = error;
      },
    );
    return this;
  }

  stop(): void {
    this.#stop.abort();
  }

  get leads(): boolean {
    return (this.leadership?.timeLeft() ?? 0) > 0;
  }
}

test("the first one makes the Lease as the API conventions have it, and leads", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  expect(alice.leads).toBe(true);
  expect(world.lease).toEqual({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "rollcall", namespace: "rollcall-system", resourceVersion: "1" },
    spec: {
      holderIdentity: "alice",
      leaseDurationSeconds: 12,
      acquireTime: expect.stringMatching(/^2026-01-01T00:00:00\.\d{6}Z$/),
      renewTime: expect.stringMatching(/^2026-01-01T00:00:00\.\d{6}Z$/),
      leaseTransitions: 0,
    },
  });
});

test("who leads renews every 3 s and goes on leading; time left counts from when the renewal was sent", async () => {
  world.fate = () => ({ there: 400, back: 400 });
  const alice = new Candidate("alice").run();
  await world.pass(1_600);
  expect(alice.leadership?.timeLeft()).toBe(7_200);
  await world.pass(60_000);
  expect(alice.leadership?.lost.aborted).toBe(false);
  expect(world.writes.length).toBeGreaterThan(14);
  expect(world.writes.length).toBeLessThan(22);
  expect(world.writes.at(-1)?.spec).toMatchObject({
    acquireTime: world.writes[0]?.spec.acquireTime,
    leaseTransitions: 0,
  });
});

test("another one follows for as long as the Lease is renewed, and says so once", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const bob = new Candidate("bob").run();
  await world.pass(120_000);
  expect([alice.leads, bob.leads]).toEqual([true, false]);
  expect(bob.events).toEqual([{ kind: "Following", holder: "alice" }]);
});

test("a killed leader is followed when its Lease has been seen unchanged for 12 s", async () => {
  const alice = new Candidate("alice").run();
  const bob = new Candidate("bob");
  await world.pass(100);
  bob.run();
  await world.pass(10_000);
  alice.process.kill();
  const { time } = world;
  while (!bob.leads) await world.pass(10);
  expect(world.time - time).toBeGreaterThan(8_000);
  expect(world.time - time).toBeLessThan(14_000);
  expect(world.lease?.spec).toMatchObject({ holderIdentity: "bob", leaseTransitions: 1 });
});

test.each([
  ["an hour ahead", 3_600_000],
  ["an hour behind", -3_600_000],
])("a follower whose clock is %s neither leads too soon nor too late", async (_, skew) => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const bob = new Candidate("bob", { skew }).run();
  await world.pass(60_000);
  expect([alice.leads, bob.leads]).toEqual([true, false]);
  alice.process.kill();
  await world.pass(14_000);
  expect(bob.leads).toBe(true);
});

test("a released Lease is taken at the next look, long before it would have run out", async () => {
  const alice = new Candidate("alice").run();
  const bob = new Candidate("bob");
  await world.pass(100);
  bob.run();
  await world.pass(30_000);
  const released = alice.leadership?.release();
  await world.pass(100);
  await released;
  expect(world.writes.at(-1)?.spec).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1 });
  expect(alice.leadership?.lost.aborted).toBe(false);
  await world.pass(1_300);
  expect(bob.leads).toBe(true);
  expect(world.lease?.spec).toMatchObject({ holderIdentity: "bob", leaseTransitions: 1 });
});

test("leadership is lost before others may take it when the API server is away, and had again when it is back", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(10_000);
  world.fate = () => ({ there: 5, back: 5, lost: "Request" });
  await world.pass(9_000);
  expect(alice.leadership?.lost.aborted).toBe(true);
  expect(alice.events.map(({ kind }) => kind)).toEqual(["Leading", "Failed", "Lost"]);
  alice.run();
  await world.pass(30_000);
  expect(alice.leads).toBe(false);
  world.fate = () => ({ there: 5, back: 5 });
  await world.pass(4_000);
  expect(alice.leads).toBe(true);
  expect(world.lease?.spec).toMatchObject({ holderIdentity: "alice", leaseTransitions: 0 });
});

test.each([
  ["request", { there: 5, back: 5, lost: "Request" } as const],
  ["answer", { there: 5, back: 5, lost: "Answer" } as const],
  ["server", { there: 5, back: 5, status: 500 }],
  ["server's patience", { there: 5, back: 5, status: 429 }],
])("leadership outlives two renewals in a row that lose their %s", async (_, lost) => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const fates = [lost, lost];
  world.fate = () => fates.shift() ?? { there: 5, back: 5 };
  await world.pass(30_000);
  expect(alice.leadership?.lost.aborted).toBe(false);
  expect(alice.leads).toBe(true);
});

test("who was stopped until others may lead has no time left when it goes on, and notices", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const bob = new Candidate("bob").run();
  await world.pass(5_000);
  alice.process.stopFor(20_000);
  await world.pass(19_000);
  expect([alice.leadership?.timeLeft(), bob.leads]).toEqual([0, true]);
  await world.pass(2_000);
  expect(alice.leadership?.lost.aborted).toBe(true);
  expect(world.lease?.spec.holderIdentity).toBe("bob");
});

test("a Lease that is edited elsewhere, in its labels, stays with its leader and keeps them", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const label = () => {
    const lease = structuredClone(world.lease!);
    world.serve({
      method: "PUT",
      path: "",
      body: { ...lease, metadata: { ...lease.metadata, labels: { team: "idm" } } },
    });
  };
  label();
  await world.pass(30_000);
  expect(alice.leads).toBe(true);
  expect(world.lease?.metadata.labels).toEqual({ team: "idm" });
  label();
  const released = alice.leadership?.release();
  await world.pass(100);
  await released;
  expect(world.lease?.spec.holderIdentity).toBe("");
});

test("editing its labels again and again does not keep a dead leader's Lease alive", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const bob = new Candidate("bob").run();
  alice.process.kill();
  for (let second = 0; second < 15 && !bob.leads; second += 1) {
    await world.pass(1_000);
    if (!bob.leads)
      world.serve({
        method: "PUT",
        path: "",
        body: { ...world.lease!, metadata: { ...world.lease!.metadata, labels: { at: String(second) } } },
      });
  }
  expect(bob.leads).toBe(true);
});

test("when its Lease is deleted a leader loses it; a follower that knew of it lets it run out", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const bob = new Candidate("bob").run();
  await world.pass(5_000);
  world.lease = undefined;
  await world.pass(4_000);
  expect(alice.leadership?.lost.aborted).toBe(true);
  expect(bob.leads).toBe(false);
  await world.pass(12_000);
  expect(bob.leads).toBe(true);
});

test("of two that find no Lease one makes it", async () => {
  const all = ["alice", "bob", "carol"].map((name) => new Candidate(name).run());
  await world.pass(3_000);
  expect(all.filter(({ leads }) => leads)).toHaveLength(1);
  expect(all.flatMap(({ events }) => events).filter(({ kind }) => kind === "Failed")).toEqual([]);
});

test("an acquisition that is stopped gives nothing", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const bob = new Candidate("bob").run();
  await world.pass(5_000);
  bob.stop();
  alice.process.kill();
  await world.pass(30_000);
  expect([bob.leadership, bob.failure, world.writes.at(-1)?.spec.holderIdentity]).toEqual([
    undefined,
    undefined,
    "alice",
  ]);
});

test("who has to be alone refuses beside a living holder, and waits for a dead one", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(100);
  const bob = new Candidate("bob").run(true);
  await world.pass(5_000);
  expect(bob.failure).toMatchObject({ name: "LeaseHeld", holder: "alice" });
  alice.process.kill();
  const carol = new Candidate("carol").run(true);
  await world.pass(15_000);
  expect([carol.failure, carol.leads]).toEqual([undefined, true]);
});

test("who has to be alone waits for a holder that lets go", async () => {
  const alice = new Candidate("alice").run();
  await world.pass(3_100);
  const bob = new Candidate("bob").run(true);
  await world.pass(50);
  const released = alice.leadership?.release();
  await world.pass(2_000);
  await released;
  expect([bob.failure, bob.leads]).toEqual([undefined, true]);
});
