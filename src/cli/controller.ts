import { Metrics } from "../server/metrics.ts";
import { addressOf } from "./address.ts";
import * as cluster from "./cluster/flags.ts";
import { type Command, type Context, exitCode, type Flag } from "./command.ts";
import { runOnFolder } from "./controller-folder.ts";
import { controllerLog, logLevels } from "./controller-log.ts";
import { folderFlag, initFlag, reachFlags, stateFlag } from "./flags.ts";

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
    "Applies what changes in the folder of -f, or in the cluster without it, looks for drift on each target's schedule, and does what is due on\nits day. Budgets, settling and holds apply as ever. In a cluster the state is made by itself on the first run, and --state names a folder\nor a database in which each namespace gets a state of its own. SIGTERM or Ctrl-C ends it after the batch in hand.",
  flags: [
    ...[folderFlag, stateFlag, ...reachFlags, initFlag, listen, logLevel],
    ...[cluster.namespaceFlag, cluster.allNamespacesFlag, cluster.selectorFlag],
    ...[cluster.kubeconfigFlag, cluster.contextFlag, cluster.ownNamespaceFlag],
    ...[cluster.apiListenFlag, cluster.apiCertFlag, cluster.apiKeyFlag],
  ],
  examples: [
    "rollcall controller -f manifests",
    "rollcall controller -f manifests --init --listen 0.0.0.0:9464",
    "rollcall controller --namespace acme --state /var/lib/rollcall",
  ],
  exits: { 0: "it was stopped", 2: "it cannot start, or has lost its state to another process" },
  run,
};

async function run(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  const address = addressOf(args.text(listen) ?? "127.0.0.1:9464", listen.name);
  const log = controllerLog(terminal, args.text(logLevel) ?? "info", now);
  const metrics = new Metrics(context.version);
  const setting = { context, log, metrics, address, stop: context.stopSignal() };
  try {
    if (args.has(folderFlag)) await runOnFolder(setting);
    else {
      // The library for clusters takes longer to load than most commands take in all.
      const { runOnCluster } = await import("./cluster/run.ts");
      await runOnCluster(setting);
    }
    log.info("stopped");
    return exitCode.done;
  } finally {
    metrics.close();
  }
}
