import { describe, expect, test } from "vitest";
import { company } from "../../test/support/company.ts";
import { World } from "../../test/support/world.ts";
import { KnownManifests } from "../resources/known.ts";
import { resolve } from "../resources/resolve.ts";
import { declaredTargets, manifestGauges } from "./declared.ts";

/** What is declared after an edit of a company that was read once. */
function declaredAfter(change: (world: World) => void) {
  const known = new KnownManifests();
  const world = new World().put(...company());
  known.apply(resolve(world.reading(), known, 1).changes);
  change(world);
  return declaredTargets(resolve(world.reading(), known, 2).snapshot);
}

describe("the targets that are declared", () => {
  test.each<[string, (world: World) => void, string | undefined]>([
    ["runs", () => {}, "Runs"],
    ["is suspended", (world) => world.edit("Target/people", { suspend: true }), "Suspended"],
    ["is suspended with its store", (world) => world.edit("Store/directory", { suspend: true }), "Suspended"],
    [
      "has another store, which is not there",
      (world) => world.edit("Target/people", { store: { name: "x" } }),
      "Stalled",
    ],
    ["is gone", (world) => world.remove("Target/people"), undefined],
    ["lost its store's manifest", (world) => world.remove("Store/directory"), undefined],
  ])("one that %s", (_, change, standing) => {
    expect(declaredAfter(change)[0]?.standing).toBe(standing);
  });

  test("show how often they are looked at, or that somebody must act", () => {
    const gauges = manifestGauges(
      [
        { target: "people", store: "directory", standing: "Runs", every: 900_000 },
        { target: "admins", store: undefined, standing: "Stalled", every: undefined },
        { target: "old", store: "directory", standing: "Suspended", every: 900_000 },
      ],
      false,
      ["Grant"],
    );
    expect(gauges.map(({ metric, labels, value }) => [metric, ...Object.values(labels), value])).toEqual([
      ["rollcall_manifests_complete", 0],
      ["rollcall_manifests_unread", "Grant", 1],
      ["rollcall_target_interval_seconds", "people", 900],
      ["rollcall_target_stalled", "admins", "Manifest", 1],
      ["rollcall_target_suspended", "old", 1],
    ]);
  });
});
