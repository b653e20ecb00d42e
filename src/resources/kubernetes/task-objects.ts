import { apiVersion, plurals } from "../../core/kinds/kinds.ts";
import type { ApiRequest } from "./api.ts";
import type { ClusterObject, ObjectMeta } from "./objects.ts";
import { fieldManager } from "./publisher.ts";

const kind = "ProvisioningTask";
const managedBy = "app.kubernetes.io/managed-by";
/** By which `kubectl get ptask -l` finds the tasks of one target. */
const ofTarget = "rollcall.dev/target";
/** Characters of a label's value. */
const longestLabel = 63;

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Whether we made it: what others made is theirs to remove. */
export function isOurs({ labels }: ObjectMeta): boolean {
  return labels?.[managedBy] === fieldManager;
}

/** Makes a task's object, or takes back what others changed of what is ours in it. What people say in it stays. */
export function makeTask({ namespace, name }: Named, target: string): ApiRequest {
  const labels = { [managedBy]: fieldManager, ...(target.length <= longestLabel && { [ofTarget]: target }) };
  return {
    method: "PATCH",
    path: pathOf({ namespace, name }),
    query: { fieldManager, force: true },
    contentType: "application/apply-patch+yaml",
    body: { apiVersion, kind, metadata: { name, namespace, labels }, spec: { target: { name: target } } },
  };
}

/** Takes out what was said of a task that is open again. A `Conflict` where somebody has said something else meanwhile. */
export function clearAnswer({ metadata }: ClusterObject): ApiRequest {
  const { resourceVersion } = metadata;
  return {
    method: "PATCH",
    path: pathOf(metadata),
    contentType: "application/merge-patch+json",
    body: { metadata: { resourceVersion }, spec: { outcome: null, by: null, reason: null } },
  };
}

/** Removes an object; never one that was made anew under its name. */
export function removeTask({ metadata }: ClusterObject): ApiRequest {
  const { uid } = metadata;
  return {
    method: "DELETE",
    path: pathOf(metadata),
    body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } },
  };
}

function pathOf({ namespace, name }: Named): string {
  return `/apis/${apiVersion}/namespaces/${namespace}/${plurals[kind]}/${name}`;
}
