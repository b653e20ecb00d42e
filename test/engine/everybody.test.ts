import { expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

/** More than are read and planned at a time. */
const many = 2_100;
const last = many - 1;

function crowd(target: Record<string, unknown> = {}): World {
  const world = new World();
  const everybody = Array.from({ length: many }, (_, index) => person(`p${index}`));
  world.put(...company(target), ...everybody);
  return world;
}

test("two who want one name get in each other's way, however far apart they stand", async () => {
  const world = crowd();
  world.edit(`Identity/p${last}`, { userName: "p0" });
  const { done, findings } = tell(await world.apply());
  const named = `${dn("p0").toLowerCase()}: give them different names`;
  expect(findings).toEqual([
    expect.stringContaining(`Conflict p0: p0 and p${last} would all be called ${named}`),
    expect.stringContaining(`Conflict p${last}: p0 and p${last} would all be called ${named}`),
  ]);
  expect(done.filter((each) => each.startsWith("Create p"))).toHaveLength(many - 2);
});

test("two who match one account get it neither, however far apart they stand", async () => {
  const world = crowd({ accounts: { ...accounts(), match: [{ keys: ["mail"] }], adopt: "Auto" } });
  world.store.addAccount(dn("somebody"), { mail: ["shared@example.org"] });
  for (const who of ["p0", `p${last}`])
    world.edit(`Identity/${who}`, { emails: [{ value: "shared@example.org", primary: true }] });
  expect(tell(await world.apply()).findings).toEqual([
    `Conflict p0: ${dn("somebody")} matches p0 and p${last}: pin it with spec.links`,
    `Conflict p${last}: ${dn("somebody")} matches p0 and p${last}: pin it with spec.links`,
  ]);
});

test("a look at everybody finds what was changed in each piece, and then nothing", async () => {
  const world = crowd({ outside: { missing: "Repair" } });
  await world.apply();
  expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [] });
  world.store.removeAccount(dn("p1"));
  world.store.removeAccount(dn(`p${last}`));
  const { done } = tell(await world.apply({ full: true }));
  expect(done.toSorted()).toEqual(
    [`Create p${last}`, "Create p1", `Grant p${last} lab`, "Grant p1 lab"].toSorted(),
  );
  expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [] });
});

function accounts(): Record<string, unknown> {
  const { spec } = company().find(({ kind }) => kind === "Target")!;
  return (spec as { accounts: Record<string, unknown> }).accounts;
}
