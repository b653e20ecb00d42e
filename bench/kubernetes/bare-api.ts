import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import { apiVersion } from "../../src/core/kinds/kinds.ts";
import type { Cluster } from "../../test/support/kubernetes/cluster.ts";
import { identitiesPath } from "./edits.ts";

/** An Identity as far as its status is concerned. */
export interface Told {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly status?: unknown;
}

/** PATCHes under way at once. */
const together = 64;

/** The API server by undici alone: what else there is to a status costs nothing here. */
export interface BareApi {
  /** Takes these people's statuses away. */
  clear(people: readonly Told[]): Promise<void>;
  /** Writes these statuses as Rollcall does; seconds since it began at which each was answered, in their order. */
  write(people: readonly Told[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

export async function openBareApi({ url, ca }: Cluster, token: string): Promise<BareApi> {
  const dispatcher = new Agent({ allowH2: true, connect: { ca: await readFile(ca.path, "utf8") } });
  const patch = async (path: string, type: string, body: object) => {
    const { statusCode, body: answer } = await request(`${url}${identitiesPath}/${path}`, {
      dispatcher,
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
  };
  return {
    clear: (people) =>
      forEach(people, ({ metadata: { name } }) =>
        patch(`${name}/status`, "application/merge-patch+json", { status: null }),
      ),
    async write(people) {
      const start = performance.now();
      const times: number[] = [];
      await forEach(people, async ({ metadata: { name, resourceVersion }, status }) => {
        const path = `${name}/status?fieldManager=rollcall&force=true`;
        const body = { apiVersion, kind: "Identity", metadata: { name, resourceVersion }, status };
        await patch(path, "application/apply-patch+yaml", body);
        times.push((performance.now() - start) / 1000);
      });
      return times;
    },
    close: () => dispatcher.close(),
  };
}

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: together }, worker));
}
