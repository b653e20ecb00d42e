import { binary } from "../../test/support/kubernetes/binaries.ts";
import type { Figure } from "../figure.ts";
import { seconds } from "../tool.ts";
import { type Running, settled, startController } from "./running.ts";
import { type KubernetesWorld, namespace } from "./world.ts";

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
  const before = await seconds(binary("kubectl"), get);
  const controller = await startController(world);
  const after = await seconds(binary("kubectl"), get);
  await settled(controller, size);
  const memory = await residentMemory(controller);
  const json = (await organisation.must(...get.slice(4))).length / size;
  const figures: Figure[] = [
    {
      what: `Start of a controller with ${size} Identities, until it is ready`,
      value: controller.starting,
      unit: "s",
      tool: { name: "kubectl get -o json", value: (before + after) / 2 },
      goal: 3,
      note: `the first pass over everybody was done after ${controller.looking.toFixed(1)} s`,
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
