import { describe, expect, it } from "vitest";
import {
  type Bench,
  byName,
  call,
  done,
  entitlementAnchor,
  memberChange,
  members,
  refused,
  samples,
  scan,
} from "./bench.ts";

export function entitlementCases(bench: Bench): void {
  if (bench.features.entitlements !== true) return;

  /** Two accounts, and an entitlement that the first one holds. */
  async function setting() {
    const { harness, connector } = bench;
    const [one, two] = samples(harness, 2);
    await harness.outside.fill([one!, two!]);
    await harness.outside.createEntitlement("staff", [one!]);
    const [first, second] = [await byName(connector, one!.name), await byName(connector, two!.name)];
    const { name } = harness.entitlement("staff");
    return { first, second, staff: { anchor: await entitlementAnchor(bench, "staff"), name } };
  }

  describe("entitlements", () => {
    it("are found by every way of pointing at them, unknown ones are undefined", async () => {
      const { harness, connector } = bench;
      const { staff } = await setting();
      const ids = bench.features.entitlementIds === true ? [{ name: staff.anchor, by: "Id" } as const] : [];
      const refs = [...harness.entitlement("staff").refs, ...ids];
      const found = await connector.entitlements([...refs, ...harness.entitlement("absent").refs], call());
      expect(found).toHaveLength(refs.length + harness.entitlement("absent").refs.length);
      expect(found.slice(0, refs.length).map((record) => record?.anchor)).toEqual(
        refs.map(() => staff.anchor),
      );
      expect(found.slice(refs.length).every((record) => record === undefined)).toBe(true);
      expect(await connector.entitlements([], call())).toEqual([]);
    });

    it("are scanned with a version that changes with their members", async () => {
      const { harness, connector } = bench;
      const { staff } = await setting();
      const before = await scan(connector, "entitlements");
      const version = (seen: typeof before) => seen.find(({ anchor }) => anchor === staff.anchor)?.version;
      expect(version(before)).toBeDefined();
      expect(before).toHaveLength(harness.standing?.length ?? 1);
      expect(await scan(connector, "entitlements")).toEqual(before);
      await harness.outside.addMember("staff", samples(harness, 2)[1]!);
      expect(version(await scan(connector, "entitlements"))).not.toBe(version(before));
    });
  });

  describe("members", () => {
    it("are granted and revoked, and each is a success when it is so already", async () => {
      const { harness, connector } = bench;
      const { first, second, staff } = await setting();
      const keys = [first, second].map((account) => connector.memberKey(account)).sort();
      expect(await members(connector, staff.anchor)).toEqual([connector.memberKey(first)]);
      for (let time = 0; time < 2; time++) {
        await done(connector, memberChange(staff, [second]));
        expect(await members(connector, staff.anchor)).toEqual(keys);
      }
      for (let time = 0; time < 2; time++) {
        await done(connector, memberChange(staff, [], [first]));
        expect(await members(connector, staff.anchor)).toEqual([connector.memberKey(second)]);
      }
      expect(await harness.outside.countMembers("staff")).toBe(1);
    });

    it("are exchanged in one change, and the last one can go", async () => {
      const { harness, connector } = bench;
      const { first, second, staff } = await setting();
      await done(connector, memberChange(staff, [second], [first]));
      expect(await members(connector, staff.anchor)).toEqual([connector.memberKey(second)]);
      await done(connector, memberChange(staff, [], [second]));
      expect(await members(connector, staff.anchor)).toEqual([]);
      expect(await harness.outside.countMembers("staff")).toBe(0);
    });

    it("of several entitlements come together, each with its own", async () => {
      const { harness, connector } = bench;
      const { first, second, staff } = await setting();
      await harness.outside.createEntitlement("crew", samples(harness, 2));
      const crew = await entitlementAnchor(bench, "crew");
      const found = new Map([
        [staff.anchor, 0],
        [crew, 0],
      ]);
      for await (const page of connector.memberships([staff.anchor, crew], call()))
        for (const { entitlement } of page) found.set(entitlement, (found.get(entitlement) ?? 0) + 1);
      expect([found.get(staff.anchor), found.get(crew)]).toEqual([1, 2]);
      expect(connector.memberKey(first)).not.toBe(connector.memberKey(second));
    });

    it("of an entitlement that is not there are a NotFound", async () => {
      const { harness, connector } = bench;
      const { first } = await setting();
      const { name } = harness.entitlement("absent");
      const error = await refused(connector, memberChange({ anchor: name, name }, [first]));
      expect(error.kind).toBe("NotFound");
      expect(error.message).toContain(name);
    });

    it("can be 3,000, granted in one change and read in full", async () => {
      const { harness, connector } = bench;
      const accounts = samples(harness, 3_000);
      await harness.outside.fill(accounts);
      await harness.outside.createEntitlement("staff", [accounts[0]!]);
      const records = [];
      for (let at = 0; at < accounts.length; at += 1_000) {
        const questions = accounts.slice(at, at + 1_000).map(({ name }) => ({ keys: {}, name }));
        records.push(...(await connector.find(questions, call())).flat());
      }
      const staff = {
        anchor: await entitlementAnchor(bench, "staff"),
        name: harness.entitlement("staff").name,
      };
      await done(connector, memberChange(staff, records));
      expect(await members(connector, staff.anchor)).toEqual(
        records.map((one) => connector.memberKey(one)).sort(),
      );
      expect(await harness.outside.countMembers("staff")).toBe(3_000);
      await done(connector, memberChange(staff, [], records.slice(1)));
      expect(await members(connector, staff.anchor)).toEqual([connector.memberKey(records[0]!)]);
    });
  });

  if (bench.features.createEntitlements === true) {
    it("creates an entitlement with its first members, and again is a Conflict", async () => {
      const { harness, connector } = bench;
      const { first, second } = await setting();
      const sample = harness.entitlement("new");
      const change = {
        id: 1,
        kind: "members",
        entitlement: undefined,
        name: sample.name,
        create: { attributes: sample.attributes },
        add: [first, second],
        remove: [],
      } as const;
      const outcome = await done(connector, change);
      expect(await members(connector, outcome.anchor)).toHaveLength(2);
      expect(await entitlementAnchor(bench, "new")).toBe(outcome.anchor);
      expect((await refused(connector, change)).kind).toBe("Conflict");
    });
  }
}
