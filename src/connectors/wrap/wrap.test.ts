import { describe, expect, it } from "vitest";
import { manualClock } from "../../../test/support/manual-clock.ts";
import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import { memoryConnector } from "../memory/memory.ts";
import { MemoryStore } from "../memory/store.ts";
import { circuitBreaker } from "./breaker.ts";
import { type Care, careFor, usualCare } from "./connection.ts";
import { deadline } from "./deadline.ts";
import { limit } from "./limit.ts";
import { measure } from "./measure.ts";
import { keepingPromises } from "./promises.ts";
import { redacting } from "./redact.ts";
import { retry } from "./retry.ts";
import { wrapConnector } from "./wrapper.ts";

const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };
const policy = { attempts: 4, first: 100, longest: 300 };
const policies = {
  provision: policy,
  update: policy,
  deprovision: { ...policy, attempts: 1 },
  aggregate: policy,
};

describe("retry", () => {
  it("tries a read again with doubled, bounded and jittered delays, then gives up", async () => {
    const { connector, store, clock } = setting();
    store.faults = { call: () => fail("Unavailable") };
    const retrying = wrapConnector(
      connector,
      retry(policies, clock, () => 0.5),
    );
    expect((await failure(retrying.fetch(["x"], call))).kind).toBe("Unavailable");
    expect(store.calls.get("fetch")).toBe(4);
    expect(clock.slept).toEqual([75, 150, 225]);
  });

  it("waits as long as a rate limit asks for", async () => {
    const { connector, store, clock } = setting();
    failOnce(store, new StoreError("RateLimited", "slower", { retryAfter: 5_000 }));
    await wrapConnector(
      connector,
      retry(policies, clock, () => 0),
    ).fetch(["x"], call);
    expect(clock.slept).toEqual([5_000]);
  });

  it("does not wait past the deadline", async () => {
    const { connector, store, clock } = setting();
    failOnce(store, new StoreError("RateLimited", "slower", { retryAfter: 5_000 }));
    const retrying = wrapConnector(
      connector,
      retry(policies, clock, () => 0),
    );
    expect((await failure(retrying.fetch(["x"], { ...call, deadline: clock.now() + 4_000 }))).kind).toBe(
      "RateLimited",
    );
    expect(clock.slept).toEqual([]);
  });

  it.each(["Conflict", "NotFound", "Moved", "Denied", "Invalid", "InDoubt", "Unauthenticated"] as const)(
    "does not try a %s again",
    async (kind) => {
      const { connector, store, clock } = setting();
      store.faults = { call: () => fail(kind) };
      const retrying = wrapConnector(
        connector,
        retry(policies, clock, () => 0),
      );
      expect((await failure(retrying.fetch(["x"], call))).kind).toBe(kind);
      expect(store.calls.get("fetch")).toBe(1);
    },
  );

  it("tries a scan again before its first page, and not after", async () => {
    const { connector, store, clock } = setting({ pageSize: 2 });
    for (const name of ["a", "b", "c"]) store.addAccount(`uid=${name}`);
    const retrying = wrapConnector(
      connector,
      retry(policies, clock, () => 0),
    );
    failOnce(store, new StoreError("Unavailable", "not yet"));
    expect(await collect(retrying.scan("accounts", call))).toHaveLength(2);
    store.faults = { page: () => fail("Unavailable") };
    expect((await failure(collect(retrying.scan("accounts", call)))).kind).toBe("Unavailable");
    expect(store.calls.get("scan")).toBe(3);
  });

  it("sends again only the changes that were refused for now, as often as their kind allows", async () => {
    const { connector, store, clock } = setting();
    let refusals = 0;
    store.faults = {
      refuse: ({ name }) =>
        name === "uid=b" && refusals++ < 2 ? new StoreError("Retryable", "busy") : undefined,
    };
    const retrying = wrapConnector(
      connector,
      retry(policies, clock, () => 0),
    );
    const outcomes = await collect(retrying.apply([create(1, "uid=a"), create(2, "uid=b")], call));
    expect(outcomes.map(({ id, ok }) => [id, ok])).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(store.writes).toBe(4);

    store.faults = { refuse: () => new StoreError("Retryable", "busy") };
    const gone: StoreChange = { id: 1, kind: "delete", anchor: "#1", name: "uid=a" };
    expect(await collect(retrying.apply([gone], call))).toMatchObject([
      { ok: false, error: { kind: "Retryable" } },
    ]);
    expect(store.writes).toBe(5);
  });

  it("never sends again what is in doubt", async () => {
    const { connector, store, clock } = setting();
    store.faults = { losesAnswer: () => true };
    const retrying = wrapConnector(
      connector,
      retry(policies, clock, () => 0),
    );
    expect(await collect(retrying.apply([create(1, "uid=a")], call))).toMatchObject([
      { error: { kind: "InDoubt" } },
    ]);
    expect(store.writes).toBe(1);
  });
});

describe("limit", () => {
  it("lets so many calls be under way, the others wait for their turn", async () => {
    const { connector, store, clock } = setting();
    const open: (() => void)[] = [];
    store.faults = { call: () => new Promise<void>((resolve) => void open.push(resolve)) };
    const limited = wrapConnector(connector, limit({ concurrency: 2 }, clock));
    const calls = [1, 2, 3].map(() => limited.fetch(["x"], call));
    await expect.poll(() => open.length).toBe(2);
    open[0]!();
    await calls[0];
    await expect.poll(() => open.length).toBe(3);
    open[1]!();
    open[2]!();
    await Promise.all(calls);
  });

  it("gives its turn back when a waiting call is aborted", async () => {
    const { connector, store, clock } = setting();
    const open: (() => void)[] = [];
    store.faults = { call: () => new Promise<void>((resolve) => void open.push(resolve)) };
    const limited = wrapConnector(connector, limit({ concurrency: 1 }, clock));
    const first = limited.fetch(["x"], call);
    const stop = new AbortController();
    const second = failure(limited.fetch(["x"], { ...call, signal: stop.signal }));
    const third = limited.fetch(["x"], call);
    stop.abort();
    expect((await second).kind).toBe("Retryable");
    await expect.poll(() => open.length).toBe(1);
    open[0]!();
    await first;
    await expect.poll(() => open.length).toBe(2);
    open[1]!();
    await third;
  });

  it("does not count a scan whose page is being worked on, so that working on it can call", async () => {
    const { connector, store, clock } = setting({ pageSize: 1 });
    for (const name of ["a", "b"]) store.addAccount(`uid=${name}`);
    const limited = wrapConnector(connector, limit({ concurrency: 1 }, clock));
    const records = [];
    for await (const page of limited.scan("accounts", call)) {
      records.push(
        ...(await limited.fetch(
          page.map(({ anchor }) => anchor),
          call,
        )),
      );
    }
    expect(records).toHaveLength(2);
  });

  it("spaces changes out", async () => {
    const { connector, store, clock } = setting();
    const limited = wrapConnector(connector, limit({ concurrency: 1, perSecond: 10 }, clock));
    const changes = Array.from({ length: 25 }, (_, n) => create(n, `uid=u${n}`));
    expect(await collect(limited.apply(changes, call))).toHaveLength(25);
    expect(clock.slept).toEqual([1_000, 1_000]);
    expect(store.writes).toBe(25);
  });

  it("says of changes that found no turn before the deadline that they were not sent", async () => {
    const { connector, store, clock } = setting();
    const limited = wrapConnector(connector, limit({ concurrency: 1, perSecond: 10 }, clock));
    const changes = Array.from({ length: 25 }, (_, n) => create(n, `uid=u${n}`));
    const outcomes = await collect(limited.apply(changes, { ...call, deadline: clock.now() + 1_500 }));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(20);
    expect(outcomes.slice(20)).toMatchObject(Array(5).fill({ ok: false, error: { kind: "Retryable" } }));
    expect(store.writes).toBe(20);
  });
});

describe("breaker", () => {
  const options = { failures: 3, first: 1_000, longest: 3_000 };

  it("opens after failures in a row, sends nothing while open, and closes when a trial succeeds", async () => {
    const { connector, store, clock } = setting();
    const breaker = circuitBreaker(options, clock);
    const spared = wrapConnector(connector, breaker);
    store.faults = { call: () => fail("Unavailable") };
    for (let time = 0; time < 5; time++) await failure(spared.fetch(["x"], call));
    expect(store.calls.get("fetch")).toBe(3);
    expect(breaker.closed).toBe(false);
    expect(await collect(spared.apply([create(1, "uid=a")], call))).toMatchObject([
      { ok: false, error: { kind: "Unavailable" } },
    ]);
    expect(store.writes).toBe(0);

    clock.advance(1_000);
    await failure(spared.fetch(["x"], call));
    clock.advance(1_000); // the failed trial doubled the wait
    await failure(spared.fetch(["x"], call));
    expect(store.calls.get("fetch")).toBe(4);

    clock.advance(1_000);
    store.faults = {};
    await spared.fetch(["x"], call);
    expect(breaker.closed).toBe(true);
  });

  it("takes a refusal for an answer", async () => {
    const { connector, store, clock } = setting();
    const breaker = circuitBreaker(options, clock);
    const spared = wrapConnector(connector, breaker);
    for (const kind of ["Unavailable", "Unavailable", "Denied", "Unavailable", "Unavailable"] as const) {
      store.faults = { call: () => fail(kind) };
      await failure(spared.fetch(["x"], call));
    }
    expect(breaker.closed).toBe(true);
  });
});

describe("deadline", () => {
  it("ends a call that is not answered in time, and aborts it", async () => {
    const clock = manualClock({ hurry: 0 });
    const { connector, store } = setting();
    store.faults = { call: () => new Promise<void>(() => {}) };
    const timed = wrapConnector(connector, deadline(5_000, clock));
    for (const [work, kind] of [
      [() => timed.fetch(["x"], call), "Unavailable"],
      [() => collect(timed.scan("accounts", call)), "Unavailable"],
      [() => collect(timed.apply([create(1, "uid=a")], call)), "InDoubt"],
    ] as const) {
      const error = failure(work());
      await Promise.resolve();
      clock.advance(5_000);
      expect(await error).toMatchObject({ kind, message: expect.stringContaining("within 5 s: see") });
    }
  });

  it("takes the caller's deadline where it is nearer", async () => {
    const { connector, store, clock } = setting();
    store.faults = { call: () => new Promise<void>(() => {}) };
    const timed = wrapConnector(connector, deadline(5_000, clock));
    await failure(timed.fetch(["x"], { ...call, deadline: clock.now() + 10 }));
    expect(clock.slept).toEqual([10]);
  });

  it("gives each page of a call its time, and its consumer as much as it likes", async () => {
    const clock = manualClock({ hurry: 0 });
    const { connector } = setting();
    const silence = Promise.withResolvers<void>();
    const scan = async function* () {
      for (let page = 0; page < 3; page++) {
        clock.advance(4_000);
        yield [];
      }
      silence.resolve();
      await new Promise(() => {});
    };
    const timed = wrapConnector({ ...connector, scan }, deadline(5_000, clock));
    let pages = 0;
    const reading = async () => {
      for await (const _ of timed.scan("accounts", call)) {
        pages += 1;
        clock.advance(60_000);
      }
    };
    const error = failure(reading());
    await silence.promise;
    expect(pages).toBe(3);
    clock.advance(5_000);
    expect((await error).kind).toBe("Unavailable");
  });
});

it("measure tells of every call, how it ended and how long it took", async () => {
  const { connector, store, clock } = setting();
  const told: unknown[] = [];
  const measured = wrapConnector(
    connector,
    measure((...all) => void told.push(all), clock),
  );
  store.faults = { call: () => clock.advance(7) };
  await measured.fetch(["x"], call);
  await collect(measured.scan("accounts", call));
  store.faults = { call: () => fail("Denied") };
  await failure(measured.find([], call));
  expect(told).toEqual([
    ["fetch", "ok", 7],
    ["scan", "ok", 7],
    ["find", "Denied", 0],
  ]);
});

describe("redacting", () => {
  const value = "First-of-All-1";
  const made = (id: number): StoreChange => ({
    ...{ id, kind: "create", name: `a${id}`, attributes: {}, enabled: true },
    password: { value, mustChange: false },
  });

  it.each<[string, MemoryStore["faults"]]>([
    ["refuses one change", { refuse: () => new StoreError("Invalid", `bad value ${value} for a1`) }],
    ["breaks off", { call: () => Promise.reject(new StoreError("Denied", `bad value ${value} for a1`)) }],
  ])("takes a password out of what the store says when it %s", async (_, faults) => {
    const { connector, store } = setting();
    store.faults = faults;
    const told = await Array.fromAsync(wrapConnector(connector, redacting).apply([made(1)], call)).catch(
      (error: unknown) => [{ error }],
    );
    expect(told).toMatchObject([{ error: { message: "bad value (the password) for a1" } }]);
    expect((told[0] as { error: Error }).error.stack).not.toContain(value);
  });

  it("leaves other errors as they are", async () => {
    const { connector, store } = setting();
    const error = new StoreError("RateLimited", "slower", { retryAfter: 5_000 });
    store.faults = { refuse: () => error };
    expect(await Array.fromAsync(wrapConnector(connector, redacting).apply([made(1)], call))).toMatchObject([
      { error },
    ]);
  });
});

describe("keeping promises", () => {
  const cases: Readonly<
    Record<string, readonly [broken: Partial<Connector>, use: (connector: Connector) => Promise<unknown>]>
  > = {
    "an answer too few": [{ find: async () => [] }, (all) => all.find([{ keys: {} }], call)],
    "an entitlement too many": [
      { entitlements: async () => [undefined] },
      (all) => all.entitlements([], call),
    ],
    "a record that was not asked for": [
      { fetch: async () => [{ anchor: "#9", name: "x", version: "1", enabled: true, attributes: {} }] },
      (all) => all.fetch(["#1"], call),
    ],
    "an outcome of an unknown change": [
      { apply: () => stream({ id: 9, ok: true, anchor: "#1", name: "x" }) },
      (all) => collect(all.apply([create(1, "uid=a")], call)),
    ],
    "an error of its own": [
      {
        schema: async () => {
          throw new TypeError("x is undefined");
        },
      },
      (all) => all.schema(call),
    ],
  };
  for (const [what, [broken, use]] of Object.entries(cases)) {
    it(`turns ${what} into a StoreError that names the call`, async () => {
      const { connector } = setting();
      expect((await failure(use(keepingPromises({ ...connector, ...broken })))).message).toMatch(
        /cannot trust/,
      );
    });
  }

  it("gives a change that got no outcome InDoubt", async () => {
    const { connector } = setting();
    const kept = keepingPromises({
      ...connector,
      apply: () => stream({ id: 1, ok: true, anchor: "#1", name: "x" }),
    });
    const outcomes = await collect(kept.apply([create(1, "uid=a"), create(2, "uid=b")], call));
    expect(outcomes).toMatchObject([
      { id: 1, ok: true },
      { id: 2, ok: false, error: { kind: "InDoubt" } },
    ]);
  });
});

it("all together: a store that was down for a moment is read, each attempt measured", async () => {
  const clock = manualClock({ hurry: usualCare.timeout - 1 });
  const store = new MemoryStore();
  const told: unknown[] = [];
  const care: Care = {
    ...usualCare,
    timeout: 1e9,
    clock,
    random: () => 0,
    tell: (...all) => void told.push(all.slice(0, 2)),
  };
  const connection = careFor(memoryConnector(store).connect(block(), environment), care);
  failOnce(store, new StoreError("Unavailable", "starting"));
  expect(await connection.fingerprint(call)).toBe("memory");
  const connector = connection.target({ block: {}, attributes: [] });
  failOnce(store, new StoreError("Retryable", "busy"));
  expect(await collect(connector.scan("accounts", call))).toEqual([]);
  expect(await collect(connector.apply([create(1, "uid=a")], call))).toMatchObject([{ ok: true }]);
  expect(told).toEqual([
    ["fingerprint", "Unavailable"],
    ["fingerprint", "ok"],
    ["scan", "Retryable"],
    ["scan", "ok"],
    ["apply", "ok"],
  ]);
  expect(connection.closed).toBe(true);
});

const environment = {
  path: (path: string) => path,
  secret: () => Promise.reject(new StoreError("Unauthenticated", "no secrets here")),
};

function block() {
  return memoryConnector().storeSchema.parse({});
}

function setting(options: ConstructorParameters<typeof MemoryStore>[0] = {}) {
  const store = new MemoryStore(options);
  const connector = memoryConnector(store)
    .connect(block(), environment)
    .target({ block: {}, attributes: [] });
  return { store, connector, clock: manualClock() };
}

function create(id: number, name: string): StoreChange {
  return { id, kind: "create", name, attributes: {}, enabled: true };
}

function fail(kind: StoreErrorKind): never {
  throw new StoreError(kind, `failed with ${kind}`);
}

function failOnce(store: MemoryStore, error: StoreError): void {
  store.faults = {
    call() {
      store.faults = {};
      throw error;
    },
  };
}

async function* stream(...outcomes: Outcome[]): AsyncGenerator<Outcome> {
  yield* outcomes;
}

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(page);
  return items;
}

async function failure(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}
