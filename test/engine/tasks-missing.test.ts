import { describe, expect, test } from "vitest";
import type { AccountRecord } from "../../src/core/model/account.ts";
import { ByHand } from "../support/by-hand.ts";
import { company, dn, person } from "../support/company.ts";

/** A company whose directory shows fewer accounts than there are, for as long as a test hides some. */
class Partial extends ByHand {
  hidden: (name: string) => boolean = () => false;

  static async founded(target: Record<string, unknown> = {}): Promise<Partial> {
    const world: Partial = new Partial(undefined, {
      connector: (connector) => {
        const isShown = ({ anchor }: { readonly anchor: string }) =>
          !world.hidden(world.store.accounts.get(anchor)?.name ?? "");
        const shown = (records: readonly AccountRecord[]) => records.filter(isShown);
        return {
          ...connector,
          marker: async () => undefined,
          fetch: async (anchors, call) => shown(await connector.fetch(anchors, call)),
          find: async (questions, call) => (await connector.find(questions, call)).map(shown),
          async *scan(what, call) {
            for await (const page of connector.scan(what, call)) yield page.filter(isShown);
          },
          async *memberships(entitlements, call) {
            for await (const page of connector.memberships(entitlements, call))
              yield page.filter(({ member }) => !world.hidden(member));
          },
        };
      },
    });
    world.put(...company({ tasks: { owner: "records" }, ...target }), ...names.map((name) => person(name)));
    await world.apply();
    for (const name of names) world.store.addAccount(dn(name), values(name));
    world.store.addEntitlement("lab", names.map(dn));
    await world.apply();
    expect(await world.open()).toEqual([]);
    world.now += 3_600_000;
    return world;
  }
}

const names = ["ann", "bob", "zoe"] as const;
const values = (name: string) => ({
  mail: [`${name}@example.org`],
  employeeNumber: [`E-${name}`],
  department: ["Research"],
});

describe("an account that is missing", () => {
  test("does not show that access was taken from it: when it is back, somebody is asked again", async () => {
    const world = await Partial.founded();
    world.edit("Identity/ann", { department: "Sales" });
    await world.apply();
    world.hidden = (name) => name === dn("ann");
    await world.apply();
    expect(await world.told()).not.toContain("Revoke Done");
    world.hidden = () => false;
    await world.apply();
    expect(await world.open()).toEqual(["ann Open: update department; revoke lab"]);
  });

  test("is still to be dealt with while it waits whether it is gone", async () => {
    const limits = { removals: { percent: 0, atLeast: 1, atMost: 1, per: "24h" } };
    const world = await Partial.founded({ limits });
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    const before = await world.open();
    world.hidden = (name) => name === dn("ann");
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toEqual(before);
  });
});

describe("a store that shows none of the accounts that are linked (law 4)", () => {
  test("withdraws no task and takes nothing for done", async () => {
    const world = await Partial.founded({
      limits: { removals: { percent: 0, atLeast: 2, atMost: 2, per: "24h" } },
    });
    world.edit("Identity/ann", { department: "Sales" });
    world.edit("Identity/bob", { lifecycle: { state: "Inactive" } });
    await world.apply();
    const [before, told] = [await world.open(), await world.told()];
    expect(before).toHaveLength(2);
    world.hidden = () => true;
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toEqual(before);
    expect(await world.told()).toEqual(told);
    world.hidden = () => false;
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toEqual(before);
  });

  test("does not show that those were deleted who were to be", async () => {
    const world = await Partial.founded({
      allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
      deprovision: { deleteAfter: "24h" },
    });
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    world.store.editAccount(dn("ann"), { enabled: false });
    world.store.removeMember("lab", dn("ann"));
    for (const hours of [0, 0, 25]) {
      world.now += hours * 3_600_000;
      await world.apply();
    }
    expect(await world.open()).toEqual(["ann Open: delete"]);
    world.hidden = () => true;
    await world.apply();
    expect(await world.told()).not.toContain("Delete Done");
    expect(await world.open()).toEqual(["ann Open: delete"]);
    world.hidden = (name) => name === dn("ann");
    expect(await world.look()).toEqual(["Done ann"]);
  });
});
