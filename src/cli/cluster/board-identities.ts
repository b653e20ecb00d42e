import type { IdentityStatus } from "../../core/kinds/status.ts";
import { runningTargets } from "../../engine/running.ts";
import { type AccountKnown, identityStatus } from "../../report/cluster/identity.ts";
import type { State } from "../../state/state.ts";
import { isThere } from "./board-changes.ts";
import { observed, type Seen, type View } from "./board-views.ts";

/** Entitlements held, by target and identity. */
export type Entitlements = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Counts what these identities hold, one question a target. */
export async function entitlementsOf(
  { snapshot, engine }: Pick<View, "snapshot" | "engine">,
  state: Pick<State, "holdings">,
  identities: readonly string[],
): Promise<Entitlements> {
  const counts = new Map<string, Map<string, number>>();
  for (const target of snapshot.objects.Target.keys()) {
    const lane = engine.lane(target);
    const linked = identities.filter((identity) => lane?.index.of(identity));
    if (linked.length === 0) continue;
    const held = new Map<string, number>();
    for (const { identity } of await state.holdings(target, { identities: linked }))
      held.set(identity, (held.get(identity) ?? 0) + 1);
    counts.set(target, held);
  }
  return counts;
}

/** Targets of which nothing is known now. One that is not there any longer is none of them: what was told of it goes. */
export function unseenTargets({ snapshot, engine, runs }: View): ReadonlyMap<string, "Away" | "Resting"> {
  const running = new Set(runningTargets(snapshot).map(({ name }) => name));
  const unseen = new Map<string, "Away" | "Resting">();
  for (const [target, { standing }] of snapshot.objects.Target) {
    const facts = runs.facts(target);
    if (!running.has(target)) {
      if (standing.status !== "Vanished") unseen.set(target, "Resting");
    } else if (!facts || facts.error || !engine.lane(target)) unseen.set(target, "Away");
  }
  return unseen;
}

export function identityView(
  view: View,
  seen: Seen,
  identity: string,
  known: {
    readonly entitlements: Entitlements;
    readonly unseen: ReadonlyMap<string, "Away" | "Resting">;
    /** Targets where it was changed just now. */
    readonly changed: ReadonlySet<string> | undefined;
  },
): IdentityStatus {
  const { snapshot, engine, runs } = view;
  const targets = [...snapshot.objects.Target.keys()].filter((name) => isThere(snapshot, "Target", name));
  const accounts = targets.map(
    (target): AccountKnown => ({
      target,
      link: engine.lane(target)?.index.of(identity),
      entitlements: known.entitlements.get(target)?.get(identity) ?? 0,
      issues: runs.issues(target, identity),
      changed: known.changed?.has(target) ?? false,
    }),
  );
  return identityStatus({ ...observed<IdentityStatus>(view, seen), accounts, unseen: known.unseen });
}
