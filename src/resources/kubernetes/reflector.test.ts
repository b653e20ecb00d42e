import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Follower, follow, sameObjects } from "../../../test/kubernetes/bad-days/follower.ts";
import { makeFolder } from "../../../test/support/folder.ts";
import { FakeApiServer, type FakeFault } from "../../../test/support/kubernetes/fake-api-server.ts";
import { waitFor } from "../../../test/support/wait.ts";
import type { ClusterApi } from "./api.ts";
import { openCluster } from "./open-cluster.ts";

describe("a list", () => {
  test("is read page by page, and replaces everything at once", async () => {
    await using world = await start();
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) world.server.put(name);
    const sizes = new Set<number>();
    await using follower = world.follow();
    world.server.onPage = () => void sizes.add(follower.seen.size);
    await world.settled(follower);
    expect(sizes).toEqual(new Set([0]));
    expect(world.lists()).toHaveLength(3);
  });

  test("begins anew when the server forgets it half-way, and shows nothing of the half", async () => {
    await using world = await start();
    for (const name of ["a", "b", "c", "d", "e"]) world.server.put(name);
    let pages = 0;
    world.server.onPage = () => {
      if (++pages === 2) world.server.compact();
    };
    await using follower = world.follow();
    await world.settled(follower);
    expect(world.lists().map((query) => query.has("continue"))).toEqual([false, true, false, true]);
    expect(follower.missed).toEqual(new Set());
  });

  test.each<[string, FakeFault]>([
    ["an answer without a body", { kind: "Empty" }],
    ["a broken connection", { kind: "Reset" }],
    ["too many requests", { kind: "Status", status: 429, retryAfter: 0 }],
    ["a server error", { kind: "Status", status: 500 }],
  ])("is tried again after %s", async (_, fault) => {
    await using world = await start();
    world.server.put("a");
    world.server.faults.push(fault, fault);
    await using follower = world.follow();
    await world.settled(follower);
    expect(follower.troubles).toHaveLength(2);
  });

  test.each([403, 404])(
    "that is answered by %i is refused, and taken up as soon as it is answered",
    async (status) => {
      await using world = await start();
      world.server.put("a");
      world.server.faults.push({ kind: "Status", status }, { kind: "Status", status });
      await using follower = world.follow();
      await waitFor(() => follower.refused);
      await world.settled(follower);
      expect(follower.synced).toBe(true);
    },
  );
});

describe("a watch", () => {
  test("goes on from where it was when it has ended, broken off, or ended in the middle of a line", async () => {
    await using world = await start();
    world.server.put("a");
    await using follower = world.follow();
    await world.settled(follower);
    for (const how of ["Order", "Reset", "HalfLine"] as const) {
      await waitFor(() => world.server.watching > 0);
      world.server.endWatches(how);
      world.server.put(`after-${how}`);
      await world.settled(follower);
    }
    expect(world.lists()).toHaveLength(1);
    expect(follower.missed).toEqual(new Set());
  });

  test("goes on from the last bookmark: what came before may be forgotten", async () => {
    await using world = await start();
    world.server.put("a");
    await using follower = world.follow();
    await waitFor(() => world.watches().length === 1);
    world.server.bookmark();
    world.server.put("b");
    await world.settled(follower);
    world.server.bookmark();
    world.server.compact();
    world.server.put("c");
    await world.settled(follower);
    world.server.endWatches("Order");
    world.server.put("d");
    await world.settled(follower);
    expect(world.lists()).toHaveLength(1);
  });

  test("gives way to a list after an ERROR event", async () => {
    await using world = await start();
    world.server.put("a");
    world.server.put("b");
    await using follower = world.follow();
    await world.settled(follower);
    world.server.faults.push({ kind: "Reset" }, { kind: "ErrorEvent", status: 410 });
    world.server.endWatches("Order");
    world.server.delete("a");
    world.server.compact();
    await world.settled(follower);
    expect(world.lists()).toHaveLength(2);
    expect(follower.missed).toEqual(new Set(["a"]));
  });

  test("keeps what it has while nothing answers", async () => {
    await using world = await start();
    world.server.put("a");
    await using follower = world.follow();
    await world.settled(follower);
    await waitFor(() => world.watches().length === 1);
    world.server.faults.push(...Array.from({ length: 5 }, (): FakeFault => ({ kind: "Reset" })));
    world.server.endWatches("Reset");
    await waitFor(() => follower.troubles.length >= 5);
    expect([follower.synced, follower.seen.size]).toEqual([true, 1]);
    world.server.put("b");
    await world.settled(follower);
  });

  test("asks for bookmarks, and to be ended within five to ten minutes", async () => {
    await using world = await start();
    await using _ = world.follow();
    const [query] = await waitFor(() => (world.watches().length > 0 ? world.watches() : undefined));
    expect(query?.get("allowWatchBookmarks")).toBe("true");
    const seconds = Number(query?.get("timeoutSeconds"));
    expect(seconds >= 300 && seconds <= 600).toBe(true);
  });
});

test("over any history of changes and faults, what is seen becomes what is there, and nobody who stayed was ever missed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await using world = await start();
      const deleted = new Set<string>();
      await using follower = world.follow();
      for (const { what, name, wait } of steps) {
        if (what === "put") world.server.put(name);
        else if (what === "delete") {
          world.server.delete(name);
          deleted.add(name);
        } else if (what === "compact") world.server.compact();
        else if (what === "bookmark") world.server.bookmark();
        else if (typeof what === "string") world.server.endWatches(what);
        else world.server.faults.push(what);
        if (wait) await waitFor(() => follower.seen.size === world.server.objects.size);
      }
      await world.settled(follower);
      expect([...follower.missed].filter((missed) => !deleted.has(missed))).toEqual([]);
    }),
    { numRuns: 100 },
  );
}, 300_000);

const step = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant("put" as const) },
    { weight: 2, arbitrary: fc.constant("delete" as const) },
    { weight: 3, arbitrary: fc.constantFrom("compact", "bookmark", "Order", "HalfLine", "Reset") },
    {
      weight: 2,
      arbitrary: fc.constantFrom<FakeFault>(
        { kind: "Empty" },
        { kind: "Reset" },
        { kind: "HalfLine" },
        { kind: "ErrorEvent", status: 500 },
        { kind: "Status", status: 410 },
        { kind: "Status", status: 403 },
        { kind: "Status", status: 503 },
      ),
    },
  ),
  name: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
  wait: fc.boolean(),
});

interface World extends AsyncDisposable {
  readonly server: FakeApiServer;
  readonly api: ClusterApi;
  follow(): Follower;
  /** Queries of the lists, and of the watches, that were asked for. */
  lists(): URLSearchParams[];
  watches(): URLSearchParams[];
  settled(follower: Follower): Promise<unknown>;
}

async function start(): Promise<World> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await makeFolder());
  const server = stack.use(new FakeApiServer());
  const kubeconfig = join(folder.path, "kubeconfig");
  await writeFile(kubeconfig, await server.listen());
  const api = await openCluster({ kubeconfig, environment: {} });
  stack.defer(() => api.close());
  const queries = (watch: boolean) =>
    server.seen.filter((url) => url.searchParams.has("watch") === watch).map((url) => url.searchParams);
  return {
    server,
    api,
    follow: () => follow(api, server.path),
    lists: () => queries(false),
    watches: () => queries(true),
    settled: (follower) =>
      waitFor(() => sameObjects(follower.seen, server.objects), { what: "it sees what is there", every: 1 }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
