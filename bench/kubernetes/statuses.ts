import { readFile } from "node:fs/promises";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
import { apiVersion } from "../../src/core/kinds/kinds.ts";
import { waitFor } from "../../test/support/wait.ts";
import type { Figure } from "../figure.ts";
import { identitiesPath } from "./edits.ts";
import { settled, startController, statusWrites } from "./running.ts";
import type { KubernetesWorld } from "./world.ts";

const stored = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string() }),
  status: z.unknown().optional(),
});
const list = z.object({ items: z.array(stored) });
type Stored = z.infer<typeof stored>;

/** PATCHes under way at once. */
const together = 64;

/**
 * How long writing all people's statuses takes a controller that finds none, and how long the same PATCHes take when they are all that
 * is done. To be called while no controller runs and all is settled.
 */
export async function statusFigures(world: KubernetesWorld, size: number): Promise<Figure[]> {
  const token = await world.cluster.administratorToken();
  const ca = await readFile(world.cluster.ca.path, "utf8");
  const agent = new Agent({ allowH2: true, connect: { ca } });
  const bare: BareApi = { agent, url: world.cluster.url, token };
  const told = await people(world);
  await clear(bare, told);
  const rollcall = await timeController(world, size);
  await clear(bare, told);
  const undici = await timeBare(bare, told, await people(world));
  await agent.close();
  const rate = (seconds: number) => `${Math.round((size * 0.8) / seconds)} a second`;
  return [
    {
      what: `${size * 0.8} statuses written by a controller that starts`,
      value: rollcall,
      unit: "s",
      tool: { name: "bare undici", value: undici },
      goal: 1.25,
      note: `${rate(rollcall)} and ${rate(undici)}; a tenth before and after left out`,
    },
  ];
}

interface BareApi {
  readonly agent: Dispatcher;
  readonly url: string;
  readonly token: string;
}

async function people({ organisation }: KubernetesWorld): Promise<Stored[]> {
  return list.parse(JSON.parse(await organisation.must("get", "identities", "-o", "json"))).items;
}

/** Seconds from when a tenth is written until nine tenths are. */
async function timeController(world: KubernetesWorld, size: number): Promise<number> {
  const controller = await startController(world);
  const reaches = async (share: number) => {
    const isThere = async () => (await controller.metric(statusWrites)) >= size * share;
    await waitFor(isThere, { timeout: 900_000, every: 200, what: `${share} of the statuses are written` });
    return performance.now();
  };
  const start = await reaches(0.1);
  const end = await reaches(0.9);
  await settled(controller, size);
  await controller.end();
  return (end - start) / 1000;
}

/** The same for bare requests of the same statuses. */
async function timeBare(bare: BareApi, told: readonly Stored[], now: readonly Stored[]): Promise<number> {
  const statuses = new Map(told.map(({ metadata, status }) => [metadata.name, status]));
  const times: number[] = [];
  await forEach(now, async ({ metadata: { name, resourceVersion } }) => {
    const metadata = { name, resourceVersion };
    const body = { apiVersion, kind: "Identity", metadata, status: statuses.get(name) };
    await patch(
      bare,
      `${name}/status?fieldManager=rollcall&force=true`,
      "application/apply-patch+yaml",
      body,
    );
    times.push(performance.now());
  });
  const at = (share: number) => times[Math.floor(share * times.length)]!;
  return (at(0.9) - at(0.1)) / 1000;
}

async function clear(bare: BareApi, all: readonly Stored[]): Promise<void> {
  await forEach(all, ({ metadata: { name } }) =>
    patch(bare, `${name}/status`, "application/merge-patch+json", { status: null }),
  );
}

async function patch(
  { agent, url, token }: BareApi,
  path: string,
  type: string,
  body: object,
): Promise<void> {
  const { statusCode, body: answer } = await request(`${url}${identitiesPath}/${path}`, {
    dispatcher: agent,
    method: "PATCH",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": type,
      accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (statusCode >= 300) throw new Error(`PATCH ${path}: ${statusCode} ${text}`);
}

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: together }, worker));
}
