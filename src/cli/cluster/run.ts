import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "../../connectors/wrap/clock.ts";
import { Lease, leaseClock } from "../../resources/kubernetes/lease.ts";
import { StateIds } from "../../resources/kubernetes/state-ids.ts";
import type { ControllerSetting } from "../controller-setting.ts";
import { logLease } from "./cluster-log.ts";
import { guardedState } from "./guarded-state.ts";
import { type Leadership, lead } from "./leadership.ts";
import { openReplica, type Replica } from "./replica.ts";
import { serveReplica } from "./serve.ts";
import { openNamespaceState } from "./state-identity.ts";
import { runTenant, type TenantParts } from "./tenant.ts";
import { Tenants } from "./tenants.ts";

/** The Lease by which the replicas of a release agree who leads. */
const leaseName = "rollcall";

/** Keeps the stores equal to the objects in a cluster, until it is stopped. Of several replicas one works, the others stand by. */
export async function runOnCluster(setting: ControllerSetting): Promise<void> {
  const { context, log, metrics, stop } = setting;
  const replica = await openReplica(setting);
  const { api, source, publisher, controllerNamespace } = replica;
  const ids = new StateIds(api, controllerNamespace);
  let leadership: Leadership | undefined;
  metrics.leads(leaseName, false);
  const tenants = new Tenants({
    source,
    run: (namespace, ended, underWay) =>
      runNamespace(setting, replica, { namespace, ids, leadership: leadership!, ended, underWay }),
    clock: { ...systemClock, now: context.now },
    random: Math.random,
    log,
  });
  const lease = new Lease({
    api,
    namespace: controllerNamespace,
    name: leaseName,
    holder: replica.instance,
    clock: leaseClock,
    random: Math.random,
    tell: (event) => {
      logLease(log, event);
      if (event.kind !== "Failed" && event.kind !== "Following")
        metrics.leads(leaseName, event.kind === "Leading");
    },
  });
  const work = async (term: Leadership) => {
    leadership = term;
    await tenants.run(term.signal);
    await Promise.race([publisher.flush(), wait(farewell)]);
  };
  const serving = await serveReplica(setting, replica, tenants);
  try {
    log.info(
      { cluster: api.place, url: serving.url, api: serving.apiUrl, instance: replica.instance },
      "started",
    );
    const tell = (error: unknown) =>
      log.error({ error: (error as Error).message }, "work ended with an error");
    await lead({ lease, work, stop, alone: !replica.sharesState, tell });
  } finally {
    await serving.close();
    await replica.close();
  }
}

/** Milliseconds that the last statuses are given to arrive. */
const farewell = 1_000;

interface Running {
  readonly namespace: string;
  readonly ids: StateIds;
  readonly leadership: Leadership;
  readonly ended: AbortSignal;
  /** Called once its state is open. */
  readonly underWay: () => void;
}

async function runNamespace(
  { context, log, metrics }: ControllerSetting,
  { source, publisher, placeOf, stores, desk }: Replica,
  { namespace, ids, leadership, ended, underWay }: Running,
): Promise<void> {
  const opened = await openNamespaceState({ namespace, place: placeOf(namespace), ids }).catch((error) => {
    metrics.cannotOpenState(namespace);
    throw error;
  });
  underWay();
  const resources = source.resources(namespace);
  const state = guardedState(opened, leadership, resources);
  try {
    const open: TenantParts["stores"] = (tell) => stores(namespace, state, tell);
    const leads = () => leadership.timeLeft() > 0;
    const common = { context, log, metrics, resources, state, publisher, desk };
    await runTenant({ ...common, leads, stores: open, stop: ended });
  } finally {
    await state.close();
  }
}
