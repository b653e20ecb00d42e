import { binary } from "../../test/support/kubernetes/binaries.ts";
import type { Figure } from "../figure.ts";
import { median } from "../spread.ts";
import { seconds } from "../tool.ts";
import { type Running, settled, startController } from "./running.ts";
import { type KubernetesWorld, namespace } from "./world.ts";

const turns = 5;

/** Bytes of a controller's process that is at rest. */
export async function residentMemory(controller: Running): Promise<number> {
  return controller.metric("process_resident_memory_bytes");
}

/** Starts a controller on what is settled already: what that takes, and what it needs for each more than `few` Identities. */
export async function startFigures(
  world: KubernetesWorld,
  size: number,
  few: { readonly size: number; readonly memory: number },
): Promise<{ readonly controller: Running; readonly figures: readonly Figure[] }> {
  const { cluster, organisation } = world;
  const get = ["--kubeconfig", cluster.kubeconfig, "-n", namespace, "get", "identities", "-o", "json"];
  const gets: number[] = [];
  const starts: Running[] = [];
  for (let turn = 0; turn < turns; turn++) {
    await starts.at(-1)?.end();
    gets.push(await seconds(binary("kubectl"), get));
    starts.push(await startController(world));
  }
  const controller = starts.at(-1)!;
  await settled(controller, size);
  const memory = await residentMemory(controller);
  const json = (await organisation.must(...get.slice(4))).length / size;
  const figures: Figure[] = [
    {
      what: `Start of a controller with ${size} Identities, until it is ready`,
      value: median(starts.map(({ starting }) => starting)),
      unit: "s",
      tool: { name: "kubectl get -o json", value: median(gets) },
      goal: 3,
      note: `medians of ${turns}; a pass over everybody was done after ${median(starts.map(({ looking }) => looking)).toFixed(1)} s`,
    },
    {
      what: `Resident memory for each of ${size} Identities`,
      value: (memory - few.memory) / (size - few.size) / 1024,
      unit: "KB",
      tool: { name: "kubectl get -o json", value: json / 1024 },
      note: `${Math.round(memory / 2 ** 20)} MB; ${Math.round(few.memory / 2 ** 20)} MB with ${few.size}`,
    },
  ];
  return { controller, figures };
}
