import {
  type ApiKindName,
  apiVersion,
  type ConnectorBlocks,
  isManifestKind,
  plurals,
} from "../../core/kinds/kinds.ts";
import { type ManifestParser, manifestParser } from "../../core/kinds/parse.ts";
import type { ClusterApi } from "./api.ts";
import type { ClusterResources, ClusterSource } from "./cluster-resources.ts";
import { apiKinds, NamespaceObjects } from "./namespace-objects.ts";
import { NamespaceResources } from "./namespace-resources.ts";
import { parseObject } from "./objects.ts";
import { Origins } from "./origins.ts";
import { Reflector, type Sink } from "./reflector.ts";
import { delayAfter } from "./retry.ts";
import { Secrets } from "./secrets.ts";

export interface ClusterSourceOptions {
  readonly api: ClusterApi;
  readonly connectors: readonly ConnectorBlocks[];
  /** Absent: all namespaces, by one watch a kind. */
  readonly namespaces?: readonly string[];
  /**
   * A label selector (`tenant=a,env!=test`): objects without these labels are none of ours. One that loses them is gone, as if it was
   * deleted. Approvals and tasks are read whatever their labels.
   */
  readonly selector?: string;
  /** Ends all watches. */
  readonly signal: AbortSignal;
  /** Called with what goes wrong, and how often it did in a row; it is tried again anyway. */
  readonly onTrouble?: (error: unknown, failures: number) => void;
  /** Milliseconds to wait after so many failures in a row; as `delayAfter` says where nothing is given. */
  readonly delay?: (failures: number, error: unknown) => number;
}

/** Watches a cluster's objects from now on. */
export function watchCluster(options: ClusterSourceOptions): ClusterSource {
  const source = new WatchedCluster(options);
  source.start();
  return source;
}

interface Namespace {
  readonly objects: NamespaceObjects;
  readonly resources: NamespaceResources;
}

type Reflectors = Map<ApiKindName, Reflector>;

class WatchedCluster implements ClusterSource {
  readonly #options: ClusterSourceOptions;
  readonly #origins: Origins;
  readonly #parser: ManifestParser;
  readonly #namespaces = new Map<string, Namespace>();
  /** By namespace; by the empty text those of all namespaces. */
  readonly #reflectors = new Map<string, Reflectors>();
  readonly #found = new Set<(namespace: string) => void>();

  constructor(options: ClusterSourceOptions) {
    this.#options = options;
    this.#origins = new Origins(options.api, options.selector);
    this.#parser = manifestParser(options.connectors);
  }

  start(): void {
    const { namespaces } = this.#options;
    if (namespaces === undefined) this.#reflect(undefined);
    for (const namespace of namespaces ?? []) {
      this.#reflect(namespace);
      this.#add(namespace);
    }
  }

  namespaces(): readonly string[] {
    return [...this.#namespaces.keys()];
  }

  onNamespace(found: (namespace: string) => void, signal: AbortSignal): void {
    this.#found.add(found);
    signal.addEventListener("abort", () => this.#found.delete(found), { once: true });
  }

  resources(namespace: string): ClusterResources {
    const { namespaces } = this.#options;
    if (namespaces && !namespaces.includes(namespace)) {
      throw new Error(`cannot read namespace ${namespace}: it is not watched, add --namespace ${namespace}`);
    }
    return (this.#namespaces.get(namespace) ?? this.#add(namespace)).resources;
  }

  synced(): boolean {
    const all = [...this.#reflectors.values()].flatMap((reflectors) => [...reflectors.values()]);
    return all.every(({ state }) => state.status !== "Syncing");
  }

  refused(): string | undefined {
    for (const reflectors of this.#reflectors.values()) {
      const refusals = [...reflectors.values()].flatMap(({ state }) =>
        state.status === "Refused" ? state : [],
      );
      const missing = refusals.find(({ isServed }) => !isServed);
      // That one of them may not be read may be meant so; what is not served is still to be installed.
      const first = missing ?? (refusals.length === reflectors.size ? refusals[0] : undefined);
      if (first) return first.reason;
    }
    return undefined;
  }

  /** Starts to watch every kind, in one namespace or in all. */
  #reflect(scope: string | undefined): void {
    const { api, selector, signal, onTrouble, delay = delayAfter } = this.#options;
    const within = scope === undefined ? "" : `/namespaces/${scope}`;
    const reflectors: Reflectors = new Map();
    this.#reflectors.set(scope ?? "", reflectors);
    for (const kind of apiKinds) {
      const reflector = new Reflector({
        api,
        path: `/apis/${apiVersion}${within}/${plurals[kind]}`,
        query: isManifestKind(kind) ? { labelSelector: selector } : {},
        sink: this.#sink(kind, scope),
        onState: () => this.#changed(reflector, reflectors, scope),
        delay,
        ...(onTrouble && { onTrouble }),
      });
      reflectors.set(kind, reflector);
    }
    for (const reflector of reflectors.values()) void reflector.run(signal);
  }

  /** Kinds are installed together, and allowed together: when one is served others may be. */
  #changed(reflector: Reflector, reflectors: Reflectors, scope: string | undefined): void {
    if (reflector.state.status === "Synced") for (const other of reflectors.values()) other.hurry();
    for (const { resources } of this.#within(scope).values()) resources.changed();
  }

  #sink(kind: ApiKindName, scope: string | undefined): Sink {
    let bind = () => {};
    return {
      prepare: async (signal) => {
        if (isManifestKind(kind)) bind = await this.#origins.look(kind, scope, signal);
      },
      replace: (items) => {
        const byNamespace = Map.groupBy(items.map(parseObject), ({ metadata }) => metadata.namespace);
        bind();
        for (const namespace of byNamespace.keys()) this.#objects(namespace);
        for (const [namespace, { objects }] of this.#within(scope)) {
          objects.replace(kind, byNamespace.get(namespace) ?? []);
        }
      },
      put: (item) => {
        const object = parseObject(item);
        this.#objects(object.metadata.namespace).put(kind, object);
      },
      remove: (item) => {
        const object = parseObject(item);
        this.#objects(object.metadata.namespace).remove(kind, object);
      },
    };
  }

  #within(scope: string | undefined): ReadonlyMap<string, Namespace> {
    const named = scope === undefined ? undefined : this.#namespaces.get(scope);
    return scope === undefined ? this.#namespaces : new Map(named && [[scope, named]]);
  }

  /** A namespace that was not seen before appears. */
  #objects(name: string): NamespaceObjects {
    const known = this.#namespaces.get(name);
    if (known) return known.objects;
    const { objects } = this.#add(name);
    for (const found of this.#found) found(name);
    return objects;
  }

  #add(name: string): Namespace {
    const { api, namespaces, signal, delay = delayAfter } = this.#options;
    const reflectors = this.#reflectors.get(namespaces ? name : "")!;
    const changed = () => resources.changed();
    const objects = new NamespaceObjects(this.#parser, changed);
    const secrets = new Secrets({ api, namespace: name, signal, onChange: changed });
    const place = `namespace ${name} of ${api.place}`;
    const origins = this.#origins;
    const resources = new NamespaceResources({
      place,
      namespace: name,
      objects,
      reflectors,
      origins,
      secrets,
      delay,
    });
    const added = { objects, resources };
    this.#namespaces.set(name, added);
    return added;
  }
}
