import { systemClock } from "../connectors/wrap/clock.ts";
import { Controller } from "../engine/controller.ts";
import { serveControl } from "../server/control.ts";
import { serveHttp } from "../server/http.ts";
import type { RealmMetrics } from "../server/realm-metrics.ts";
import { eventLog } from "./controller-log.ts";
import { controlHandler } from "./controller-requests.ts";
import type { ControllerSetting } from "./controller-setting.ts";
import { exportDesk } from "./exports/file.ts";
import { measure } from "./measure.ts";
import { controlPlaceOf, rootOf } from "./place.ts";
import { openSession, type Session } from "./session.ts";

/** Keeps the stores equal to the manifests in a folder, until it is stopped. */
export async function runOnFolder(setting: ControllerSetting): Promise<void> {
  const { context, log, metrics, stop } = setting;
  const { now } = context;
  let realm: RealmMetrics | undefined;
  let running: Controller | undefined;
  const session = await openSession(context, {
    mode: "write",
    stop,
    tell: (...call) => realm?.storeCall(...call),
    answered: (targets) => void running?.ask({ targets, shown: undefined }).catch(() => {}),
  });
  try {
    const { engine, state } = session;
    const logEvent = eventLog(log);
    const controller = new Controller({
      engine,
      state,
      clock: { ...systemClock, now },
      desk: exportDesk(rootOf(context, session.folder), context.newId),
      load: async () => ({ snapshot: await session.reload(), complete: session.complete }),
      random: Math.random,
      stop,
      tell: (event) => {
        logEvent(event);
        if (realm) measure(realm, { engine, controller }, event, now());
      },
    });
    running = controller;
    realm = metrics.realm(state.realm, { waiting: () => controller.waiting });
    realm.epoch(state.epoch);
    await serveWhile(() => controller.run(), { ...setting, session, controller });
  } finally {
    await session.close();
  }
}

interface Serving extends ControllerSetting {
  readonly session: Session;
  readonly controller: Controller;
}

/** Watches the folder, and answers over HTTP and the socket, for as long as the work goes on. */
async function serveWhile(work: () => Promise<void>, serving: Serving): Promise<void> {
  const { context, session, controller, metrics, address, log, stop } = serving;
  const socket = controlPlaceOf(session.state.place);
  const control = await serveControl(socket, controlHandler(session.state, controller, context.now));
  try {
    const http = await serveHttp(address, {
      notReady: () => waitsFor(controller),
      metrics: () => metrics.scrape(),
      metricsType: metrics.contentType,
    });
    try {
      await session.resources.watch(() => controller.manifestsChanged(), stop);
      log.info({ folder: session.folder, state: session.state.place, socket, url: http.url }, "started");
      await work();
    } finally {
      await http.close();
    }
  } finally {
    await control.close();
  }
}

function waitsFor(controller: Controller): string | undefined {
  const { unseen } = controller;
  if (!unseen) return "the manifests have not been read yet";
  return unseen.length === 0 ? undefined : `not looked at yet: ${unseen.join(", ")}`;
}
