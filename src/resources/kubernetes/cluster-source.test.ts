import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeFolder } from "../../../test/support/folder.ts";
import { FakeApiServer, type FakeFault } from "../../../test/support/kubernetes/fake-api-server.ts";
import { waitFor } from "../../../test/support/wait.ts";
import type { Standing } from "../../core/kinds/resource.ts";
import { KnownManifests } from "../known.ts";
import { resolve } from "../resolve.ts";
import { watchCluster } from "./cluster-source.ts";
import { openCluster } from "./open-cluster.ts";

/**
 * What happens to a namespace over time, `name` being whom it happens to. "Terminate" is what deleting a namespace, or the definition of a
 * kind, does: it takes no newcomers, its objects go one after the other, and then it goes itself. It may be made anew.
 */
const step = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant("put" as const) },
    { weight: 3, arbitrary: fc.constant("delete" as const) },
    { weight: 2, arbitrary: fc.constantFrom("terminate", "go", "make", "anew") },
    { weight: 2, arbitrary: fc.constantFrom("compact", "Order", "HalfLine", "Reset") },
    {
      weight: 1,
      arbitrary: fc.constantFrom<FakeFault>(
        { kind: "Reset" },
        { kind: "Status", status: 410 },
        { kind: "Status", status: 403 },
        { kind: "Status", status: 500 },
      ),
    },
  ),
  holder: fc.constantFrom("namespace", "definition"),
  name: fc.constantFrom("a", "b", "c", "d", "e"),
  seen: fc.boolean(),
});

test("over any history, nobody is thought to have left who was not deleted alone, and who was is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await using world = await start();
      for (const { what, holder, name, seen } of steps) {
        if (what === "put") world.put(name);
        else if (what === "delete") world.delete(name);
        else if (what === "terminate") world.terminate(holder);
        else if (what === "go") world.go();
        else if (what === "make") world.make();
        else if (what === "anew") world.makeAnew(holder);
        else if (what === "compact") world.server.compact();
        else if (typeof what === "string") world.server.endWatches(what);
        else world.server.faults.push(what);
        if (seen) await world.caughtUp();
      }
      await world.caughtUp();
      if (!world.everTerminated && world.server.objects.size > 0) await waitFor(() => world.isExact());
      expect(world.wronged).toEqual(new Set());
      const left = [...world.standings()].filter(([, { status }]) => status === "Vanished");
      expect(left.filter(([name]) => world.taken.has(name))).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 600_000);

describe("a namespace that was deleted and made anew faster than that was seen takes nobody along", () => {
  test("while deletions are still on their way", async () => {
    await using world = await start();
    for (const name of ["a", "b"]) world.put(name);
    await world.caughtUp();
    world.server.delayEvents();
    world.makeAnew("namespace");
    world.put("c");
    world.server.deliver(1);
    await waitFor(() => world.standings().get("c")?.status === "Current");
    world.server.deliver(3);
    await world.readNow();
    expect([...world.standings()].filter(([, { status }]) => status === "Vanished")).toEqual([]);
  });

  test("while everything is listed anew", async () => {
    await using world = await start();
    for (const name of ["a", "b"]) world.put(name);
    await world.caughtUp();
    world.server.onPage = () => world.readNow();
    world.server.endWatches("Reset");
    world.makeAnew("namespace");
    world.put("c");
    world.server.compact();
    await waitFor(() => world.standings().get("c")?.status === "Current");
    await world.readNow();
    expect([...world.standings()].filter(([, { status }]) => status === "Vanished")).toEqual([]);
  });
});

test("who is missing is not taken for gone while the watch stays cut: they may be back by now", async () => {
  await using world = await start();
  for (const name of ["a", "b"]) world.put(name);
  await world.caughtUp();
  world.delete("a");
  await world.caughtUp();
  const becomes = (status: Standing["status"]) =>
    waitFor(
      async () => {
        await world.readNow();
        return world.standings().get("a")?.status === status;
      },
      { what: `a is ${status}` },
    );
  await becomes("Vanished");
  world.server.faults.push(
    ...Array.from({ length: 100_000 }, () => ({ kind: "Status", status: 500 }) as const),
  );
  world.server.endWatches("Reset");
  await becomes("Held");
  world.server.faults.length = 0;
  await becomes("Vanished");
});

const paths = {
  namespace: "/api/v1/namespaces/acme",
  definition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/identities.rollcall.dev",
} as const;

type Holder = keyof typeof paths;

/** A namespace, its definition, who watches them, and what that makes of each reading. */
class World implements AsyncDisposable {
  readonly server = new FakeApiServer();
  /** Whom the namespace or the definition took along, and who has not come back. */
  readonly taken = new Set<string>();
  everTerminated = false;
  readonly #everDeleted = new Set<string>();
  readonly #stack = new AsyncDisposableStack();
  readonly #known = new KnownManifests();
  #standings = new Map<string, Standing>();
  /** Who was thought to have left though nobody ever deleted them alone. */
  readonly wronged = new Set<string>();
  #dying: Holder | undefined;
  #made = 0;
  readNow: () => Promise<void> = async () => {};

  async start(): Promise<void> {
    const { signal, ...stop } = stopping();
    const folder = this.#stack.use(await makeFolder());
    this.#stack.use(this.server);
    const kubeconfig = join(folder.path, "kubeconfig");
    await writeFile(kubeconfig, await this.server.listen());
    this.make();
    const api = await openCluster({ kubeconfig, environment: {} });
    this.#stack.defer(() => api.close());
    this.#stack.defer(() => stop.abort());
    const source = watchCluster({ api, connectors: [], namespaces: ["acme"], signal, delay: () => 5 });
    const resources = source.resources("acme");
    let turn = Promise.resolve();
    this.readNow = () => {
      turn = turn.then(async () => this.#take(await resources.read(signal))).catch(() => {});
      return turn;
    };
    await resources.watch(this.readNow, signal);
    void this.readNow();
  }

  put(name: string): void {
    if (this.#dying) return;
    this.server.put(name);
    this.taken.delete(name);
  }

  delete(name: string): void {
    if (!this.server.objects.has(name)) return;
    if (this.#dying) this.taken.add(name);
    else this.#everDeleted.add(name);
    this.server.delete(name);
  }

  terminate(holder: Holder): void {
    if (this.#dying) return;
    this.everTerminated = true;
    this.#dying = holder;
    this.#hold(holder, { deletionTimestamp: "2026-01-01T00:00:00Z" });
  }

  go(): void {
    if (!this.#dying) return;
    for (const name of this.server.objects.keys()) this.delete(name);
    this.server.others.delete(paths[this.#dying]);
    if (this.#dying === "definition") {
      this.server.served = false;
      this.server.endWatches("Order");
    }
  }

  make(): void {
    const gone = (["namespace", "definition"] as const).filter((one) => !this.server.others.has(paths[one]));
    for (const holder of gone) {
      this.#made += 1;
      this.#hold(holder, {});
      this.#dying = undefined;
    }
    this.server.served = true;
  }

  /** Faster than anybody sees. */
  makeAnew(holder: Holder): void {
    this.terminate(holder);
    this.go();
    this.make();
  }

  standings(): ReadonlyMap<string, Standing> {
    return this.#standings;
  }

  /** Who was deleted has left, and everybody else is there. */
  isExact(): boolean {
    const { objects } = this.server;
    return [...this.#standings].every(
      ([name, { status }]) => status === (objects.has(name) ? "Current" : "Vanished"),
    );
  }

  /** The last reading is of what is there now: each newcomer is seen, and nobody who is gone is taken for being there. */
  async caughtUp(): Promise<void> {
    const isCurrent = (name: string) => this.#standings.get(name)?.status === "Current";
    const { objects } = this.server;
    await waitFor(
      () =>
        [...objects.keys()].every(isCurrent) &&
        [...this.#standings.keys()].every((name) => objects.has(name) || !isCurrent(name)),
      { every: 1 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #hold(holder: Holder, more: object): void {
    const uid = `${holder}-${this.#made}`;
    const metadata = { name: paths[holder].split("/").at(-1), uid, resourceVersion: "1", ...more };
    this.server.others.set(paths[holder], {
      metadata: { creationTimestamp: "2026-01-01T00:00:00Z", ...metadata },
    });
  }

  #take(reading: Parameters<typeof resolve>[0]): void {
    const { snapshot, changes } = resolve(reading, this.#known, this.#made);
    this.#known.apply(changes);
    this.#standings = new Map([...snapshot.objects.Identity].map(([name, { standing }]) => [name, standing]));
    for (const [name, { status }] of this.#standings) {
      if (status === "Vanished" && !this.#everDeleted.has(name)) this.wronged.add(name);
    }
  }
}

function stopping() {
  const stop = new AbortController();
  return { signal: stop.signal, abort: () => stop.abort() };
}

async function start(): Promise<World> {
  const world = new World();
  await world.start();
  return world;
}
