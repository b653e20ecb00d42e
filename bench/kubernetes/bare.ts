import { z } from "zod";
import type { ClusterApi } from "../../src/resources/kubernetes/api.ts";
import { now } from "./clock.ts";
import { applyByPatch, edits, identitiesPath } from "./edits.ts";
import { openEntries } from "./entry.ts";
import type { KubernetesWorld } from "./world.ts";

const list = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const event = z.object({ object: z.object({ metadata: z.object({ name: z.string() }) }) });

/**
 * What the least possible controller takes, in milliseconds an edit: it watches, and writes what it is told into the directory, without
 * knowing, checking or keeping anything. To be called while no other controller runs.
 */
export async function bareTimes(
  { directory }: KubernetesWorld,
  api: ClusterApi,
  size: number,
  turns: number,
): Promise<number[]> {
  await using entries = await openEntries(directory);
  const answer = await api.request({ method: "GET", path: identitiesPath, query: { limit: 1 } });
  const { resourceVersion } = list.parse(answer).metadata;
  const seen = new EventTarget();
  const stop = new AbortController();
  const watch = async () => {
    const query = { resourceVersion };
    for await (const value of api.watch({ path: identitiesPath, query, signal: stop.signal }))
      seen.dispatchEvent(new Event(event.parse(value).object.metadata.name));
  };
  const watching = watch().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const times: number[] = [];
  for (const edit of edits(size, turns, "Bare")) {
    const { promise, resolve } = Promise.withResolvers<void>();
    seen.addEventListener(edit.one.id, () => resolve(), { once: true });
    const start = now();
    const answered = applyByPatch(api, edit);
    await promise;
    await entries.retitle(edit.one, edit.title);
    times.push((await entries.titled(edit.one, edit.title)) - start);
    await answered;
  }
  stop.abort();
  await watching;
  return times;
}
