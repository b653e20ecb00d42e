import { describe, expect, test } from "vitest";
import { company, person } from "../../test/support/company.ts";
import { World } from "../../test/support/world.ts";
import { StoreError } from "../connectors/errors.ts";
import { everythingShown } from "../core/plan/guard.ts";
import type { Explanation } from "../report/explanation.ts";
import { explanationText } from "../report/explanation-text.ts";
import { resolve } from "../resources/resolve.ts";
import { Engine } from "./engine.ts";
import { explain } from "./explain.ts";
import { suppose } from "./suppose.ts";

/** An engine of its own on the world's state, as `explain` has one. */
async function looking(world: World) {
  const state = await world.state();
  const clock = { now: () => world.now };
  const stop = new AbortController().signal;
  const engine = new Engine({ state, clock, newId: () => "id", progress: () => {}, stop }, world.stores());
  await engine.load(resolve(world.reading(), world.known, world.now).snapshot);
  return { engine, state, now: world.now, shown: everythingShown };
}

async function explained(world: World, id = "alice"): Promise<Explanation> {
  return explain(await looking(world), id);
}

const researcher = () => new World().put(...company(), person("alice"), person("bob"));

describe("explain", () => {
  test("says why there is an account and each entitlement, and where each value comes from", async () => {
    const world = researcher();
    await world.apply();
    const [people] = (await explained(world)).targets;
    expect(people).toMatchObject({
      target: "people",
      account: "Yes",
      reasons: [
        [{ source: "Target", name: "people" }],
        [
          { source: "BusinessRole", name: "research" },
          { source: "AccessProfile", name: "lab" },
        ],
      ],
      link: { origin: "Created", status: "Enabled" },
      entitlements: [{ name: "lab", state: "Granted" }],
      changes: [],
    });
    expect(people?.attributes).toContainEqual({
      name: "mail",
      from: "primary(identity.emails)",
      apply: "Always",
      values: ["alice@example.org"],
      current: ["alice@example.org"],
    });
  });

  test("says what the store tells of the account: that nobody may change it, and what keeps it from logging in", async () => {
    const world = researcher();
    await world.apply();
    const account = world.store.account("uid=alice,ou=people,dc=example,dc=org")!;
    world.store.putAccount({ ...account, protected: "adminCount is 1", trouble: ["Locked"] });
    const explanation = await explained(world);
    expect(explanation.targets).toMatchObject([{ protected: "adminCount is 1", trouble: ["Locked"] }]);
    expect(explanationText(explanation)).toContain("protected, and left alone: adminCount is 1");
    expect(explanationText(explanation)).toContain("cannot log in as it is: Locked");
  });

  test("knows an entitlement by what the manifest calls it, whatever the store does", async () => {
    const world = researcher();
    world.store.addEntitlement("cn=lab,ou=groups,dc=example,dc=org");
    await world.apply();
    const [people] = (await explained(world)).targets;
    expect(people?.entitlements).toMatchObject([{ name: "lab", state: "Granted" }]);
  });

  test("reads that identity's account alone, and changes nothing", async () => {
    const world = researcher();
    await world.apply();
    const { writes, calls } = world.store;
    const scans = calls.get("scan");
    await explained(world);
    expect(world.store.writes).toBe(writes);
    expect(calls.get("scan")).toBe(scans);
  });

  test("shows what the store has instead, and what the next run would do about it", async () => {
    const world = researcher();
    await world.apply();
    world.store.editAccount("uid=alice,ou=people,dc=example,dc=org", {
      attributes: { mail: ["m@example.org"] },
    });
    const [people] = (await explained(world)).targets;
    expect(people?.attributes.find(({ name }) => name === "mail")?.current).toEqual(["m@example.org"]);
    expect(people?.changes).toMatchObject([{ action: "update" }]);
  });

  test("shows what is not yet there, before the first apply", async () => {
    const [people] = (await explained(researcher())).targets;
    expect(people).toMatchObject({ account: "Yes", entitlements: [{ name: "lab", state: "NotYet" }] });
    expect(people?.link).toBeUndefined();
    expect(people?.changes.map(({ action }) => action)).toEqual(expect.arrayContaining(["create", "grant"]));
  });

  test("masks sensitive values, and fixed ones too", async () => {
    const world = researcher();
    const target = world.manifests.get("Target/people")?.spec.accounts as Record<string, object>;
    world.edit("Target/people", {
      accounts: {
        ...target,
        attributes: {
          ...target.attributes,
          badge: { expression: "identity.userName + '-4711'", sensitive: true },
          vault: { value: "s-9", sensitive: true },
        },
      },
    });
    await world.apply();
    const explanation = await explained(world);
    const supposing = suppose(
      (await lookingAt(world)).engine,
      "alice",
      { ...specOf(world), userName: "alicia" },
      ["userName=alicia"],
      world.now,
    );
    const text =
      JSON.stringify({ ...explanation, supposing }) + explanationText({ ...explanation, supposing });
    expect(text).not.toMatch(/alice-4711|alicia-4711|"s-9/);
    expect(text).toContain("••••••");
  });

  test("lists what changes by itself, soonest first", async () => {
    const world = researcher().put(
      {
        kind: "Grant",
        name: "guest",
        spec: { identity: { name: "alice" }, accessProfile: { name: "lab" }, until: "2026-02-01" },
      },
      person("alice", { lifecycle: { end: "2026-01-31" } }),
    );
    expect((await explained(world)).timers).toEqual([
      { at: "2026-02-01T00:00:00.000Z", what: expect.stringContaining("ends: accounts") },
      { at: "2026-02-02T00:00:00.000Z", what: "Grant guest ends" },
    ]);
  });

  test("says when a removal will have settled", async () => {
    const world = researcher();
    await world.apply();
    world.now += 1_000;
    world.remove("BusinessRole/research");
    const explanation = await explained(world);
    expect(explanation.targets[0]?.entitlements).toMatchObject([{ name: "lab", state: "Ending" }]);
    expect(explanation.targets[0]?.changes).toMatchObject([{ action: "revoke" }]);
  });

  test("tells what the manifests say where the store cannot be asked", async () => {
    const world = researcher();
    world.store.faults = {
      call() {
        throw new StoreError("Unavailable", "cannot reach the store");
      },
    };
    expect((await explained(world)).targets).toMatchObject([
      { account: "Yes", error: "cannot reach the store", entitlements: [{ name: "lab" }] },
    ]);
  });

  test("says why a target is not asked, and nothing of one that is declared no longer", async () => {
    const world = researcher();
    await world.apply();
    world.edit("Target/people", { suspend: true });
    expect((await explained(world)).targets).toMatchObject([{ notRun: "it is suspended", account: "Yes" }]);
    world.remove("Target/people");
    expect((await explained(world)).targets).toEqual([]);
  });

  test("says what cannot be told, and that it is kept", async () => {
    const world = researcher();
    await world.apply();
    world.invalid.set("AccessProfile/lab", "spec.target is required");
    world.known.apply(resolve(world.reading(), world.known, world.now).changes);
    world.edit("BusinessRole/research", { members: { when: "identity.title.startsWith('Dr')" } });
    const [people] = (await explained(world)).targets;
    expect(people?.entitlements).toMatchObject([{ name: "lab", state: "Held" }]);
  });
});

const specOf = (world: World) => {
  const found = resolve(world.reading(), world.known, world.now).snapshot.objects.Identity.get("alice");
  if (!found) throw new Error("no alice");
  return found.resource.spec;
};

/** As `looking`, its targets opened. */
async function lookingAt(world: World) {
  const parts = await looking(world);
  await explain(parts, "alice");
  return parts;
}

describe("explain --if", () => {
  test("says what would be gained and lost, and which values would be others", async () => {
    const world = researcher();
    await world.apply();
    const { engine } = await lookingAt(world);
    const result = suppose(
      engine,
      "alice",
      { ...specOf(world), department: "Sales" },
      ["department=Sales"],
      world.now,
    );
    expect(result.access).toMatchObject([{ change: "Lost", target: "people", entitlement: "lab" }]);
    expect(result.values).toEqual([
      { target: "people", name: "department", before: ["Research"], after: ["Sales"] },
    ]);
  });

  test("says that all would be lost by somebody who is not active", async () => {
    const world = researcher();
    const { engine } = await lookingAt(world);
    const left = { ...specOf(world), lifecycle: { state: "Inactive" as const } };
    const result = suppose(engine, "alice", left, ["lifecycle.state=Inactive"], world.now);
    expect(result.active).toBe(false);
    expect(result.access.map(({ change, entitlement }) => [change, entitlement])).toEqual([
      ["Lost", undefined],
      ["Lost", "lab"],
    ]);
  });

  test("leaves everything as it is", async () => {
    const world = researcher();
    await world.apply();
    const { engine } = await lookingAt(world);
    suppose(engine, "alice", { ...specOf(world), department: "Sales" }, [], world.now);
    expect((await world.plan())[0]?.guarded.items).toEqual([]);
  });
});
