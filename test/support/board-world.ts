import { StatusBoard } from "../../src/cli/cluster/board.ts";
import type { MemoryStore } from "../../src/connectors/memory/store.ts";
import { connectors } from "../../src/connectors/registry.ts";
import type { KindName } from "../../src/core/kinds/kinds.ts";
import { manifestParser } from "../../src/core/kinds/parse.ts";
import type { AnyResource } from "../../src/core/kinds/resource.ts";
import type { AnyStatus } from "../../src/core/kinds/status.ts";
import { Engine } from "../../src/engine/engine.ts";
import { KnownManifests } from "../../src/resources/known.ts";
import type { EventNote } from "../../src/resources/kubernetes/events.ts";
import type { ClusterObject } from "../../src/resources/kubernetes/objects.ts";
import type { StatusWrite } from "../../src/resources/kubernetes/publisher.ts";
import { resolve } from "../../src/resources/resolve.ts";
import { type Manifest, World } from "./world.ts";

const parser = manifestParser(connectors);

/** A namespace as its watches show it, an engine on a memory store, and the board between them: without an API server. */
export class BoardWorld {
  readonly objects = new Map<string, ClusterObject>();
  /** Statuses that were handed on, in order. */
  readonly writes: StatusWrite[] = [];
  readonly events: EventNote[] = [];
  readonly failures: string[] = [];
  /** Whether what is handed on is seen at once, as if the API server and its watches took no time. */
  arrives = true;
  leads = true;
  now = Date.parse("2026-01-01T00:00:00Z");
  /** Makes the state fail to answer, with this. */
  stateFails: string | undefined;
  /** Kinds that cannot be read, with why. */
  readonly unread = new Map<KindName, string>();
  /** What happens, once, while the state is asked for the next status. */
  meanwhile: (() => Promise<void>) | undefined;
  readonly #world = new World();
  readonly #known = new KnownManifests();
  readonly #resources = new Map<string, AnyResource>();
  readonly #invalid = new Map<string, string>();
  #versions = 0;
  #running: Promise<{ readonly engine: Engine; readonly board: StatusBoard }> | undefined;

  get store(): MemoryStore {
    return this.#world.store;
  }

  put(...manifests: readonly Manifest[]): this {
    for (const { kind, name, spec } of manifests) {
      const key = `${kind}/${name}`;
      const before = this.objects.get(key);
      const generation = (before?.metadata.generation ?? 0) + 1;
      const uid = before?.metadata.uid ?? `uid-${++this.#versions}`;
      const apiVersion = "rollcall.dev/v1alpha1";
      const metadata = { name, namespace: "acme", uid, generation, creationTimestamp: "" };
      const status = before?.status;
      this.objects.set(key, {
        ...{ apiVersion, kind, metadata: { ...metadata, resourceVersion: `${++this.#versions}` } },
        ...(status === undefined ? {} : { status }),
      });
      const { resource, problems } = parser.parse(
        { apiVersion, kind, metadata: { name }, spec },
        `${uid}/${generation}`,
      );
      this.#resources.delete(key);
      this.#invalid.delete(key);
      if (resource) this.#resources.set(key, resource as AnyResource);
      else this.#invalid.set(key, problems[0]?.message ?? "");
    }
    return this;
  }

  remove(key: string): void {
    this.objects.delete(key);
    this.#resources.delete(key);
  }

  /** What was read is older than this. */
  alter(key: string, metadata: Partial<ClusterObject["metadata"]>): void {
    const object = this.objects.get(key)!;
    this.objects.set(key, { ...object, metadata: { ...object.metadata, ...metadata } });
  }

  /** As somebody else writes it, or as ours arrives. */
  writeStatus(key: string, status: object): void {
    const { metadata, ...object } = this.objects.get(key)!;
    const resourceVersion = `${++this.#versions}`;
    this.objects.set(key, { ...object, metadata: { ...metadata, resourceVersion }, status });
  }

  status<S extends AnyStatus>(key: string): S | undefined {
    return this.objects.get(key)?.status as S | undefined;
  }

  /** `True Converged` */
  ready(key: string): string | undefined {
    const condition = this.status(key)?.conditions?.find(({ type }) => type === "Ready");
    return condition && `${condition.status} ${condition.reason}`;
  }

  /** Takes what was handed on since the last time, by `Kind/name`. */
  takeWrites(): string[] {
    return this.writes.splice(0).map(({ object }) => `${object.kind}/${object.name}`);
  }

  /** Reads, runs and tells the board, as the controller does; resolves when the board has nothing left to do. */
  async run(options: { readonly pass?: boolean } = {}): Promise<void> {
    await this.read();
    await this.work(options);
    await this.idle();
  }

  /** Reads, and tells the board. */
  async read(): Promise<void> {
    const { engine, board } = await this.#started();
    const { unread } = this;
    const isRead = (key: string) => !unread.has(key.split("/", 1)[0] as KindName);
    const [resources, invalid] = [[...this.#resources], [...this.#invalid]] as const;
    const reading = {
      ...this.#world.reading(),
      resources: resources.flatMap(([key, resource]) => (isRead(key) ? resource : [])),
      invalid: new Map(invalid.filter(([key]) => isRead(key))),
      unread,
    };
    const { snapshot, changes } = resolve(reading, this.#known, this.now);
    this.#known.apply(changes);
    await engine.load(snapshot);
    board.tell({ kind: "Loaded", loaded: { snapshot, complete: reading.complete } });
  }

  /** Runs what was read last, all targets or one, and tells the board. */
  async work(options: { readonly pass?: boolean } = {}, only?: string): Promise<void> {
    const { engine, board } = await this.#started();
    const all = { planOnly: false, shown: undefined, full: false, pass: true, ...options };
    const reports = await engine.run(all, only === undefined ? undefined : new Set([only]));
    board.tell({ kind: "Ran", reports, milliseconds: 1 });
  }

  /** Resolves when the board has nothing left to do. */
  async idle(): Promise<void> {
    await (await this.board()).idle();
  }

  async board(): Promise<StatusBoard> {
    return (await this.#started()).board;
  }

  /** As if the process had ended and been started again: memory is gone, the state and the objects are not. */
  restart(): void {
    this.#running = undefined;
  }

  #started() {
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start() {
    const state = await this.#world.state();
    const engine = new Engine(
      {
        state,
        clock: { now: () => this.now },
        newId: () => `id-${++this.#versions}`,
        progress: () => {},
        stop: new AbortController().signal,
      },
      this.#world.stores(),
    );
    const board = new StatusBoard({
      engine,
      state: {
        fingerprints: async () => {
          const { meanwhile } = this;
          this.meanwhile = undefined;
          await meanwhile?.();
          return state.fingerprints();
        },
        holdings: (...of) =>
          this.stateFails === undefined ? state.holdings(...of) : Promise.reject(new Error(this.stateFails)),
      },
      resources: {
        object: (kind, name) => this.objects.get(`${kind}/${name}`),
        approvals: () => [...this.objects.values()].filter(({ kind }) => kind === "Approval"),
      },
      publisher: {
        status: (write) => {
          this.writes.push(write);
          if (this.arrives) this.writeStatus(`${write.object.kind}/${write.object.name}`, write.status);
        },
        event: (event) => void this.events.push(event),
      },
      leads: () => this.leads,
      quarantined: () => new Map(),
      now: () => this.now,
      failed: (error) => void this.failures.push((error as Error).message),
    });
    return { engine, board };
  }
}
