import { randomUUID } from "node:crypto";
import type { ClusterApi } from "../../../src/resources/kubernetes/api.ts";
import { Reflector } from "../../../src/resources/kubernetes/reflector.ts";

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}

/** Keeps, by a `Reflector`, what it is told of the ConfigMaps of a namespace. */
export interface Follower extends AsyncDisposable {
  /** Names and resourceVersions. */
  readonly seen: ReadonlyMap<string, string>;
  /** Names that were taken for gone at one time or another. */
  readonly missed: ReadonlySet<string>;
  /** What went wrong, so far. */
  readonly troubles: readonly unknown[];
  /** For how many failures in a row it has waited, so far. */
  readonly waits: readonly number[];
  readonly synced: boolean;
  readonly refused: boolean;
}

/** It waits next to nothing after failures: `waits` tells when it would. */
export function follow(api: ClusterApi, namespace: string): Follower {
  let seen = new Map<string, string>();
  const missed = new Set<string>();
  const troubles: unknown[] = [];
  const waits: number[] = [];
  const reflector = new Reflector({
    api,
    path: configMapsOf(namespace),
    sink: {
      replace(objects) {
        const before = seen;
        seen = new Map((objects as ConfigMap[]).map(entry));
        for (const name of before.keys()) if (!seen.has(name)) missed.add(name);
      },
      put: (object) => void seen.set(...entry(object as ConfigMap)),
      remove(object) {
        const { name } = (object as ConfigMap).metadata;
        seen.delete(name);
        missed.add(name);
      },
    },
    onState: () => {},
    onTrouble: (error) => troubles.push(error),
    delay(failures) {
      waits.push(failures);
      return 20;
    },
  });
  const stop = new AbortController();
  const done = reflector.run(stop.signal);
  return {
    get seen() {
      return seen;
    },
    missed,
    troubles,
    waits,
    get synced() {
      return reflector.state.status === "Synced";
    },
    get refused() {
      return reflector.state.status === "Refused";
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

/** What the API server itself has. */
export async function truth(api: ClusterApi, namespace: string): Promise<Map<string, string>> {
  const list = await api.request({ method: "GET", path: configMapsOf(namespace) });
  return new Map((list as { items: ConfigMap[] }).items.map(entry));
}

/** Makes, changes and removes ConfigMaps, so that each of these happened to some; the one named `steady` is changed only. */
export async function churn(api: ClusterApi, namespace: string, rounds: number): Promise<void> {
  const path = configMapsOf(namespace);
  for (let round = 0; round < rounds; round++) {
    const name = `round-${randomUUID()}`;
    await api.request({ method: "POST", path, body: { metadata: { name } } });
    for (const changed of [name, "steady"]) await touch(api, namespace, changed, `${round}`);
    if (round % 3 === 0) await api.request({ method: "DELETE", path: `${path}/${name}` });
  }
}

export async function touch(api: ClusterApi, namespace: string, name: string, value: string): Promise<void> {
  await api.request({
    method: "PATCH",
    path: `${configMapsOf(namespace)}/${name}`,
    query: { fieldManager: "test", force: true },
    contentType: "application/apply-patch+yaml",
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { value } },
  });
}

export function configMapsOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

function entry({ metadata }: ConfigMap): [string, string] {
  return [metadata.name, metadata.resourceVersion];
}
