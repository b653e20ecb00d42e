import { setTimeout as sleep } from "node:timers/promises";
import { releaseNamespace } from "../../test/support/kubernetes/organisation.ts";
import { waitFor } from "../../test/support/wait.ts";
import type { KubernetesWorld } from "./world.ts";

/** A controller in a process of its own, as the chart's ServiceAccount, seen through its metrics. */
export interface Running {
  /** Seconds from the process's start until it was ready. */
  readonly starting: number;
  /** Seconds until the target was run. */
  readonly looking: number;
  /** The sum of the series whose names begin so. */
  metric(name: string): Promise<number>;
  end(): Promise<void>;
}

export async function startController({ cluster, organisation }: KubernetesWorld): Promise<Running> {
  const kubeconfig = await cluster.serviceAccountKubeconfig(releaseNamespace, "rollcall");
  const start = performance.now();
  const controller = organisation.startAs(kubeconfig);
  const url = await controller.ready();
  const starting = since(start);
  const metric = async (name: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line.startsWith(name));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  };
  const isLooked = async () => (await metric("controller_runtime_reconcile_total")) > 0;
  await waitFor(isLooked, { timeout: 300_000, every: 50, what: "the target was run" });
  const looking = since(start);
  return {
    starting,
    looking,
    metric,
    async end() {
      const code = await controller.end("SIGTERM");
      if (code !== 0) throw new Error(`the controller ended with ${code}`);
    },
  };
}

export const statusWrites = 'rollcall_status_writes_total{resource="identities",result="Done"}';

/** Resolves when the target has these accounts, and no status was written for three seconds. */
export async function settled(controller: Running, accounts: number): Promise<void> {
  const patient = { timeout: 900_000, every: 200 };
  const has = async () => (await controller.metric("rollcall_accounts")) === accounts;
  await waitFor(has, { ...patient, what: `there are ${accounts} accounts` });
  for (let before = -1, now = 0; before !== now; ) {
    await sleep(3_000);
    before = now;
    now = await controller.metric(statusWrites);
  }
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}
