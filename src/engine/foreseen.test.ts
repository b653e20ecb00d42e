import { expect, test } from "vitest";
import type { Holding, Link } from "../core/model/link.ts";
import { foreseen, type Memory } from "./foreseen.ts";
import { noWrites } from "./ledger.ts";

const link = (identity: string, name = identity): Link => ({
  target: "people",
  identity,
  anchor: `#${identity}`,
  name,
  origin: "Created",
  strongKeys: {},
  status: "Enabled",
  applied: {},
  decided: {},
  reasons: [],
});

const holding = (identity: string, entitlement: string): Holding => ({
  target: "people",
  identity,
  entitlement,
  name: entitlement,
  origin: "Granted",
  reasons: [],
});

const known: Memory = {
  linksOf: async (_, identities) => identities.filter((each) => each !== "new").map((each) => link(each)),
  formerAccounts: async () => [],
  holdings: async (_, of) =>
    "identities" in of
      ? of.identities.map((each) => holding(each, "lab"))
      : of.entitlements.map((each) => holding("ann", each)),
};

const memory = foreseen(known, {
  ...noWrites(),
  links: [link("bob", "bobby"), link("new")],
  unlink: [{ target: "people", identity: "zoe" }],
  formerAccounts: [{ target: "people", identity: "zoe", anchor: "#zoe", strongKeys: {} }],
  holdings: [holding("new", "lab"), holding("new", "attic")],
  dropHoldings: [{ target: "people", identity: "ann", entitlement: "lab" }],
});

test("foresees links that are made, changed and dropped", async () => {
  const found = await memory.linksOf("people", ["ann", "bob", "new", "zoe"]);
  expect(found.map(({ name }) => name).toSorted()).toEqual(["ann", "bobby", "new"]);
  expect(await memory.linksOf("people", ["ann"])).toHaveLength(1);
});

test("foresees what will be the last account of whose account was deleted", async () => {
  expect(await memory.formerAccounts("people", ["zoe", "ann"])).toMatchObject([{ identity: "zoe" }]);
  expect(await memory.formerAccounts("people", ["ann"])).toEqual([]);
});

test("foresees what is held, by whom it is and by what it is", async () => {
  const told = (all: readonly Holding[]) =>
    all.map(({ identity, entitlement }) => `${identity} ${entitlement}`);
  expect(told(await memory.holdings("people", { identities: ["ann", "bob", "zoe"] }))).toEqual(["bob lab"]);
  expect(told(await memory.holdings("people", { identities: ["new"] })).toSorted()).toEqual([
    "new attic",
    "new lab",
  ]);
  expect(told(await memory.holdings("people", { entitlements: ["lab"] }))).toEqual(["new lab"]);
});
