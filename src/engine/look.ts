import type { Memory } from "./foreseen.ts";
import { observe } from "./observe.ts";
import { callFor, type Parts } from "./parts.ts";
import type { TargetLane } from "./target-lane.ts";

/** What a run knows before it decides anything. */
export interface Look {
  /** Whether the store was looked at in this run: what earlier ones saw may have changed since. */
  readonly fresh: boolean;
  /** Identities whose account or memberships may differ from what was found converged. */
  readonly suspects: ReadonlySet<string>;
  /** Entitlements that changed, with the version that was seen before their members were read. */
  readonly touched: readonly { readonly anchor: string; readonly name: string; readonly version: string }[];
  /** Member keys of those, by anchor. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** The store's marker before the scan; undefined where there was none. */
  readonly marker: string | undefined;
}

/** Looks at a store: nothing at all where its marker is unchanged, else a scan, and the members of the entitlements that changed. */
export async function look(
  parts: Parts,
  lane: TargetLane,
  memory: Memory,
  options: { readonly pass: boolean; readonly full: boolean },
): Promise<Look> {
  const nothing = nothingSeen(lane, options);
  if (!options.pass) return nothing;
  const { connector, model } = lane;
  const call = callFor(parts, 600_000);
  parts.progress({ target: model.name, step: "reading", done: 0, total: undefined });
  const marker = await connector.marker?.(call);
  if (!options.full && marker !== undefined && marker === lane.marker) return nothing;
  const seen = await observe(connector, lane, lane.entitlements, call, { ...options, marker });
  lane.observation = seen;
  const members = new Map<string, Set<string>>(seen.entitlements.map(({ anchor }) => [anchor, new Set()]));
  if (members.size > 0)
    for await (const page of connector.memberships([...members.keys()], call))
      for (const { entitlement, member } of page) members.get(entitlement)?.add(member);
  const suspects = new Set(seen.suspects);
  const changed = [...members.keys(), ...seen.gone];
  const witnessed = new Set<string>();
  if (changed.length > 0)
    for (const { identity, entitlement } of await memory.holdings(model.name, {
      entitlements: changed,
    })) {
      const link = lane.index.of(identity);
      if (!link) continue;
      // One who still holds it is looked at all the same: through her the plan sees what the entitlement should be.
      if (witnessed.has(entitlement) && members.get(entitlement)?.has(connector.memberKey(link))) continue;
      witnessed.add(entitlement);
      suspects.add(identity);
    }
  return { fresh: true, suspects, touched: seen.entitlements, members, marker };
}

/** What a run knows that has not looked, or need not. */
export function nothingSeen(
  { marker }: Pick<TargetLane, "marker">,
  { pass }: { readonly pass: boolean },
): Look {
  return { fresh: pass, suspects: new Set(), touched: [], members: new Map(), marker };
}
