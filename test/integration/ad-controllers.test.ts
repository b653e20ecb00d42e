import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type { StoreConnection } from "../../src/connectors/contract.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { editDatabase } from "../support/samba-database.ts";
import { type SecondSamba, startSecondSamba } from "../support/samba-second.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait.ts";
import { asAdmin, connect, modification, person, readEntry, storeBlock, targetOf } from "./ad-setting.ts";
import { all, apply, call, disposable, done, failure, refused } from "./ldap-setting.ts";

let first: Samba;
let second: SecondSamba;
let toFirst: TcpProxy;
let toSecond: TcpProxy;

beforeAll(async () => {
  first = await startSamba({ replicates: true });
  second = await startSecondSamba(first);
  toFirst = await startTcpProxy(636, first.address);
  toSecond = await startTcpProxy(636, second.address);
});

afterAll(async () => {
  await Promise.all([toFirst, toSecond].map((proxy) => proxy.close()));
  await second.stop();
  await first.stop();
});

beforeEach(() => {
  toFirst.heal();
  toSecond.heal();
});

function reach(more: Readonly<Record<string, unknown>> = {}, memory?: Map<string, unknown>) {
  const urls = [toFirst, toSecond].map(({ port }) => `ldaps://127.0.0.1:${port}`);
  const connection = connect(first, {
    store: storeBlock(first, { urls, ...more }),
    secrets: { CA: first.ca.text + second.ca.text },
    ...(memory && { memory }),
  });
  return {
    ...disposable(connection),
    connector: targetOf(connection, first, { attributes: ["description"] }),
  };
}

/** A controller is gone, as to us; the first call afterwards may still have had a connection to it, and fail. */
async function lose(proxy: TcpProxy, store: StoreConnection): Promise<void> {
  proxy.fail({ kind: "Refuse" });
  proxy.cut();
  await store.fingerprint(call()).catch(() => undefined);
}

it("works with the first controller, and says that the other stands by", async () => {
  await using store = reach();
  expect(await store.connector.check(call())).toEqual({
    server: "Samba at dc1.ad.example.test; dc2.ad.example.test stands by",
    problems: [],
  });
  await lose(toSecond, store.it);
  const { server } = await store.connector.check(call());
  expect(server).toMatch(/^Samba at dc1.ad.example.test; ldaps:.*:\d+ is not to be had: cannot connect/);
});

it("does not turn to a controller of another domain, and check says which to take out", async () => {
  await using stranger = await startSamba();
  const urls = [`ldaps://127.0.0.1:${toFirst.port}`, stranger.ldapsUrl];
  await using store = disposable(
    connect(first, { store: storeBlock(first, { urls }), secrets: { CA: first.ca.text + stranger.ca.text } }),
  );
  const connector = targetOf(store.it, first);
  const why = "it is a controller of another domain";
  expect((await connector.check(call())).problems).toEqual([`take ${urls[1]} out of urls: ${why}`]);
  await lose(toFirst, store.it);
  const error = await failure(all(connector.scan("accounts", call())));
  expect([error.kind, error.message]).toEqual(["Unavailable", expect.stringContaining(why)]);
});

it("takes no global catalog for a controller: of each entry it has a part", async () => {
  const urls = [`ldaps://${first.address}:3269`];
  await using store = disposable(connect(first, { store: storeBlock(first, { urls }) }));
  const error = await failure(targetOf(store.it, first).check(call()));
  expect([error.kind, error.message]).toEqual([
    "Unavailable",
    `cannot use ${urls[0]}: a global catalog holds a part of each entry; take it out of urls`,
  ]);
});

it("turns to the next when the first is lost, finds it to be the same domain, and stays with it", async () => {
  await using store = reach();
  const fingerprint = await store.it.fingerprint(call());
  const { anchor } = await done(store.connector, person(first, "stays"));
  await second.pull();
  const [before] = await all(store.connector.scan("accounts", call()));
  const marker = await store.connector.marker?.(call());
  await lose(toFirst, store.it);
  expect(await store.it.fingerprint(call())).toBe(fingerprint);
  expect((await store.connector.fetch([anchor], call())).map(({ name }) => name)).toEqual([
    `CN=stays,${first.peopleDn}`,
  ]);
  const after = (await all(store.connector.scan("accounts", call()))).find(
    (one) => one.anchor === before!.anchor,
  );
  expect(after).toBeDefined();
  // Another controller counts otherwise: nothing is taken for unchanged.
  expect(after!.version).not.toBe(before!.version);
  expect(await store.connector.marker?.(call())).not.toBe(marker);
  toFirst.heal();
  expect((await store.connector.check(call())).server).toBe(
    "Samba at dc2.ad.example.test; dc1.ad.example.test stands by",
  );
  await waitFor(async () => toFirst.connections === 0 && [], { what: "nobody is with the first" });
});

it("takes nothing for deleted, and creates nothing twice, while what it wrote has not arrived at the next", async () => {
  await using store = reach();
  const { anchor } = await done(store.connector, person(first, "late"));
  await lose(toFirst, store.it);
  const error = await failure(store.connector.fetch([anchor], call()));
  expect(error.kind).toBe("Unavailable");
  expect(error.message).toMatch(
    /cannot use ldaps:.* yet: what was changed at dc1.ad.example.test has not arrived there; wait for replication \(at most until \d{4}-/,
  );
  await second.pull();
  expect(await store.connector.fetch([anchor], call())).toHaveLength(1);
});

it("remembers over a new connection what has not arrived", async () => {
  const memory = new Map<string, unknown>();
  let anchor: string;
  {
    await using store = reach({}, memory);
    ({ anchor } = await done(store.connector, person(first, "kept")));
  }
  await using store = reach({}, memory);
  await lose(toFirst, store.it);
  expect((await failure(store.connector.fetch([anchor], call()))).kind).toBe("Unavailable");
  await second.pull();
  expect(await store.connector.fetch([anchor], call())).toHaveLength(1);
});

it("waits for replication no longer than it is told to", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  await using store = reach({ replication: "1m" });
  const { anchor } = await done(store.connector, person(first, "lost"));
  await lose(toFirst, store.it);
  vi.setSystemTime(Date.now() + 59_999);
  expect((await failure(store.connector.fetch([anchor], call()))).kind).toBe("Unavailable");
  vi.setSystemTime(Date.now() + 1);
  expect(await store.connector.fetch([anchor], call())).toEqual([]);
  await second.pull();
});

it("turns to the next in the middle of a batch: what got no answer is in doubt, what was not sent is unavailable, and all is found afterwards", async () => {
  await using store = reach();
  const people = Array.from({ length: 200 }, (_, n) => person(first, `batch${n}`, n));
  await store.connector.fetch([], call());
  await store.it.fingerprint(call());
  toFirst.fail({ kind: "CutAfter", bytes: 3_000 });
  const outcomes = await apply(store.connector, ...people);
  expect(outcomes).toHaveLength(200);
  const kinds = new Set(outcomes.map((outcome) => (outcome.ok ? "done" : outcome.error.kind)));
  expect(kinds.has("InDoubt")).toBe(true);
  await lose(toFirst, store.it);
  // Nobody knows how far the first had come: the next is not asked yet.
  expect((await failure(store.connector.find([{ keys: {}, name: people[0]!.name }], call()))).kind).toBe(
    "Unavailable",
  );
  toFirst.heal();
  const questions = people.map(({ name }) => ({ keys: {}, name }));
  const there = (await store.connector.find(questions, call())).map((hits) => hits.length);
  for (const [n, outcome] of outcomes.entries()) if (outcome.ok) expect(there[n]).toBe(1);
  const again = await apply(store.connector, ...people.filter((_, n) => there[n] === 0));
  expect(again.every(({ ok }) => ok)).toBe(true);
  await lose(toFirst, store.it);
  await second.pull();
  expect((await store.connector.find(questions, call())).every((hits) => hits.length === 1)).toBe(true);
});

it("reads at the next what was written there at once, and does not go back while the first lacks it", async () => {
  await using store = reach();
  await store.it.fingerprint(call());
  await lose(toFirst, store.it);
  const { anchor } = await done(store.connector, person(first, "there"));
  expect(await store.connector.fetch([anchor], call())).toHaveLength(1);
  toFirst.heal();
  await lose(toSecond, store.it);
  expect((await failure(store.connector.fetch([anchor], call()))).message).toMatch(
    /dc2.ad.example.test has not arrived/,
  );
  toSecond.heal();
  expect(await store.connector.fetch([anchor], call())).toHaveLength(1);
  await lose(toSecond, store.it);
  await second.push();
  expect(await store.connector.fetch([anchor], call())).toHaveLength(1);
});

it("finds at the next what others changed there alone", async () => {
  await using store = reach();
  const { anchor } = await done(store.connector, person(first, "drifts"));
  await second.pull();
  await asAdmin(
    first,
    (client) =>
      client.modify(`CN=drifts,${first.peopleDn}`, modification("replace", "description", "elsewhere")),
    second,
  );
  expect((await store.connector.fetch([anchor], call()))[0]?.attributes.description ?? []).toEqual([]);
  await lose(toFirst, store.it);
  expect((await store.connector.fetch([anchor], call()))[0]?.attributes.description).toEqual(["elsewhere"]);
  expect(await readEntry(first, `CN=drifts,${first.peopleDn}`)).not.toHaveProperty("description");
});

it("turns to the next when the first takes connections and says nothing", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await using store = reach();
  toFirst.fail({ kind: "BlackHole" });
  // Time stands still but for the first's, so that the next has all it needs on the slowest machine.
  const losePatience = async () => {
    await waitFor(() => toFirst.connections === 1, { what: "the first is asked" });
    vi.advanceTimersByTime(10_000);
    await waitFor(() => toFirst.connections === 0, { what: "it is asked no longer" });
  };
  const found = store.connector.fetch([], call());
  await losePatience();
  expect(await found).toEqual([]);
  const checked = store.connector.check(call());
  await losePatience();
  expect((await checked).server).toMatch(/^Samba at dc2.*is not to be had/);
});

it("does not turn to another controller because its password is refused", async () => {
  const secrets = { PASSWORD: "wrong", CA: first.ca.text + second.ca.text };
  const urls = [toFirst, toSecond].map(({ port }) => `ldaps://127.0.0.1:${port}`);
  await using connection = disposable(connect(first, { store: storeBlock(first, { urls }), secrets }));
  expect((await failure(connection.it.fingerprint(call()))).kind).toBe("Unauthenticated");
  expect(toSecond.connections).toBe(0);
});

it("does not work with a controller that has not taken over the whole domain yet, as after it was restored", async () => {
  const says = (value: string) =>
    editDatabase(
      first,
      `dn: @ROOTDSE\nchangetype: modify\nreplace: isSynchronized\nisSynchronized: ${value}\n`,
    );
  await says("FALSE");
  try {
    await first.restart();
    await using store = reach();
    const { server } = await store.connector.check(call());
    expect(server).toMatch(
      /^Samba at dc2.*: cannot use dc1.ad.example.test yet: it has not taken over the whole domain/,
    );
  } finally {
    await says("TRUE");
    await first.restart();
  }
});

it("says which controller it was that refused a change", async () => {
  await using store = reach();
  const outside = { ...person(first, "outside"), name: `CN=outside,CN=Users,${first.suffix}` };
  const where = ({ port }: TcpProxy) =>
    new RegExp(`cannot add CN=outside,.* at ldaps://127.0.0.1:${port}: insufficient`);
  expect((await refused(store.connector, outside)).message).toMatch(where(toFirst));
  await lose(toFirst, store.it);
  await second.pull();
  expect((await refused(store.connector, outside)).message).toMatch(where(toSecond));
});

it("says of each controller why it is not to be had", async () => {
  await using store = reach();
  await lose(toFirst, store.it);
  await lose(toSecond, store.it);
  const { kind, message } = await failure(store.it.fingerprint(call()));
  expect(kind).toBe("Unavailable");
  expect(message).toMatch(
    /^cannot work with any controller: cannot connect to ldaps:.*; cannot connect to ldaps:/,
  );
});
