import { randomUUID } from "node:crypto";
import { z } from "zod";
import { openCluster } from "../../src/resources/kubernetes/open-cluster.ts";
import { Publisher } from "../../src/resources/kubernetes/publisher.ts";
import { waitFor } from "../../test/support/wait.ts";
import type { Figure } from "../figure.ts";
import { openBareApi } from "./bare-api.ts";
import { settled, startController, statusWrites } from "./running.ts";
import { type KubernetesWorld, namespace } from "./world.ts";

const object = z.object({
  metadata: z.object({ name: z.string(), uid: z.string(), resourceVersion: z.string() }),
  status: z.unknown().optional(),
});
const list = z.object({ items: z.array(object) });
type Stored = z.infer<typeof object>;

const rounds = 3;

/**
 * How long it takes to write statuses that were taken away: what writes them alone, and a whole controller that starts and finds them
 * missing, turn by turn with the same PATCHes sent by undici. To be called while no controller runs and all is settled.
 */
export async function statusFigures(world: KubernetesWorld, size: number): Promise<Figure[]> {
  const token = await world.cluster.administratorToken();
  const bare = await openBareApi(world.cluster, token);
  const kubeconfig = await world.cluster.kubeconfigFor({ token });
  const told = (await people(world)).slice(0, size / 5);
  const statuses = new Map(told.map(({ metadata, status }) => [metadata.name, status]));
  const taken = async () => {
    await bare.clear(told);
    const now = (await people(world)).filter(({ metadata }) => statuses.has(metadata.name));
    return now.map((each) => ({ ...each, status: statuses.get(each.metadata.name) }));
  };
  const sums = { publisher: 0, whole: 0, controller: 0, middle: 0 };
  for (let round = 0; round < rounds; round++) {
    sums.publisher += await timePublisher(kubeconfig, await taken());
    const times = await bare.write(await taken());
    sums.whole += times.at(-1)!;
    sums.middle += middle(times);
    await taken();
    sums.controller += await timeController(world, size, told.length);
  }
  await bare.close();
  const all = told.length * rounds;
  const rate = (part: number, seconds: number) => `${Math.round((all * part) / seconds)} a second`;
  const tool = (value: number) => ({ name: "bare undici", value });
  return [
    {
      what: `${all} statuses handed to what writes them, until all are written`,
      value: sums.publisher,
      unit: "s",
      tool: tool(sums.whole),
      goal: 1.25,
      note: `${rate(1, sums.publisher)} and ${rate(1, sums.whole)}; ${rounds} turns each`,
    },
    {
      what: `${all * 0.8} statuses written by a controller that starts among ${size} Identities`,
      value: sums.controller,
      unit: "s",
      tool: tool(sums.middle),
      goal: 1.25,
      note: `${rate(0.8, sums.controller)} and ${rate(0.8, sums.middle)}; the first and last tenth of ${rounds} turns left out`,
    },
  ];
}

async function people({ organisation }: KubernetesWorld): Promise<Stored[]> {
  return list.parse(JSON.parse(await organisation.must("get", "identities", "-o", "json"))).items;
}

function middle(times: readonly number[]): number {
  return times[Math.floor(0.9 * times.length)]! - times[Math.floor(0.1 * times.length)]!;
}

async function timePublisher(kubeconfig: string, statuses: readonly Stored[]): Promise<number> {
  const api = await openCluster({ kubeconfig, environment: {} });
  const refused = (error: Error) => {
    throw error;
  };
  const publisher = new Publisher(api, { instance: "bench", newId: randomUUID, refused });
  const start = performance.now();
  for (const { metadata, status } of statuses)
    publisher.status({
      object: { kind: "Identity", namespace, name: metadata.name, uid: metadata.uid },
      status: status as object,
      seen: () => metadata,
    });
  await publisher.flush();
  const taken = (performance.now() - start) / 1000;
  publisher.close();
  await api.close();
  return taken;
}

/** Seconds from when a tenth of the missing is written until nine tenths are. */
async function timeController(world: KubernetesWorld, size: number, missing: number): Promise<number> {
  const controller = await startController(world);
  const reaches = async (share: number) => {
    const isThere = async () => (await controller.metric(statusWrites)) >= missing * share;
    await waitFor(isThere, { timeout: 900_000, every: 100, what: `${share} of the statuses are written` });
    return performance.now();
  };
  const start = await reaches(0.1);
  const end = await reaches(0.9);
  await settled(controller, size);
  await controller.end();
  return (end - start) / 1000;
}
