import { openCluster } from "../../src/resources/kubernetes/open-cluster.ts";
import { people } from "../company.ts";
import type { Figure } from "../figure.ts";
import { applyFigures } from "./apply.ts";
import { bareTimes } from "./bare.ts";
import { idleFigures } from "./idle.ts";
import { settled, startController } from "./running.ts";
import { residentMemory, startFigures } from "./starting.ts";
import { statusFigures } from "./statuses.ts";
import { identity, startWorld } from "./world.ts";

const few = 10;

/** A controller as its chart installs it, on a real API server: edits, statuses, starts, and passes with nothing to do. */
export async function kubernetes(size: number, turns: number): Promise<Figure[]> {
  await using world = await startWorld();
  const everyone = people(size).map(identity);
  await world.organisation.createMany(everyone.slice(0, few));
  const first = await startController(world);
  await settled(first, few);
  const memory = await residentMemory(first);
  await world.organisation.createMany(everyone.slice(few));
  await settled(first, size);
  await first.end();
  const api = await openCluster({ kubeconfig: world.cluster.kubeconfig, environment: {} });
  const limit = await bareTimes(world, api, size, turns);
  const { controller, figures } = await startFigures(world, size, { size: few, memory });
  const edited = await applyFigures(world, api, { size, turns, limit });
  const idle = await idleFigures(world, controller, size);
  await controller.end();
  await api.close();
  return [...edited, ...(await statusFigures(world, size)), ...figures, ...idle];
}
