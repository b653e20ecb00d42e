import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNamespaceState } from "../../src/cli/cluster/state-identity.ts";
import { openState } from "../../src/state/open.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { collect } from "../support/state/samples.ts";
import { waitFor } from "../support/wait.ts";

const program = fileURLToPath(new URL("fixtures/replica.ts", import.meta.url));

let cluster: Cluster;
let database: Postgres;
beforeAll(async () => {
  [cluster, database] = await Promise.all([startCluster(), startPostgres()]);
});
afterAll(() => Promise.all([cluster.stop(), database.stop()]));

describe.concurrent("replicas that take turns", { timeout: 300_000 }, () => {
  test("a killed leader is followed, and what it was doing is looked up", async () => {
    await using release = await Release.make("killed");
    const alice = release.start("alice");
    await alice.says("Finished alice-1-1");
    const bob = release.start("bob");
    await bob.says("Following");
    const inHand = (await release.stopInMidBatch(alice, "alice")).at(-1);
    await alice.kill();
    await bob.says("Opened 2");
    await bob.says(`Recovered ${inHand}`);
    await bob.says("Finished bob-2-1");
    expect(await release.lease()).toMatchObject({ holderIdentity: "bob", leaseTransitions: 1 });
    expect(bob.count("Recovered")).toBe(1);
  });

  test("a leader that is ended finishes its batch and hands over at once", async () => {
    await using release = await Release.make("ended");
    const alice = release.start("alice");
    await alice.says("Finished alice-1-1");
    const bob = release.start("bob");
    await bob.says("Following");
    await alice.says("Begun alice-1-4");
    expect(await alice.end()).toBe(0);
    // It need not run out.
    expect((await release.lease()).holderIdentity).not.toBe("alice");
    await bob.says("Opened 2");
    const { leaseTransitions } = await release.lease();
    expect(alice.count("Begun")).toBe(alice.count("Finished"));
    expect(bob.count("Recovered")).toBe(0);
    expect(leaseTransitions).toBe(1);
  });

  test("a leader that is stopped in the middle of a batch can, when it goes on, at most finish sending that one", async () => {
    await using release = await Release.make("stopped");
    const alice = release.start("alice");
    await alice.says("Finished alice-1-1");
    const bob = release.start("bob");
    await bob.says("Following");
    const before = await release.stopInMidBatch(alice, "alice");
    const inHand = before.at(-1)!;
    await bob.says("Opened 2");
    await bob.says(`Recovered ${inHand}`);
    await bob.says("Finished bob-2-2");
    alice.signal("SIGCONT");
    await alice.says("Ended Locked");
    await alice.says("Following");
    const done = bob.count("Finished");
    await waitFor(() => bob.count("Finished") > done + 2);
    const after = await release.sentBy("alice");
    expect(after).toEqual([...before, ...Array(10 - (before.length % 10)).fill(inHand)]);
    expect(alice.count("Finished")).toBe(Math.floor(before.length / 10));
    expect(await release.journal()).not.toContain(inHand);

    await bob.kill();
    // On a busy machine bob may have renewed the Lease too late, and have opened the state once more.
    const epoch = await waitFor(() => alice.epochs[1], { what: "alice opens the state again" });
    expect(epoch).toBeGreaterThan(2);
    await alice.says(`Finished alice-${epoch}-1`);
  });
});

test("who has a state open is cut off by the installation that it is on record in, by no other", async () => {
  const place = await database.createDatabase();
  const writer = await openState(place, { realm: "acme", mode: "write", initialise: true });
  const recorded = new Map<string, string>();
  const ids = {
    place: "the record",
    read: async (namespace: string) => recorded.get(namespace),
    record: async (namespace: string, id: string) => void recorded.set(namespace, id),
  };
  const given = { namespace: "acme", place, ids };
  await expect(openNamespaceState(given)).rejects.toMatchObject({ kind: "Locked" });
  await writer.setNotes("people", { still: "writes" });
  recorded.set("acme", writer.id);
  const next = await openNamespaceState(given);
  await expect(writer.setNotes("people", { still: "writes" })).rejects.toMatchObject({ kind: "Locked" });
  await Promise.all([writer.close(), next.close()]);
});

test("while the API server is away leadership is given up, and had again when it is back; no process ends", {
  timeout: 300_000,
}, async () => {
  await using release = await Release.make("away");
  const replicas = [release.start("alice"), release.start("bob")];
  await waitFor(() => replicas.some((replica) => replica.count("Finished") > 0));
  await waitFor(() => replicas.some((replica) => replica.count("Following") > 0));
  const { renewTime } = await release.lease();
  await cluster.kill();
  try {
    await waitFor(() => replicas.some((replica) => replica.count("Lost") > 0));
    const begun = replicas.map((replica) => replica.count("Begun"));
    await waitFor(() => Date.now() > Date.parse(renewTime) + 30_000, { every: 500 });
    expect(replicas.map((replica) => replica.count("Begun"))).toEqual(begun);
  } finally {
    await cluster.restart();
  }
  await waitFor(() => replicas.some((replica) => replica.has("Opened 2")));
  expect(replicas.map((replica) => replica.lives)).toEqual([true, true]);
});

/** What replicas of one controller share: a namespace with its Lease, a database, a store. */
class Release implements AsyncDisposable {
  readonly #namespace: string;
  readonly #place: string;
  readonly #store: string;
  readonly #replicas: Replica[] = [];

  private constructor(namespace: string, place: string, store: string) {
    this.#namespace = namespace;
    this.#place = place;
    this.#store = store;
  }

  static async make(name: string): Promise<Release> {
    const store = join(cluster.folder, `${name}.store`);
    await writeFile(store, "");
    return new Release(await cluster.namespace(name), await database.createDatabase(), store);
  }

  start(holder: string): Replica {
    const replica = new Replica([cluster.kubeconfig, this.#namespace, holder, this.#place, this.#store]);
    this.#replicas.push(replica);
    return replica;
  }

  async lease(): Promise<{
    holderIdentity?: string;
    leaseTransitions: number;
    renewTime: string;
  }> {
    const { stdout } = await cluster.kubectl([
      "get",
      "lease",
      "rollcall",
      "-n",
      this.#namespace,
      "-o",
      "json",
    ]);
    return JSON.parse(stdout).spec;
  }

  /** The batch of each change that reached the store. */
  async sentBy(holder: string): Promise<string[]> {
    const lines = (await readFile(this.#store, "utf8")).trimEnd().split("\n");
    return lines.filter((line) => line.startsWith(`${holder}-`));
  }

  /** Stops it (SIGSTOP) where some changes of a batch are sent and others are not. Gives what was sent until then. */
  stopInMidBatch(replica: Replica, holder: string): Promise<string[]> {
    return waitFor(async () => {
      await replica.pause();
      const sent = await this.sentBy(holder);
      if (sent.length % 10 > 1) return sent;
      replica.signal("SIGCONT");
      return undefined;
    });
  }

  /** The batches whose outcome is kept. */
  async journal(): Promise<string[]> {
    const state = await openState(this.#place, { realm: this.#namespace, mode: "read" });
    const entries = await collect(state.journal({}));
    await state.close();
    return entries.map(({ identity }) => identity);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.kill()));
  }
}

class Replica {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...words], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#lines.push(line));
  }

  get lives(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it has said something that begins so. */
  says(start: string): Promise<boolean> {
    return waitFor(() => this.has(start), {
      what: `a replica says ${start} after ${this.#lines.slice(-9)}`,
    });
  }

  has(start: string): boolean {
    return this.count(start) > 0;
  }

  count(start: string): number {
    return this.#lines.filter((line) => line.startsWith(start)).length;
  }

  /** Of the state, each time that it has opened it. */
  get epochs(): number[] {
    return this.#lines.flatMap((line) => /^Opened (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves when it stands still: proc(5) says `T` of it then. */
  async pause(): Promise<void> {
    this.signal("SIGSTOP");
    const state = async () => (await readFile(`/proc/${this.#child.pid}/stat`, "utf8")).split(") ")[1];
    await waitFor(async () => (await state())?.startsWith("T"));
  }

  /** In good order; its exit code, when all that it said was read. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const ended = once(this.#child, "close");
    this.signal(signal);
    const [code] = await ended;
    return code;
  }

  async kill(): Promise<void> {
    if (this.lives) await this.end("SIGKILL");
  }
}
