import { randomUUID } from "node:crypto";
import type { ClusterApi } from "../../../src/resources/kubernetes/api.ts";
import { Reflector } from "../../../src/resources/kubernetes/reflector.ts";

export interface Listed {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly status?: unknown;
}

/** Keeps, by a `Reflector`, what it is told of the objects at a path. */
export interface Follower extends AsyncDisposable {
  /** By name. */
  readonly seen: ReadonlyMap<string, Listed>;
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
export function follow(api: ClusterApi, path: string): Follower {
  let seen = new Map<string, Listed>();
  const missed = new Set<string>();
  const troubles: unknown[] = [];
  const waits: number[] = [];
  const reflector = new Reflector({
    api,
    path,
    sink: {
      replace(objects) {
        const before = seen;
        seen = new Map((objects as Listed[]).map(entry));
        for (const name of before.keys()) if (!seen.has(name)) missed.add(name);
      },
      put: (object) => void seen.set(...entry(object as Listed)),
      remove(object) {
        const { name } = (object as Listed).metadata;
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
export async function truth(api: ClusterApi, path: string): Promise<ReadonlyMap<string, Listed>> {
  const list = await api.request({ method: "GET", path });
  return new Map((list as { items: Listed[] }).items.map(entry));
}

export function sameObjects(one: ReadonlyMap<string, Listed>, other: ReadonlyMap<string, Listed>): boolean {
  const versionIn = (objects: ReadonlyMap<string, Listed>, name: string) =>
    objects.get(name)?.metadata.resourceVersion;
  return (
    one.size === other.size &&
    [...one.keys()].every((name) => versionIn(one, name) === versionIn(other, name))
  );
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

function entry(object: Listed): [string, Listed] {
  return [object.metadata.name, object];
}
