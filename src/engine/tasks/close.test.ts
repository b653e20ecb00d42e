import { expect, test } from "vitest";
import { company } from "../../../test/support/company.ts";
import { task } from "../../../test/support/state/samples.ts";
import { World } from "../../../test/support/world.ts";
import { resolve } from "../../resources/resolve.ts";
import { closeTasksOfGone } from "./close.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

/** Whether the task of the company's target is live when its manifests are as `change` leaves them, `later` ms afterwards. */
async function isLiveAfter(change: (world: World) => void, later: number): Promise<boolean> {
  const world = new World().put(...company());
  const state = await world.state();
  await state.finish({ tasks: [task("people-1")] });
  const read = (at: number) => {
    const { snapshot, changes } = resolve(world.reading(), world.known, at);
    world.known.apply(changes);
    return snapshot;
  };
  read(now);
  change(world);
  read(now + 1);
  await closeTasksOfGone(state, read(now + 1 + later), now + 1 + later);
  const [left] = await state.tasks();
  if (!left) expect(await state.tasks({ name: "people-1" })).toMatchObject([{ phase: "Withdrawn" }]);
  return left !== undefined;
}

test.each<[string, (world: World) => void, number, boolean]>([
  ["is there", () => {}, 60_000, true],
  ["has been gone for a moment", (world) => world.remove("Target/people"), 29_000, true],
  [
    "has been gone for as long as it takes to settle",
    (world) => world.remove("Target/people"),
    30_000,
    false,
  ],
  ["cannot be read", (world) => world.unread.set("Target", "forbidden"), 60_000, true],
  ["is not valid now", (world) => world.invalid.set("Target/people", "a typing mistake"), 60_000, true],
])("tasks of a target that %s", async (_, change, later, expected) => {
  expect(await isLiveAfter(change, later)).toBe(expected);
});
