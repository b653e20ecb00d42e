import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import {
  all,
  apply,
  asAdmin,
  call,
  connect,
  disposable,
  person,
  readEntry,
  replacement,
  storeBlock,
  targetOf,
} from "./ldap-setting.ts";

let server: OpenLdap;

beforeAll(async () => {
  server = await startOpenLdap();
});
afterAll(() => server.stop());

const block = () => ({ bases: [server.peopleDn] });
const batch = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => person(server, `${prefix}-${n}`, n));

describe("changes that are committed together", () => {
  it("give each its anchor, and the version that a scan then tells", async () => {
    await using connection = disposable(connect(server, storeBlock(server, { transactions: "Auto" })));
    const connector = targetOf(connection.it, block());
    const outcomes = await apply(connector, ...batch("together", 700));
    const seen = new Map(
      (await all(connector.scan("accounts", call()))).map((one) => [one.anchor, one.version]),
    );
    for (const outcome of outcomes) {
      expect(outcome.ok).toBe(true);
      if (outcome.ok) expect(outcome.version).toBe(seen.get(outcome.anchor));
    }
  });

  it("with refused ones among them are all made but those, and each has its own error", async () => {
    await using connection = disposable(connect(server, storeBlock(server, { transactions: "Auto" })));
    const connector = targetOf(connection.it, block());
    await asAdmin(server, (client) =>
      client.add(`uid=mixed-7,${server.peopleDn}`, {
        objectClass: "inetOrgPerson",
        uid: "mixed-7",
        cn: "x",
        sn: "x",
      }),
    );
    const changes = batch("mixed", 120).map((change) => {
      if (change.id === 30)
        return { ...change, attributes: { objectClass: ["inetOrgPerson"], uid: ["mixed-30"] } };
      if (change.id === 50) return { ...change, name: `uid=mixed-50,ou=nowhere,${server.suffix}` };
      if (change.id === 70) return { ...change, attributes: { ...change.attributes, shoeSize: ["44"] } };
      return change;
    });
    const errors = (await apply(connector, ...changes)).flatMap((one) =>
      one.ok ? [] : [[one.id, one.error.kind]],
    );
    expect(errors).toEqual([
      [7, "Conflict"],
      [30, "Invalid"],
      [50, "NotFound"],
      [70, "Invalid"],
    ]);
    expect(await readEntry(server, `uid=mixed-119,${server.peopleDn}`)).toBeDefined();
  });

  it("can be modifications and deletions, which expect what was read", async () => {
    await using connection = disposable(connect(server, storeBlock(server, { transactions: "Auto" })));
    const connector = targetOf(connection.it, block(), ["title"]);
    const created = (await apply(connector, ...batch("mod", 100))).map((one) => {
      if (!one.ok) throw one.error;
      return one;
    });
    await asAdmin(server, (client) => client.modify(created[3]!.name, replacement("title", "Theirs")));
    const title = [{ name: "title", before: [], after: ["Ours"] }];
    const changes = created.map(({ id, anchor, name, version }) =>
      id % 2 === 0
        ? ({ id, kind: "delete", anchor, name, expect: version! } as const)
        : ({ id, kind: "modify", anchor, name, attributes: title, expect: version! } as const),
    );
    const outcomes = await apply(connector, ...changes);
    expect(outcomes.filter((one) => !one.ok).map((one) => one.id)).toEqual([3]);
    expect(await readEntry(server, created[3]!.name, "title")).toMatchObject({ title: ["Theirs"] });
    expect(
      await connector.fetch(
        created.map((one) => one.anchor),
        call(),
      ),
    ).toHaveLength(50);
  });

  it("survive refusal after refusal: the server, too", async () => {
    await using connection = disposable(connect(server, storeBlock(server, { transactions: "Auto" })));
    const connector = targetOf(connection.it, block());
    const again = batch("refused", 60);
    await apply(connector, ...again);
    for (let round = 0; round < 10; round++) {
      const outcomes = await apply(connector, ...again);
      expect(outcomes.every((one) => !one.ok && one.error.kind === "Conflict")).toBe(true);
    }
  });

  it("are made one by one where the store says Never", async () => {
    await using connection = disposable(connect(server, storeBlock(server, { transactions: "Never" })));
    const connector = targetOf(connection.it, block());
    const outcomes = await apply(connector, ...batch("never", 100));
    const seen = new Map(
      (await all(connector.scan("accounts", call()))).map((one) => [one.anchor, one.version]),
    );
    for (const outcome of outcomes)
      expect(outcome.ok && seen.get(outcome.anchor)).toBe(outcome.ok && outcome.version);
  });

  it("work over one connection too", async () => {
    await using connection = disposable(
      connect(server, storeBlock(server, { connections: 1, transactions: "Auto" })),
    );
    const connector = targetOf(connection.it, block());
    const outcomes = await apply(connector, ...batch("single", 1_100));
    expect(outcomes.filter((one) => one.ok)).toHaveLength(1_100);
  });

  it("are not committed once the call is aborted", async () => {
    await using connection = disposable(connect(server, storeBlock(server, { transactions: "Auto" })));
    const connector = targetOf(connection.it, block());
    await connector.check(call());
    const stop = new AbortController();
    const outcomes = Array.fromAsync(connector.apply(batch("aborted", 100), call(60_000, stop.signal)));
    stop.abort();
    const kinds = (await outcomes.catch(() => [])).map((one) => one.ok);
    expect(kinds.includes(true)).toBe(false);
    expect(await readEntry(server, `uid=aborted-0,${server.peopleDn}`)).toBeUndefined();
  });
});
