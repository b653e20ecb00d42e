import fc from "fast-check";
import { expect, test } from "vitest";
import { BoardWorld } from "../../../test/support/board-world.ts";
import { company, person } from "../../../test/support/company.ts";
import { StoreError } from "../../connectors/errors.ts";
import type { IdentityStatus } from "../../core/kinds/status.ts";

const limits = { settle: "1s", removals: { percent: 100, atLeast: 1000, atMost: 1000 } };
const [store, people, ...policies] = company({ limits });
const suspended = { ...people!, spec: { ...people!.spec, suspend: true } };
const accounts = { when: "identity.userType == 'Guest'", name: { expression: "identity.userName" } };
const guests = { ...people!, name: "guests", spec: { ...people!.spec, accounts } };
const away = { call: () => Promise.reject(new StoreError("Unavailable", "cannot reach it")) };
const invalid = { lifecycle: { end: "2026-02-30" } };

const happenings: Readonly<Record<string, (world: BoardWorld) => unknown>> = {
  "alice moves": (world) => world.put(person("alice", { department: "Sales" })),
  "alice comes back": (world) => world.put(person("alice")),
  "alice is not valid": (world) => world.put(person("alice", invalid)),
  "carol comes": (world) => world.put(person("carol")),
  "carol leaves": (world) => world.remove("Identity/carol"),
  "policies are edited": (world) => world.put(...policies),
  "the Target is edited": (world) => world.put(people!),
  "the Target is suspended": (world) => world.put(suspended),
  "the Target is deleted": (world) => world.remove("Target/people"),
  "the Store is deleted": (world) => world.remove("Store/directory"),
  "the Store is there": (world) => world.put(store!),
  "another Target is there": (world) => world.put(guests),
  "the other Target is deleted": (world) => world.remove("Target/guests"),
  "Targets cannot be read": (world) => world.unread.set("Target", "no right to list them"),
  "Identities cannot be read": (world) => world.unread.set("Identity", "no right to list them"),
  "everything can be read": (world) => world.unread.clear(),
  "the store is away": (world) => Object.assign(world.store, { faults: away }),
  "the store is back": (world) => Object.assign(world.store, { faults: {} }),
  "the state is away": (world) => Object.assign(world, { stateFails: "the database is away" }),
  "the state is back": (world) => Object.assign(world, { stateFails: undefined }),
  "manifests are read": (world) => world.read(),
  "all targets are run": (world) => world.work(),
  "one target is run": (world) => world.work({}, "people"),
  "the other target is run": (world) => world.work({}, "guests"),
  "the board is done": (world) => world.idle(),
  "everything is done": (world) => world.run(),
};

test("whatever happened, once all is well each object is told of as it is now, and a board that starts has nothing to add", async () => {
  const histories = fc.array(fc.constantFrom(...Object.keys(happenings)), { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const staff = [person("alice"), person("bob"), person("robot", { userType: "Robot" })];
      const world = new BoardWorld().put(store!, people!, ...policies, ...staff);
      await world.read();
      for (const happening of history) await happenings[happening]?.(world);
      for (const cure of ["everything can be read", "the store is back", "the state is back"])
        happenings[cure]?.(world);
      const last = (what: string) => history.findLast((happening) => happening.startsWith(what));
      if (last("the Store is ") === "the Store is deleted") world.put(store!);
      if (/suspended|deleted/.test(last("the Target is ") ?? "")) world.put(people!);
      // What has vanished settles meanwhile.
      for (let passes = 0; passes < 3; passes++, world.now += 2_000) await world.run();
      const told = () =>
        [...world.objects].map(([key, { metadata, status }]) => {
          const { accounts, summary } = status as IdentityStatus;
          const isOfNow = world.status(key)?.observedGeneration === metadata.generation;
          return { key, isOfNow, ready: world.ready(key), accounts, summary };
        });
      const before = told();
      expect(before.filter(({ isOfNow }) => !isOfNow)).toEqual([]);
      world.restart();
      await world.run();
      expect(told()).toEqual(before);
    }),
    { numRuns: 150 },
  );
});
