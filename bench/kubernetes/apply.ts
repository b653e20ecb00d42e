import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterApi } from "../../src/resources/kubernetes/api.ts";
import type { Figure } from "../figure.ts";
import { percentile } from "../spread.ts";
import { now } from "./clock.ts";
import { applyByKubectl, applyByPatch, type Edit, edits } from "./edits.ts";
import { type Entries, openEntries } from "./entry.ts";
import type { KubernetesWorld } from "./world.ts";

/** Milliseconds of one edit: until whoever made it had its answer, and until the entry in the directory was another. */
interface Times {
  readonly answered: number;
  readonly changed: number;
}

/** What it takes from an edit in the cluster to the account's change, the controller running. */
export async function applyFigures(
  world: KubernetesWorld,
  api: ClusterApi,
  { size, turns, limit }: { size: number; turns: number; limit: readonly number[] },
): Promise<Figure[]> {
  await using entries = await openEntries(world.directory);
  const measure = async (what: string, apply: (edit: Edit) => Promise<void>) => {
    const all: Times[] = [];
    for (const edit of edits(size, turns, what)) {
      all.push(await timed(entries, edit, apply));
      await sleep(100 + Math.random() * 100);
    }
    return all;
  };
  const kubectl = await measure("Editor", (edit) => applyByKubectl(world, edit));
  const patch = await measure("Author", (edit) => applyByPatch(api, edit));
  return ([0.5, 0.99] as const).flatMap((share) => {
    const at = (values: readonly Times[], what: (times: Times) => number) =>
      percentile(values.map(what), share);
    const rank = `p${share * 100}`;
    const what = `One of ${size} Identities edited to LDAP entry changed`;
    const goal = share === 0.5 ? 50 : 250;
    return [
      {
        what: `${what}, from when kubectl apply had returned, ${rank}`,
        value: at(kubectl, ({ answered, changed }) => Math.max(0, changed - answered)),
        unit: "ms",
        goal,
        note: `${turns} edits; the change dated by the entry's entryCSN`,
      },
      {
        what: `${what}, from when kubectl apply was started, ${rank}`,
        value: at(kubectl, ({ changed }) => changed),
        unit: "ms",
        tool: { name: "kubectl apply itself", value: at(kubectl, ({ answered }) => answered) },
      },
      {
        what: `${what}, from when the same PATCH was sent, ${rank}`,
        value: at(patch, ({ changed }) => changed),
        unit: "ms",
        tool: { name: "bare watch and modify", value: percentile(limit, share) },
        goal,
        goalOf: "value",
        note: `the PATCH itself took ${at(patch, ({ answered }) => answered).toFixed(1)} ms`,
      },
    ];
  });
}

async function timed(entries: Entries, edit: Edit, apply: (edit: Edit) => Promise<void>): Promise<Times> {
  const start = now();
  await apply(edit);
  const answered = now();
  const changed = await entries.titled(edit.one, edit.title);
  return { answered: answered - start, changed: changed - start };
}
