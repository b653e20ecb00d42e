import type { Connector, ConnectorType } from "../../src/connectors/contract.ts";
import { memoryConnector } from "../../src/connectors/memory/memory.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { connectors } from "../../src/connectors/registry.ts";
import { type KindName, kindNames } from "../../src/core/kinds/kinds.ts";
import { manifestParser } from "../../src/core/kinds/parse.ts";
import type { Resource } from "../../src/core/kinds/resource.ts";
import { canonicalJson, sha256 } from "../../src/core/model/hash.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { TargetReport } from "../../src/engine/run.ts";
import type { RunOptions } from "../../src/engine/run-options.ts";
import type { PasswordOrder } from "../../src/engine/set-password.ts";
import type { Stores } from "../../src/engine/stores.ts";
import { KnownManifests } from "../../src/resources/known.ts";
import { resolve } from "../../src/resources/resolve.ts";
import type { Complete, Reading } from "../../src/resources/resources.ts";
import { openState } from "../../src/state/open.ts";
import type { State } from "../../src/state/state.ts";
import { MemoryDesk } from "./memory-desk.ts";

export type Manifest = {
  readonly kind: string;
  readonly name: string;
  readonly spec: Record<string, unknown>;
};

/** What a test puts between the engine and what it works with: faults, and the broken variants that the laws must catch. */
export interface Tampering {
  readonly state?: (state: State) => State;
  readonly connector?: (connector: Connector) => Connector;
  readonly reading?: (reading: Reading) => Reading;
  readonly options?: (options: RunOptions) => RunOptions;
}

const parser = manifestParser(connectors);
const parsed = new WeakMap<Manifest, Resource>();

/** A whole Rollcall in one process: manifests, a memory store, a state and a clock that tests move by hand. */
export class World {
  readonly store: MemoryStore;
  readonly manifests = new Map<string, Manifest>();
  /** Manifests that are there and cannot be read as valid, with why. */
  readonly invalid = new Map<string, string>();
  complete: Complete = { ok: true };
  /** Kinds that cannot be read, with why. */
  readonly unread = new Map<KindName, string>();
  /** What holds all objects; another one after they went with it. */
  origin: string | undefined;
  now = Date.parse("2026-01-01T00:00:00Z");
  readonly known = new KnownManifests();
  /** Where passwords stand, and where they were delivered to. */
  readonly desk = new MemoryDesk();
  readonly #tampering: Tampering;
  #ids = 0;
  #state: State | undefined;
  #engine: Engine | undefined;

  constructor(store = new MemoryStore({ nameMatching: "distinguishedName" }), tampering: Tampering = {}) {
    this.store = store;
    this.#tampering = tampering;
  }

  put(...manifests: Manifest[]): this {
    for (const manifest of manifests) this.manifests.set(`${manifest.kind}/${manifest.name}`, manifest);
    return this;
  }

  remove(...keys: string[]): this {
    for (const key of keys) this.manifests.delete(key);
    return this;
  }

  /** Changes a manifest's spec, top-level members merged. */
  edit(key: string, spec: Record<string, unknown>): this {
    const before = this.manifests.get(key);
    if (!before) throw new Error(`no manifest ${key}`);
    return this.put({ ...before, spec: { ...before.spec, ...spec } });
  }

  async state(): Promise<State> {
    this.#state ??= await openState(":memory:", { realm: "default", mode: "write", initialise: true });
    return this.#state;
  }

  plan(options: Partial<RunOptions> = {}): Promise<readonly TargetReport[]> {
    return this.run({ planOnly: true, ...options });
  }

  apply(options: Partial<RunOptions> = {}): Promise<readonly TargetReport[]> {
    return this.run({ planOnly: false, ...options });
  }

  /** Plans, and applies what that plan showed: as a person does. */
  async applyShown(): Promise<readonly TargetReport[]> {
    return this.apply({ shown: hashesOf(await this.plan()) });
  }

  /** Sets one password, as `rollcall password` does. */
  async setPassword(order: PasswordOrder): Promise<TargetReport> {
    return (await this.#loaded()).setPassword(order);
  }

  async run(options: Partial<RunOptions>): Promise<readonly TargetReport[]> {
    const engine = await this.#loaded();
    // A plan must not use up what the next run has to look at.
    if (options.planOnly) engine.markAll();
    const all: RunOptions = { planOnly: false, shown: undefined, full: false, pass: true, ...options };
    const reports = await engine.run(this.#tampering.options?.(all) ?? all);
    if (options.planOnly) engine.markAll();
    return reports;
  }

  /** As if the process had ended and been started again: memory is gone, the state is not. */
  restart(): void {
    this.#engine = undefined;
  }

  async #loaded(): Promise<Engine> {
    const engine = await this.#started();
    const reading = this.#tampering.reading?.(this.reading()) ?? this.reading();
    const { snapshot, changes } = resolve(reading, this.known, this.now);
    this.known.apply(changes);
    await engine.load(snapshot);
    return engine;
  }

  async #started(): Promise<Engine> {
    const state = await this.state();
    this.#engine ??= new Engine(
      {
        state: this.#tampering.state?.(state) ?? state,
        clock: { now: () => this.now },
        newId: () => `id-${++this.#ids}`,
        progress: () => {},
        stop: new AbortController().signal,
      },
      this.stores(),
    );
    return this.#engine;
  }

  stores(): Stores {
    const type = memoryConnector(this.store) as ConnectorType;
    return {
      connect: (store) =>
        type.connect(store.spec.block.config, {
          secret: () => Promise.reject(new Error("no secrets here")),
          path: (path) => path,
        }),
      target: (connection, _store, target, more = []) => {
        const connector = connection.target({
          block: type.targetSchema.parse(target.spec.block?.config ?? {}),
          attributes: [...new Set([...Object.keys(target.spec.accounts.attributes), ...more])],
        });
        return this.#tampering.connector?.(connector) ?? connector;
      },
      passwords: () => this.desk,
    };
  }

  reading(): Reading {
    const all = [...this.manifests.keys()].filter((key) => !this.invalid.has(key));
    const resources = all
      .map((key) => resourceOf(this.manifests.get(key) as Manifest))
      .filter(({ kind }) => !this.unread.has(kind));
    const { invalid, complete, unread, origin } = this;
    const origins = new Map(origin === undefined ? [] : kindNames.map((kind) => [kind, origin] as const));
    return {
      realm: "default",
      resources,
      answers: [],
      invalid,
      problems: [],
      complete,
      unread,
      origins,
      revision: "test",
    };
  }
}

function resourceOf(manifest: Manifest): Resource {
  const known = parsed.get(manifest);
  if (known) return known;
  const { kind, name, spec } = manifest;
  const document = { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec };
  const { resource, problems } = parser.parse(document, sha256(canonicalJson(manifest)));
  if (!resource) throw new Error(`${kind}/${name} is invalid: ${JSON.stringify(problems)}`);
  parsed.set(manifest, resource);
  return resource;
}

/** The hashes of all items that a plan shows, held ones included. */
export function hashesOf(reports: readonly TargetReport[]): ReadonlySet<string> {
  const items = reports.flatMap(({ guarded }) => [
    ...guarded.items,
    ...guarded.withheld.map(({ item }) => item),
  ]);
  return new Set(items.map((item) => item.hash));
}
