import { waitFor } from "../../test/support/wait.ts";
import type { Figure } from "../figure.ts";
import { type Running, settled } from "./running.ts";
import type { KubernetesWorld } from "./world.ts";

const passes = 10;

/** What the API server counts of writes while a controller passes over everybody again and again, and finds nothing to do. */
export async function idleFigures(
  world: KubernetesWorld,
  controller: Running,
  size: number,
): Promise<Figure[]> {
  const { cluster, organisation } = world;
  const schedule = JSON.stringify({ spec: { schedule: { every: "1s" } } });
  await organisation.must("patch", "target/directory", "--type=merge", "-p", schedule);
  await settled(controller, size);
  const made = () =>
    controller.metric('controller_runtime_reconcile_total{controller="target",result="success"}');
  const writes = async () => {
    const counts = Object.entries(await cluster.requests());
    return counts.reduce((sum, [what, count]) => (what.endsWith(" leases") ? sum : sum + count), 0);
  };
  const [before, first] = [await writes(), await made()];
  await waitFor(async () => (await made()) >= first + passes, { timeout: 120_000, what: "passes are made" });
  return [
    {
      what: `Writes to the API server in ${passes} passes with nothing to do over ${size} Identities`,
      value: (await writes()) - before,
      unit: "",
      goal: 0,
      note: "by its own count; Lease renewals left out",
    },
  ];
}
