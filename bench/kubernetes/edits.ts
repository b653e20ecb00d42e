import { apiVersion, plurals } from "../../src/core/kinds/kinds.ts";
import type { ClusterApi } from "../../src/resources/kubernetes/api.ts";
import { type Person, person } from "../company.ts";
import { identity, type KubernetesWorld, namespace } from "./world.ts";

/** One edit of one person's title. */
export interface Edit {
  readonly one: Person;
  readonly title: string;
}

export const identitiesPath = `/apis/${apiVersion}/namespaces/${namespace}/${plurals.Identity}`;

/** Edits of people who lie far apart. */
export function edits(size: number, count: number, what: string): Edit[] {
  return Array.from({ length: count }, (_, turn) => {
    const title = `${what} ${turn}`;
    return { one: { ...person((turn * 7919) % size), title }, title };
  });
}

/** Makes the edit as people do, with `kubectl apply` of a file; resolves when that has ended. */
export async function applyByKubectl({ cluster }: KubernetesWorld, { one }: Edit): Promise<void> {
  const args = ["apply", "--server-side", "--force-conflicts", "-n", namespace, "-f", "-"];
  const { code, stderr } = await cluster.kubectl(args, { input: JSON.stringify(manifest(one)) });
  if (code !== 0) throw new Error(`kubectl apply ended with ${code}: ${stderr}`);
}

/** Sends what kubectl sends; resolves with its answer. */
export async function applyByPatch(api: ClusterApi, { one }: Edit): Promise<void> {
  await api.request({
    method: "PATCH",
    path: `${identitiesPath}/${one.id}`,
    query: { fieldManager: "kubectl", force: true },
    contentType: "application/apply-patch+yaml",
    body: manifest(one),
  });
}

function manifest(one: Person) {
  const { kind, name, spec } = identity(one);
  return { apiVersion, kind, metadata: { name }, spec };
}
