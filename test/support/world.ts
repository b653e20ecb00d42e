import type { ConnectorType } from "../../src/connectors/contract.ts";
import { memoryConnector } from "../../src/connectors/memory/memory.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { manifestParser } from "../../src/core/kinds/parse.ts";
import type { Resource } from "../../src/core/kinds/resource.ts";
import { canonicalJson, sha256 } from "../../src/core/model/hash.ts";
import { Engine, type Stores } from "../../src/engine/engine.ts";
import type { RunOptions, TargetReport } from "../../src/engine/run.ts";
import { KnownManifests } from "../../src/resources/known.ts";
import { resolve } from "../../src/resources/resolve.ts";
import type { Complete, Reading } from "../../src/resources/resources.ts";
import { openState } from "../../src/state/open.ts";
import type { State } from "../../src/state/state.ts";

export type Manifest = { readonly kind: string; readonly name: string; readonly spec: Record<string, unknown> };

/** A whole Rollcall in one process: manifests, a memory store, a state and a clock that tests move by hand. */
export class World {
  readonly store: MemoryStore;
  readonly manifests = new Map<string, Manifest>();
  /** Manifests that are there and cannot be read as valid, with why. */
  readonly invalid = new Map<string, string>();
  complete: Complete = { ok: true };
  now = Date.parse("2026-01-01T00:00:00Z");
  stop = new AbortController();
  #ids = 0;
  #state: State | undefined;
  #engine: Engine | undefined;
  readonly known = new KnownManifests();
  readonly #parser;
  readonly #type: ConnectorType;

  constructor(store = new MemoryStore({ nameMatching: "distinguishedName" })) {
    this.store = store;
    this.#type = memoryConnector(store) as ConnectorType;
    this.#parser = manifestParser([this.#type]);
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

  async plan(options: Partial<RunOptions> = {}): Promise<readonly TargetReport[]> {
    return this.run({ planOnly: true, ...options });
  }

  async apply(options: Partial<RunOptions> = {}): Promise<readonly TargetReport[]> {
    return this.run({ planOnly: false, ...options });
  }

  /** Plans, and applies what that plan showed: as a person does. */
  async applyShown(): Promise<readonly TargetReport[]> {
    const shown = new Set((await this.plan()).flatMap((report) => hashesOf(report)));
    return this.apply({ shown });
  }

  async run(options: Partial<RunOptions>): Promise<readonly TargetReport[]> {
    const state = await this.state();
    this.#engine ??= new Engine(
      {
        state,
        clock: { now: () => this.now },
        newId: () => `id-${++this.#ids}`,
        progress: () => {},
        stop: this.stop.signal,
      },
      this.stores(),
    );
    const { snapshot, changes } = resolve(this.reading(), this.known, this.now);
    this.known.apply(changes);
    this.#engine.load(snapshot);
    if (options.planOnly) this.#engine.markAll();
    const reports = await this.#engine.run({ planOnly: false, shown: undefined, full: false, pass: true, ...options });
    if (options.planOnly) this.#engine.markAll();
    return reports;
  }

  /** As if the process had ended and been started again: memory is gone, the state is not. */
  restart(): void {
    this.#engine = undefined;
    this.stop = new AbortController();
  }

  stores(): Stores {
    return {
      connect: (store) =>
        this.#type.connect(store.spec.block.config, {
          secret: () => Promise.reject(new Error("no secrets here")),
          path: (path) => path,
        }),
      target: (connection, _store, target) =>
        connection.target({
          block: this.#type.targetSchema.parse(target.spec.block?.config ?? {}),
          attributes: Object.keys(target.spec.accounts.attributes),
        }),
    };
  }

  reading(): Reading {
    const resources: Resource[] = [];
    for (const manifest of this.manifests.values()) {
      const key = `${manifest.kind}/${manifest.name}`;
      if (this.invalid.has(key)) continue;
      const document = { apiVersion: "rollcall.dev/v1alpha1", kind: manifest.kind, metadata: { name: manifest.name }, spec: manifest.spec };
      const { resource, problems } = this.#parser.parse(document, sha256(canonicalJson(manifest)));
      if (!resource) throw new Error(`${key} is invalid: ${problems.map((problem) => `${problem.field} ${problem.message}`).join("; ")}`);
      resources.push(resource);
    }
    return {
      realm: "default",
      resources,
      invalid: this.invalid,
      problems: [],
      complete: this.complete,
      revision: "test",
    };
  }
}

function hashesOf(report: TargetReport): readonly string[] {
  return [...report.guarded.items, ...report.guarded.withheld.map(({ item }) => item)].map((item) => item.hash);
}
