import { describe, expect, test } from "vitest";
import { company, person } from "../../../test/support/company.ts";
import { World } from "../../../test/support/world.ts";
import { KnownManifests } from "../../resources/known.ts";
import { resolve } from "../../resources/resolve.ts";
import { identityValue } from "../expression/identity-value.ts";
import { decide } from "./decide.ts";
import { accessModel } from "./model.ts";

const now = Date.parse("2026-06-01T12:00:00Z");

/** What is decided for ann at this moment. */
function decided(world: World, at = now, known = new KnownManifests()) {
  const { snapshot } = resolve(world.reading(), known, 0);
  const ann = snapshot.objects.Identity.get("ann")!;
  return decide(accessModel(snapshot), ann, identityValue("ann", ann.resource.spec), at);
}

const grant = (spec: Record<string, unknown>) => ({
  kind: "Grant",
  name: "g",
  spec: { identity: { name: "ann" }, ...spec },
});
const worldWith = (...manifests: Parameters<World["put"]>) =>
  new World().put(...company(), person("ann", { department: "Sales" }), ...manifests);
const hasLab = (world: World, at?: number) =>
  decided(world, at).targets.get("people")?.entitlements.has("lab") ?? false;

describe("a grant", () => {
  test.each([
    { spec: { accessProfile: { name: "lab" } }, chain: ["Grant", "AccessProfile"] },
    { spec: { businessRole: { name: "research" } }, chain: ["Grant", "BusinessRole", "AccessProfile"] },
    { spec: { entitlement: { target: { name: "people" }, name: "lab" } }, chain: ["Grant"] },
  ])("of $spec gives an account and the entitlement, and says why: $chain", ({ spec, chain }) => {
    const here = decided(worldWith(grant(spec))).targets.get("people");
    const [reasons] = here?.entitlements.get("lab")?.reasons ?? [];
    expect(reasons?.map(({ source }) => source)).toEqual(chain);
    expect(here?.account).toContainEqual(reasons);
  });

  test.each([
    { span: {}, given: true, reason: "for good" },
    { span: { from: "2026-06-02" }, given: false, reason: "not yet" },
    { span: { from: "2026-06-01" }, given: true, reason: "from its first day on" },
    { span: { until: "2026-06-01" }, given: true, reason: "its last day is a whole day" },
    { span: { until: "2026-05-31" }, given: false, reason: "it has ended" },
    { span: { until: "2026-06-01T12:00:00Z" }, given: false, reason: "an instant ends at itself" },
    { span: { until: "2026-06-01T14:00:01+02:00" }, given: true, reason: "in its own zone" },
  ])("$span gives $given: $reason", ({ span, given }) => {
    expect(hasLab(worldWith(grant({ accessProfile: { name: "lab" }, ...span })))).toBe(given);
  });

  test("says when time alone changes what it gives", () => {
    const world = worldWith(
      grant({ accessProfile: { name: "lab" }, from: "2026-06-02", until: "2026-06-03" }),
    );
    const begins = decided(world).changesAt ?? 0;
    expect(new Date(begins).toISOString()).toBe("2026-06-02T00:00:00.000Z");
    expect([hasLab(world, begins - 1), hasLab(world, begins)]).toEqual([false, true]);
    const ends = decided(world, begins).changesAt ?? 0;
    expect(new Date(ends).toISOString()).toBe("2026-06-04T00:00:00.000Z");
    expect([hasLab(world, ends - 1), hasLab(world, ends)]).toEqual([true, false]);
    expect(decided(world, ends).changesAt).toBeUndefined();
  });
});

describe("a lifecycle", () => {
  test.each([
    { lifecycle: undefined, inactive: undefined },
    { lifecycle: { state: "Inactive" }, inactive: "state is Inactive" },
    { lifecycle: { state: "Inactive", start: "2026-07-01" }, inactive: "state is Inactive" },
    { lifecycle: { start: "2026-06-02" }, inactive: "starts 2026-06-02" },
    { lifecycle: { end: "2026-05-31" }, inactive: "ended 2026-05-31" },
    { lifecycle: { end: "2026-06-01" }, inactive: undefined },
  ])("$lifecycle: $inactive", ({ lifecycle, inactive }) => {
    const world = worldWith(person("ann", { lifecycle }));
    expect(decided(world).inactive?.detail).toBe(inactive);
    if (inactive !== undefined) expect(decided(world).targets.size).toBe(0);
  });

  test("keeps its emergency, whether or not it has ended", () => {
    const lifecycle = { emergency: "Disable", end: "2026-05-31" };
    expect(decided(worldWith(person("ann", { lifecycle })))).toMatchObject({ emergency: true });
  });
});

describe("what is unknown", () => {
  const errs = { members: { when: "identity.title.startsWith('x')" } };

  test("of an erring role is what the role gives", () => {
    const world = worldWith();
    world.edit("BusinessRole/research", errs);
    const { unknown } = decided(world);
    expect(unknown.all).toEqual([]);
    expect([...unknown.accounts.keys()]).toEqual(["people"]);
    expect([...(unknown.entitlements.get("people")?.keys() ?? [])]).toEqual(["lab"]);
  });

  test("is nothing of what another source gives for sure", () => {
    const world = worldWith(grant({ accessProfile: { name: "lab" } }));
    world.edit("BusinessRole/research", errs);
    expect(hasLab(world)).toBe(true);
  });

  test.each([
    {
      what: "a grant's role",
      manifest: grant({ businessRole: { name: "nobody" } }),
      names: "BusinessRole/nobody",
    },
    {
      what: "a grant's profile",
      manifest: grant({ accessProfile: { name: "none" } }),
      names: "AccessProfile/none",
    },
    {
      what: "a grant's target",
      manifest: grant({ entitlement: { target: { name: "none" }, name: "x" } }),
      names: "Target/none",
    },
  ])("of $what that does not exist is everything", ({ manifest, names }) => {
    expect(decided(worldWith(manifest)).unknown.all).toEqual([
      `Grant/g refers to ${names}, which does not exist`,
    ]);
  });
});

test("nothing is to be had in a target that is declared no longer", () => {
  const world = worldWith(grant({ accessProfile: { name: "lab" } }));
  const known = new KnownManifests();
  known.apply(resolve(world.reading(), known, 0).changes);
  expect([...decided(world, now, known).targets.keys()]).toEqual(["people"]);
  world.remove("Target/people");
  expect([...decided(world, now, known).targets.keys()]).toEqual([]);
});
