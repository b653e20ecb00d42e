import { StoreError } from "../../connectors/errors.ts";
import { manifestParser } from "../../core/kinds/parse.ts";
import { problemKey } from "../../core/kinds/problem-key.ts";
import type { InForce, Problem, Resource, Snapshot } from "../../core/kinds/resource.ts";
import { canonicalJson } from "../../core/model/hash.ts";
import { everythingShown } from "../../core/plan/guard.ts";
import { inSlices } from "../../engine/breathe.ts";
import type { Stores } from "../../engine/stores.ts";
import { type PlanDocument, planDocument } from "../../report/document.ts";
import { type NotRun, targetsNotRun } from "../../report/not-run.ts";
import { overlaid } from "../../resources/overlay.ts";
import { resolving } from "../../resources/resolve.ts";
import type { PlanRequest } from "../../server/api-protocol.ts";
import { toldNotRun } from "../not-run.ts";
import { chosenTargetsOf } from "../problems.ts";
import { type Looking, problemsOf, type ReadTenant } from "./looking.ts";

/**
 * Plans what the controller would do if the request's manifests stood in the cluster. Nothing is kept or written. Manifests that
 * nobody has merged lead us nowhere: a Store they change is not dialled, and a Target whose connector block they change is not
 * asked for, since that may hold queries.
 */
export async function planOverlay(
  looking: Looking,
  { connectors, stores }: ReadTenant,
  { put, remove, targets, full }: PlanRequest,
  now: number,
): Promise<PlanDocument> {
  const before = looking.snapshot;
  const reading = await inSlices(overlaid(looking.reading, { put, remove }, manifestParser(connectors)));
  const { snapshot } = await inSlices(resolving(reading, looking.known, now));
  const only = chosenTargetsOf(targets ?? [], snapshot);
  const notRun = targetsNotRun(snapshot);
  const unasked = unaskedTargets(before, snapshot, new Set(notRun.map(({ target }) => target)));
  const planned = new Set(snapshot.objects.Target.keys().filter((name) => !only || only.has(name)));
  for (const { target } of unasked) planned.delete(target);
  const engine = await looking.engine(refusingChanged(stores(looking.state), before), snapshot);
  const options = { planOnly: true, shown: everythingShown, full, pass: true };
  const reports = await engine.run(options, planned);
  const touched = new Set(put.map(({ manifest }) => keyOf(manifest)));
  const head = {
    at: new Date(now).toISOString(),
    revision: snapshot.revision,
    state: { place: looking.state.place, isFirstRun: false },
    problems: newProblems(
      await problemsOf(looking.reading, before),
      await problemsOf(reading, snapshot),
      touched,
    ),
    notRun: [
      ...(await toldNotRun(snapshot, looking.state)),
      ...unasked.filter(({ target }) => !only || only.has(target)),
    ],
  };
  return planDocument(
    head,
    reports.filter(({ target }) => planned.has(target)),
  );
}

function unaskedTargets(before: Snapshot, after: Snapshot, notRun: ReadonlySet<string>): NotRun[] {
  return [...after.objects.Target.values()].flatMap(({ resource }) => {
    const reason = notRun.has(resource.name) ? undefined : whyUnasked(resource, before, after);
    return reason === undefined ? [] : [{ target: resource.name, reason, unplanned: true as const }];
  });
}

function whyUnasked(target: Resource<"Target">, before: Snapshot, after: Snapshot): string | undefined {
  const { store, block } = target.spec;
  const declared = after.objects.Store.get(store.name)?.resource;
  if (declared && !isInForce(before, declared))
    return `its Store/${store.name} is new or changed: it is not dialled before that is merged`;
  const known = before.objects.Target.get(target.name) as InForce<"Target"> | undefined;
  if (canonicalJson(block ?? {}) === canonicalJson(known?.resource.spec.block ?? {})) return undefined;
  return `its block ${(block ?? known?.resource.spec.block)?.connector} is new or changed, which says how the store is asked: it is not asked so before that is merged`;
}

/** As a second lock on the door: whatever is planned, no Store is dialled but as it stands in the cluster, and no password read from where only the overlay says. */
function refusingChanged(stores: Stores, before: Snapshot): Stores {
  return {
    ...stores,
    connect(store) {
      if (isInForce(before, store)) return stores.connect(store);
      throw new StoreError("Denied", `Store/${store.name} is not dialled before its change is merged`);
    },
    passwords(store, target) {
      const desk = stores.passwords(store, target);
      const known = before.objects.Target.get(target.name)?.resource.spec.passwords;
      if (canonicalJson(known ?? {}) === canonicalJson(target.spec.passwords ?? {})) return desk;
      const why = "spec.passwords is new or changed: it is not read before that is merged";
      return { ...desk, read: () => Promise.reject(new StoreError("Denied", why)) };
    },
  };
}

function isInForce({ objects }: Snapshot, store: Resource<"Store">): boolean {
  return objects.Store.get(store.name)?.resource.digest === store.digest;
}

/** What is wrong with what was sent, and what that does to the rest; not what is wrong in the cluster already. */
function newProblems(
  before: readonly Problem[],
  after: readonly Problem[],
  touched: ReadonlySet<string>,
): readonly Problem[] {
  const known = new Set(before.map(problemKey));
  return after.filter(
    (problem) => touched.has(`${problem.kind}/${problem.name}`) || !known.has(problemKey(problem)),
  );
}

function keyOf({ kind, metadata }: PlanRequest["put"][number]["manifest"]): string {
  return `${kind}/${(metadata as { name?: unknown } | undefined)?.name}`;
}
