import { type ApiKindName, isManifestKind, type KindName } from "../../core/kinds/kinds.ts";
import { referencesOf } from "../../core/kinds/references.ts";
import type { AnyResource, Resource, Snapshot } from "../../core/kinds/resource.ts";
import type { AnyStatus, PolicyStatus, StoreStatus, TargetObjectStatus } from "../../core/kinds/status.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ExportReport } from "../../engine/exports/run.ts";
import { runningTargets } from "../../engine/running.ts";
import type { Observed, Told } from "../../report/cluster/conditions.ts";
import { approvalStatus, policyStatus, storeStatus } from "../../report/cluster/others.ts";
import { reasonOf, targetStatus } from "../../report/cluster/target.ts";
import { targetsNotRun } from "../../report/not-run.ts";
import type { ClusterObject } from "../../resources/kubernetes/objects.ts";
import type { ApprovalOutcome } from "./approvals.ts";
import { isThere, keyOf } from "./board-changes.ts";
import type { Runs } from "./board-runs.ts";

/** All that statuses are made from, at one moment. */
export interface View {
  readonly snapshot: Snapshot;
  readonly engine: Pick<Engine, "lane">;
  readonly runs: Runs;
  readonly quarantined: ReadonlyMap<string, number>;
  /** What `rollcall.dev/requestedAt` said and was answered, by `Kind/name`. */
  readonly handled: ReadonlyMap<string, string>;
  /** What came of each Export the last time. */
  readonly exports: ReadonlyMap<string, ExportReport>;
  readonly approvals: ReadonlyMap<string, ApprovalOutcome>;
  /** What answers, by store. */
  readonly servers: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** An object with what is to be known of it; undefined where the manifests in force are older or newer than it. */
export interface Seen {
  readonly kind: ApiKindName;
  readonly object: ClusterObject;
  readonly generation: number;
  /** The status that was last written where that is not seen yet, else as the API server has it. */
  readonly previous: AnyStatus | undefined;
}

/** The generation that decisions are made from; undefined for an object that is not the one they are made from. */
export function generationOf(
  { objects, unknown }: Snapshot,
  kind: ApiKindName,
  { metadata }: ClusterObject,
): number | undefined {
  if (!isManifestKind(kind) || unknown.has(keyOf(kind, metadata.name))) return metadata.generation;
  const known = objects[kind].get(metadata.name);
  if (known?.standing.status === "Held") return metadata.generation;
  const [uid, generation = ""] = known?.resource.digest.split("/") ?? [];
  return uid === metadata.uid ? Number.parseInt(generation, 10) : undefined;
}

/** What a status has in common whatever its kind. */
export function observed<S extends AnyStatus>(
  { snapshot, now }: View,
  { kind, object, generation, previous }: Seen,
): Observed<S> & { readonly fault: Told | undefined } {
  return {
    generation,
    previous: previous as S | undefined,
    now,
    fault: isManifestKind(kind) ? faultOf(snapshot, kind, object.metadata.name) : undefined,
  };
}

/** What is wrong with an object that is there. */
function faultOf({ objects, unknown, unread }: Snapshot, kind: KindName, name: string): Told | undefined {
  const never = unknown.get(keyOf(kind, name));
  if (never !== undefined) return { reason: "Invalid", message: `${kind}/${name} is not valid: ${never}` };
  const standing = objects[kind].get(name)?.standing;
  if (standing?.status !== "Held") return undefined;
  const stays = kind === "Export" ? "its file stays as it is" : "its last valid version stays in force";
  return unread.has(kind)
    ? { reason: "Held", message: `${kind}/${name} could not be read: ${standing.reason}; ${stays}` }
    : { reason: "Invalid", message: `${kind}/${name} is not valid: ${standing.reason}; ${stays}` };
}

/** Undefined where nothing is known yet that would be news: a controller that has just started leaves what the last one said. */
export function targetView(view: View, seen: Seen): TargetObjectStatus | undefined {
  const { snapshot, engine, runs, quarantined, handled } = view;
  const { name } = seen.object.metadata;
  const common = observed<TargetObjectStatus>(view, seen);
  const fault = common.fault ?? restOf(snapshot, name);
  const run = runs.facts(name);
  if (!fault && !run && seen.previous) return undefined;
  const accounts = { linked: 0, disabled: 0, troubled: 0 };
  for (const link of engine.lane(name)?.index.entries() ?? []) {
    accounts.linked++;
    if (link.status === "Disabled") accounts.disabled++;
    if (link.trouble) accounts.troubled++;
  }
  return targetStatus({
    ...common,
    name,
    fault,
    run,
    accounts,
    quarantine: quarantined.get(name),
    handled: handled.get(keyOf("Target", name)),
  });
}

/** Why a target is not run. */
function restOf(snapshot: Snapshot, name: string): Told | undefined {
  const rest = targetsNotRun(snapshot).find(({ target }) => target === name);
  if (!rest) return undefined;
  const { suspend, store } = snapshot.objects.Target.get(name)?.resource.spec ?? {};
  const suspended = suspend || snapshot.objects.Store.get(store?.name ?? "")?.resource.spec.suspend;
  return {
    reason: suspended ? "Suspended" : "ReferenceMissing",
    message: `Target/${name} is not run, since ${rest.reason}: none of its accounts is touched`,
  };
}

/** Undefined as `targetView` is. */
export function storeView(view: View, seen: Seen): StoreStatus | undefined {
  const { snapshot, engine, runs, servers } = view;
  const { name } = seen.object.metadata;
  const common = observed<StoreStatus>(view, seen);
  const spec = snapshot.objects.Store.get(name)?.resource.spec;
  const targets = runningTargets(snapshot).filter((target) => target.spec.store.name === name);
  const facts = targets.flatMap((target) => runs.facts(target.name) ?? []);
  const fault =
    common.fault ??
    (spec?.suspend
      ? ({ reason: "Suspended", message: `Store/${name} is suspended: nothing is read or written` } as const)
      : undefined);
  const used = targets.length > 0;
  if (!fault && used && facts.length === 0 && seen.previous) return undefined;
  // What one of them says of itself is not the store's.
  const errors = facts.flatMap(({ error }) => (error && reasonOf(error.kind) !== "DoesNotFit" ? error : []));
  const connectors = targets.flatMap((target) => engine.lane(target.name)?.connector ?? []);
  const can = connectors.flatMap(({ capabilities }) =>
    Object.entries(capabilities).flatMap(([what, is]) => (is ? what : [])),
  );
  return storeStatus({
    ...common,
    fault,
    connector: spec?.block.connector,
    used,
    contacted: facts.length > 0,
    error: errors[0],
    server: servers.get(name),
    capabilities: [...new Set(can)],
  });
}

export function policyView(view: View, seen: Seen): PolicyStatus {
  const { kind, object } = seen;
  const resource = view.snapshot.objects[kind as KindName].get(object.metadata.name)?.resource;
  const missing = resource
    ? referencesOf(resource as AnyResource)
        .filter((named) => !isThere(view.snapshot, named.kind, named.name))
        .map((named) => keyOf(named.kind, named.name))
    : [];
  const span = resource?.kind === "Grant" ? (resource as Resource<"Grant">).spec : {};
  return policyStatus({ ...observed<PolicyStatus>(view, seen), missing: [...new Set(missing)], span });
}

export function approvalView(view: View, seen: Seen): PolicyStatus | undefined {
  const { object } = seen;
  const outcome = view.approvals.get(object.metadata.name);
  if (!outcome) return undefined;
  const { hold } = object.spec as { readonly hold: { readonly target: string } };
  return approvalStatus({ ...observed<PolicyStatus>(view, seen), outcome, target: hold.target });
}
