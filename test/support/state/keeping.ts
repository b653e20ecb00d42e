import { setImmediate as breathe } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exportState } from "../../../src/state/export.ts";
import { openState } from "../../../src/state/open.ts";
import type { JournalQuery, State } from "../../../src/state/state.ts";
import type { Bed } from "./bed.ts";
import { batch, collect, entry, hold, holding, link, manifest, task } from "./samples.ts";

export function describeKeeping(bed: Bed): void {
  let state: State;
  beforeEach(async () => {
    state = await openState(await bed.freshPlace(), { realm: "default", mode: "write", initialise: true });
  });
  afterEach(() => state.close());

  test("a link comes back as it was put, absent members absent", async () => {
    const full = link("alice", {
      seen: "v1",
      desired: "d1",
      status: "Disabled",
      disabledAt: 77,
      decided: { uid: ["a"] },
    });
    await state.finish({ links: [full, link("bob"), link("carol", { target: "admins" })] });
    expect(await collect(state.links("people"))).toStrictEqual([full, link("bob")]);
    expect(await state.linksOf("people", ["bob", "nobody"])).toStrictEqual([link("bob")]);
  });

  test("links stream in pages, each one once", async () => {
    const names = Array.from({ length: 2_500 }, (_, index) => `user-${index}`);
    await state.finish({ links: names.map((name) => link(name)) });
    const pages = await Array.fromAsync(state.links("people"));
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.flat()).toHaveLength(names.length);
    expect(new Set(pages.flat().map(({ identity }) => identity))).toEqual(new Set(names));
    expect(await state.linksOf("people", names)).toHaveLength(2_500);
  });

  test("the last account of each identity is remembered by target, the newest in place of those before", async () => {
    const former = (identity: string, anchor: string, target = "people") => ({
      ...{ target, identity, anchor, strongKeys: { employeeNumber: "4711" } },
    });
    await state.finish({ formerAccounts: [former("alice", "1"), former("bob", "2")] });
    await state.finish({ formerAccounts: [former("alice", "3"), former("alice", "4", "admins")] });
    expect(await state.formerAccounts("people", ["alice", "nobody"])).toStrictEqual([former("alice", "3")]);
    expect(await state.formerAccounts("admins", ["alice", "bob"])).toStrictEqual([
      former("alice", "4", "admins"),
    ]);
  });

  test("tasks come oldest first, live ones unless all are asked for, and those closed long ago are gone", async () => {
    const [first, second] = [task("first", { opened: 1 }), task("second", { opened: 2 })];
    await state.finish({ tasks: [second, first, task("third", { opened: 3, target: "admins" })] });
    expect(await state.tasks({ target: "people" })).toStrictEqual([first, second]);
    const closed = { ...first, phase: "Done", closed: 5 } as const;
    await state.finish({ tasks: [closed] });
    expect((await state.tasks()).map(({ name }) => name)).toEqual(["second", "third"]);
    expect((await state.tasks({ all: true })).map(({ name }) => name)).toEqual(["first", "second", "third"]);
    expect(await state.tasks({ name: "first" })).toStrictEqual([closed]);
    await state.finish({ tasks: [{ ...second, phase: "Done", closed: 93 * 24 * 3_600_000 }] });
    expect(await state.tasks({ name: "first" })).toEqual([]);
    expect(await state.tasks({ name: "second" })).toHaveLength(1);
  });

  test("equal reasons are one object in memory", async () => {
    await state.finish({ links: [link("alice"), link("bob")] });
    const [alice, bob] = await collect(state.links("people"));
    expect(alice?.reasons).toBe(bob?.reasons);
  });

  test("linking two identities to one account is a conflict that names both, and nothing of it is kept", async () => {
    await state.finish({ links: [link("alice", { anchor: "1" })] });
    const result = { links: [link("carol"), link("bob", { anchor: "1" })], journal: [entry("bob")] };
    const message = expect.stringMatching(/link bob .* linked to alice/);
    await expect(state.finish(result)).rejects.toMatchObject({ kind: "Conflict", message });
    const twice = { links: [link("dave", { anchor: "2" }), link("erin", { anchor: "2" })] };
    await expect(state.finish(twice)).rejects.toMatchObject({
      message: expect.stringMatching(/erin .* dave/),
    });
    expect(await collect(state.links("people"))).toHaveLength(1);
    expect(await collect(state.journal({}))).toEqual([]);
  });

  test("an account that one identity gives up can be another's in the same step", async () => {
    await state.finish({ links: [link("alice", { anchor: "1" })] });
    const given = link("bob", { anchor: "1" });
    await state.finish({ unlink: [{ target: "people", identity: "alice" }], links: [given] });
    expect(await collect(state.links("people"))).toEqual([given]);
  });

  test("of several links of one identity in one result the last is kept", async () => {
    await state.finish({ links: [link("alice", { seen: "1" }), link("alice", { seen: "2" })] });
    expect(await collect(state.links("people"))).toEqual([link("alice", { seen: "2" })]);
  });

  test("holdings are found by identity and by entitlement, and go with the link", async () => {
    const held = [
      holding("alice", "staff"),
      holding("bob", "staff"),
      holding("bob", "lab", { origin: "Preexisting" }),
    ];
    await state.finish({ links: [link("alice"), link("bob")], holdings: held });
    expect(await state.holdings("people", { identities: ["bob"] })).toEqual(
      expect.arrayContaining(held.slice(1)),
    );
    expect(await state.holdings("people", { entitlements: ["staff", "staff"] })).toStrictEqual(
      held.slice(0, 2),
    );
    await state.finish({ dropHoldings: [{ target: "people", identity: "bob", entitlement: "lab" }] });
    await state.finish({ unlink: [{ target: "people", identity: "alice" }] });
    const left = await state.holdings("people", { identities: ["alice", "bob"] });
    expect(left).toEqual([holding("bob", "staff")]);
  });

  test("a read sees all of a transaction or nothing, and the process goes on while a long one is written", async () => {
    const people = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
    let done = false;
    const written = state.finish({ links: people.map((name) => link(name)) }).then(() => {
      done = true;
    });
    const counts = new Set<number>();
    for (let turns = 0; !done; turns += 1) {
      counts.add((await state.linksOf("people", people.slice(0, 1_000))).length);
      await breathe();
      expect(turns).toBeLessThan(100_000);
    }
    await written;
    expect([...counts].filter((count) => count !== 0 && count !== 1_000)).toEqual([]);
    expect((await collect(state.links("people"))).length).toBe(20_000);
  });

  test("calls made at once are kept one after the other", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `b${index}`);
    await Promise.all(ids.map((id) => state.begin(batch(id))));
    await Promise.all(ids.map((id) => state.finish({ batch: id, journal: [entry(id)] })));
    expect((await collect(state.journal({}))).map(({ identity }) => identity)).toEqual(ids);
  });

  test("a batch is open from begin to finish", async () => {
    const begun = batch("b1", { counts: { Creates: 1 } });
    await state.begin(begun);
    expect(await state.openBatches("people")).toStrictEqual([begun]);
    expect(await state.openBatches("admins")).toEqual([]);
    await state.finish({ batch: "b1", journal: [entry("alice")] });
    expect(await state.openBatches("people")).toEqual([]);
  });

  test("a batch is begun once and finished once", async () => {
    await state.begin(batch("b1"));
    await expect(state.begin(batch("b1"))).rejects.toMatchObject({ kind: "Conflict" });
    await state.finish({ batch: "b1" });
    const again = state.finish({ batch: "b1", journal: [entry("alice")] });
    await expect(again).rejects.toMatchObject({
      kind: "Conflict",
      message: expect.stringContaining("no open batch"),
    });
    expect(await collect(state.journal({}))).toEqual([]);
  });

  test("budgets count by target, class and time, finished or not", async () => {
    await state.begin(batch("b1", { at: 1_000, counts: { Removals: 3, Updates: 1 } }));
    await state.begin(batch("b2", { at: 2_000, counts: { Removals: 4 } }));
    await state.begin(batch("b3", { at: 2_000, target: "admins", counts: { Removals: 50 } }));
    await state.finish({ batch: "b1" });
    expect(await state.spent("people", "Removals", 1_000)).toBe(7);
    expect(await state.spent("people", "Removals", 1_001)).toBe(4);
    expect(await state.spent("people", "Updates", 0)).toBe(1);
    expect(await state.spent("people", "Emergency", 0)).toBe(0);
  });

  test("what needs no looking up is counted with what it leads to, or not at all", async () => {
    const spent = { id: "b1", target: "people", at: 1_000, counts: { Removals: 2 } };
    await state.finish({ spent, tasks: [task("t1")] });
    expect(await state.openBatches("people")).toEqual([]);
    const again = state.finish({ spent, tasks: [task("t2")] });
    await expect(again).rejects.toMatchObject({ kind: "Conflict" });
    expect(await state.spent("people", "Removals", 0)).toBe(2);
    expect((await state.tasks()).map(({ name }) => name)).toEqual(["t1"]);
  });

  test("counts older than the longest window are forgotten, open batches are not", async () => {
    const day = 24 * 3_600_000;
    await state.begin(batch("b1", { at: 1_000, counts: { Removals: 1 } }));
    await state.begin(batch("b2", { at: 2_000, counts: { Removals: 2 } }));
    await state.finish({ batch: "b1" });
    await state.begin(batch("b3", { at: 100 * day, counts: { Removals: 4 } }));
    expect(await state.spent("people", "Removals", 0)).toBe(6);
    expect(await state.openBatches("people")).toHaveLength(2);
  });

  test("an approval stays with a hold that is still there, whatever its time now says", async () => {
    await state.putHolds("people", [hold("h1"), hold("h2")]);
    expect(await state.approve("h1", "carol", 2_000)).toBe(true);
    expect(await state.approve("h1", "dave", 2_001)).toBe(true);
    await state.putHolds("people", [hold("h1", { at: 3_000, expires: 9_000, reason: "10 exceed 5" })]);
    const approved = { by: "carol", at: 2_000 };
    expect(await state.holds()).toStrictEqual([hold("h1", { reason: "10 exceed 5", approved })]);
  });

  test("a hold that has expired is a new one when it is put again, and cannot be approved", async () => {
    await state.putHolds("people", [hold("h1")]);
    await state.approve("h1", "carol", 2_000);
    expect(await state.approve("h1", "carol", 5_000)).toBe(false);
    const anew = hold("h1", { at: 5_000, expires: 9_000 });
    await state.putHolds("people", [anew]);
    expect(await state.holds("people")).toStrictEqual([anew]);
  });

  test("putting one target's holds leaves the others'", async () => {
    await state.putHolds("people", [hold("h1")]);
    await state.putHolds("admins", [hold("h2", { target: "admins" })]);
    await state.putHolds("people", []);
    expect(await state.holds()).toEqual([hold("h2", { target: "admins" })]);
    expect(await state.approve("h1", "carol", 2_000)).toBe(false);
  });

  test("the newest hundred plans are kept", async () => {
    for (let at = 0; at < 101; at += 1)
      await state.savePlan({ hash: `p${at}`, at, items: new Set(["a", `b${at}`]) });
    expect(await state.plan("p0")).toBeUndefined();
    expect(await state.plan("p1")).toStrictEqual({ hash: "p1", at: 1, items: new Set(["a", "b1"]) });
  });

  test("manifests, fingerprints, entitlements and notes are kept, replaced and removed", async () => {
    const gone = manifest("lab", { vanishedAt: 5 });
    await state.saveManifests({ put: [gone, manifest("office")], remove: [] });
    await state.saveManifests({ put: [manifest("lab")], remove: [{ kind: "Grant", name: "office" }] });
    expect(await state.manifests()).toStrictEqual([manifest("lab")]);

    await state.bindStore("directory", "one");
    await state.bindStore("directory", "two");
    expect(await state.fingerprints()).toEqual(new Map([["directory", "two"]]));

    const seen = { anchor: "g1", name: "cn=lab", version: "1" };
    await state.finish({
      entitlements: [
        { target: "people", ...seen },
        { target: "people", ...seen, anchor: "g2" },
      ],
    });
    await state.finish({ dropEntitlements: [{ target: "people", anchor: "g2" }] });
    expect(await state.entitlements("people")).toStrictEqual(new Map([["g1", seen]]));

    await state.setNotes("people", { pass: "1", cursor: "x" });
    await state.setNotes("people", { pass: "2", cursor: undefined });
    expect(await state.notes("people")).toEqual(new Map([["pass", "2"]]));
  });

  test("the journal streams oldest first, as it was written", async () => {
    const full = entry("alice", {
      result: "Failed",
      error: "denied",
      entitlement: "lab",
      approvedBy: "carol",
    });
    await state.finish({ journal: [full, entry("bob")] });
    const kept = await collect(state.journal({}));
    expect(kept).toStrictEqual([
      { seq: expect.any(Number), ...full },
      { seq: expect.any(Number), ...entry("bob") },
    ]);
    expect(kept[1]!.seq).toBeGreaterThan(kept[0]!.seq);
  });

  test.each<[string, JournalQuery, number[]]>([
    ["by target", { target: "admins" }, [1, 3_001, 6_001, 9_001]],
    [
      "by identity",
      { identity: "user-7" },
      [7, 1_007, 2_007, 3_007, 4_007, 5_007, 6_007, 7_007, 8_007, 9_007],
    ],
    ["from a time on", { since: 11_998 }, [11_998, 11_999]],
    ["before a time", { until: 2 }, [0, 1]],
    ["the newest", { last: 3 }, [11_997, 11_998, 11_999]],
    ["the newest of a target, however far back", { target: "admins", last: 3 }, [3_001, 6_001, 9_001]],
    ["more than there are", { target: "admins", last: 30 }, [1, 3_001, 6_001, 9_001]],
    ["nothing", { identity: "nobody", last: 3 }, []],
    ["none at all", { last: 0 }, []],
  ])("the journal is read %s", async (_, query, expected) => {
    const entries = Array.from({ length: 12_000 }, (_, at) =>
      entry(at === 1_007 || at < 10_000 ? `user-${at % 1_000}` : "late", {
        at,
        ...(at % 3_000 === 1 ? { target: "admins" } : {}),
      }),
    );
    await state.finish({ journal: entries });
    expect((await collect(state.journal(query))).map(({ at }) => at)).toEqual(expected);
  });

  test("an export holds everything but the digest key", async () => {
    await state.begin(batch("b1"));
    await state.finish({
      links: [link("alice")],
      holdings: [holding("alice", "lab")],
      journal: [entry("alice")],
    });
    await state.savePlan({ hash: "p1", at: 1, items: new Set(["a"]) });
    const text = (await Array.fromAsync(exportState(state))).join("");
    const [header, ...lines] = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(header).toEqual({ format: "rollcall-state", version: 1, id: state.id, realm: "default" });
    expect(lines).toContainEqual({ table: "links", item: link("alice") });
    expect(lines).toContainEqual({ table: "plans", item: { hash: "p1", at: 1, items: ["a"] } });
    expect(lines.map(({ table }) => table)).toEqual(["links", "holdings", "plans", "batches", "journal"]);
    expect(text).not.toContain(state.digestKey);
  });
}
