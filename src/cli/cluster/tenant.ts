import type { Logger } from "pino";
import { systemClock } from "../../connectors/wrap/clock.ts";
import { Controller } from "../../engine/controller.ts";
import { Engine } from "../../engine/engine.ts";
import type { ExportDesk } from "../../engine/exports/desk.ts";
import type { Stores } from "../../engine/stores.ts";
import type { ClusterResources } from "../../resources/kubernetes/cluster-resources.ts";
import type { Publisher } from "../../resources/kubernetes/publisher.ts";
import type { Metrics } from "../../server/metrics.ts";
import type { State } from "../../state/state.ts";
import type { Context } from "../command.ts";
import { eventLog } from "../controller-log.ts";
import { measure } from "../measure.ts";
import { rememberer } from "../remember.ts";
import type { StoreAccess } from "../stores.ts";
import { StatusBoard } from "./board.ts";
import { Requests } from "./requests.ts";
import { TaskBoard } from "./task-board.ts";

export interface TenantParts {
  readonly context: Context;
  readonly resources: ClusterResources;
  /** Open for writing. */
  readonly state: State;
  readonly publisher: Publisher;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Where the files of Exports go. */
  readonly desk: ExportDesk;
  /** Whether nobody else can lead. */
  readonly leads: () => boolean;
  readonly stores: (tell: NonNullable<StoreAccess["tell"]>) => Stores;
  /** Aborted when this process is to stop, or no longer leads: the batch in hand is finished first. */
  readonly stop: AbortSignal;
}

/** Looks after one namespace until it is stopped. Rejects when its state is lost to another process, or broken. */
export async function runTenant(parts: TenantParts): Promise<void> {
  const { context, resources, state, metrics, stop } = parts;
  const { now, newId } = context;
  const log = parts.log.child({ namespace: state.realm });
  const logEvent = eventLog(log);
  const realm = metrics.realm(state.realm, { waiting: () => controller.waiting });
  realm.epoch(state.epoch);
  const engine = new Engine(
    { state, clock: { now }, newId, progress: () => {}, stop },
    parts.stores((...call) => realm.storeCall(...call)),
  );
  const remember = await rememberer({
    ...{ state, engine, now, writes: true },
    // What comes of it is told as of any run.
    answered: (targets) => void controller.ask({ targets, shown: undefined }).catch(() => {}),
  });
  const telling = {
    ...{ resources, state, publisher: parts.publisher, leads: parts.leads, now },
    failed: (error: unknown) => log.warn({ error: (error as Error).message }, "cannot make statuses now"),
  };
  const board = new StatusBoard({ ...telling, engine, quarantined: () => controller.quarantined });
  const tasks = new TaskBoard(telling);
  const controller: Controller = new Controller({
    engine,
    state,
    clock: { ...systemClock, now },
    desk: parts.desk,
    load: async () => {
      const reading = await resources.read(stop);
      const snapshot = await remember(reading);
      await requests.take(snapshot, reading.complete.ok);
      return { snapshot, complete: reading.complete };
    },
    random: Math.random,
    stop,
    tell: (event) => {
      logEvent(event);
      measure(realm, { engine, controller }, event, now());
      board.tell(event);
      tasks.tell(event);
    },
  });
  const requests = new Requests({ resources, state, controller, board, now });
  try {
    await resources.watch(() => controller.manifestsChanged(), stop);
    await controller.run();
  } finally {
    await board.close();
    await tasks.close();
    await engine.close();
    realm.close();
  }
}
