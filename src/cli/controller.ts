import type { Logger } from "pino";
import { systemClock } from "../connectors/wrap/clock.ts";
import { Controller, type ControllerEvent } from "../engine/controller.ts";
import type { TargetReport } from "../engine/run.ts";
import { declaredTargets } from "../report/declared.ts";
import type { TargetFigures } from "../report/figures.ts";
import { serveControl } from "../server/control.ts";
import { serveHttp } from "../server/http.ts";
import { Metrics } from "../server/metrics.ts";
import type { RealmMetrics } from "../server/realm-metrics.ts";
import { StateError } from "../state/errors.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { controllerLog, logEvent, logLevels } from "./controller-log.ts";
import { controlHandler } from "./controller-requests.ts";
import { folderFlag, initFlag, rootFlag, stateFlag } from "./flags.ts";
import { controlPlaceOf } from "./place.ts";
import { openSession, type Session } from "./session.ts";

const listen: Flag = {
  name: "listen",
  value: "HOST:PORT",
  summary:
    "where /healthz, /readyz and /metrics are served (default: 127.0.0.1:9464; port 0: any that is free)",
};

const logLevel: Flag = {
  name: "log-level",
  value: "LEVEL",
  choices: logLevels,
  summary: "error, warn, info or debug, which names every change (default: info)",
};

export const controllerCommand: Command = {
  name: "controller",
  summary: "keep the stores equal to the manifests, until it is stopped",
  description:
    "Applies what changes in the folder as soon as it holds still, looks for drift on each target's schedule, and does what is due on its day. Budgets, settling and holds apply as ever. SIGTERM or Ctrl-C ends it after the batch in hand.",
  flags: [folderFlag, stateFlag, rootFlag, initFlag, listen, logLevel],
  examples: [
    "rollcall controller -f manifests",
    "rollcall controller -f manifests --init --listen 0.0.0.0:9464",
  ],
  exits: { 0: "it was stopped", 2: "it cannot start, or has lost its state to another process" },
  run,
};

async function run(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  const address = addressOf(args.text(listen) ?? "127.0.0.1:9464");
  const log = controllerLog(terminal, args.text(logLevel) ?? "info", now);
  const stop = context.stopSignal();
  const metrics = new Metrics(context.version);
  let realm: RealmMetrics | undefined;
  const session = await openSession(context, {
    mode: "write",
    stop,
    tell: (...call) => realm?.storeCall(...call),
  });
  try {
    const controller = new Controller({
      engine: session.engine,
      state: session.state,
      clock: { ...systemClock, now },
      load: async () => ({ snapshot: await session.reload(), complete: session.complete }),
      random: Math.random,
      stop,
      tell: (event) => {
        logEvent(log, event);
        if (realm) measure(realm, session, controller, event, now());
      },
    });
    realm = metrics.realm(session.state.realm, { waiting: () => controller.waiting });
    await serveWhile(() => controller.run(), { context, session, controller, metrics, address, log, stop });
    log.info("stopped");
    return exitCode.done;
  } finally {
    metrics.close();
    await session.close();
  }
}

interface Serving {
  readonly context: Context;
  readonly session: Session;
  readonly controller: Controller;
  readonly metrics: Metrics;
  readonly address: { readonly host: string; readonly port: number };
  readonly log: Logger;
  readonly stop: AbortSignal;
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

function measure(
  metrics: RealmMetrics,
  { engine }: Session,
  controller: Controller,
  event: ControllerEvent,
  at: number,
): void {
  if (event.kind === "Loaded") {
    const { snapshot, complete } = event.loaded;
    const targets = declaredTargets(snapshot);
    metrics.loaded({ targets, complete: complete.ok, unread: snapshot.unread.keys() });
  }
  if (event.kind === "Failed" && event.error instanceof StateError) metrics.state(false);
  if (event.kind !== "Ran") return;
  const figures = event.reports.map(
    (report: TargetReport): TargetFigures => ({
      ...report,
      accounts: accountsByState(engine.lane(report.target)?.index.entries() ?? []),
      quarantined: controller.quarantined.has(report.target),
      driftSince: controller.driftSince.get(report.target),
      at,
    }),
  );
  metrics.ran(figures, event.milliseconds);
}

function accountsByState(links: Iterable<{ readonly status: "Enabled" | "Disabled" }>) {
  const counts = { Enabled: 0, Disabled: 0 };
  for (const { status } of links) counts[status]++;
  return counts;
}

function addressOf(text: string): { host: string; port: number } {
  const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`--listen must be HOST:PORT, as in 127.0.0.1:9464, not "${text}"`);
  return { host: host.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1", port: Number(port) };
}
