import { compareAccess } from "../core/access/compare.ts";
import type { DesiredAccount } from "../core/desired/desired.ts";
import type { IdentitySpec } from "../core/kinds/identity.ts";
import type { InForce, Snapshot } from "../core/kinds/resource.ts";
import type { Values } from "../core/model/values.ts";
import type { Supposition } from "../report/explanation.ts";
import { masked } from "../report/patch.ts";
import type { Desires } from "./desires.ts";
import type { Engine } from "./engine.ts";

/** What would be otherwise for an identity if its manifest said `spec`. Asks no store. */
export function suppose(
  engine: Engine,
  id: string,
  spec: IdentitySpec,
  edits: readonly string[],
  now: number,
): Supposition {
  const before = engine.desires();
  const identity = before?.identity(id);
  if (!before || !identity) throw new Error(`no manifest says who ${id} is`);
  const after = engine.supposing(withIdentity(before.snapshot, identity, spec));
  const access = after.access(id, now);
  return {
    edits,
    active: access?.inactive === undefined,
    access: compareAccess(before.access(id, now), access),
    values: [...before.snapshot.objects.Target.keys()].flatMap((target) =>
      engine.lane(target) ? valuesIn(target, id, before, after, now) : [],
    ),
    unknown: access ? [...access.unknown.all, ...heldIn(engine, after, id, now)] : [],
  };
}

function withIdentity(snapshot: Snapshot, identity: InForce<"Identity">, spec: IdentitySpec): Snapshot {
  const { name } = identity.resource;
  const supposed: InForce<"Identity"> = {
    resource: { ...identity.resource, spec, digest: `supposed ${identity.resource.digest}` },
    standing: { status: "Current" },
  };
  return {
    ...snapshot,
    objects: { ...snapshot.objects, Identity: new Map([...snapshot.objects.Identity, [name, supposed]]) },
  };
}

function valuesIn(
  target: string,
  id: string,
  before: Desires,
  after: Desires,
  now: number,
): Supposition["values"] {
  const old = shownValues(before.desire(target, id, now));
  const supposed = shownValues(after.desire(target, id, now));
  if (!old || !supposed) return [];
  return [...new Set([...old.keys(), ...supposed.keys()])]
    .map((name) => ({ target, name, before: old.get(name), after: supposed.get(name) }))
    .filter((each) => JSON.stringify(each.before?.values) !== JSON.stringify(each.after?.values))
    .map((each) => ({
      target,
      name: each.name,
      before: each.before?.shown ?? [],
      after: each.after?.shown ?? [],
    }));
}

function shownValues(desired: DesiredAccount) {
  if (desired.presence !== "Present") return undefined;
  const shown = new Map<string, { values: Values; shown: Values }>();
  shown.set("name", { values: [desired.name], shown: [desired.name] });
  for (const { schema, values, sensitive } of desired.attributes)
    shown.set(schema.name, { values, shown: sensitive ? masked(values) : values });
  return shown;
}

function heldIn(engine: Engine, after: Desires, id: string, now: number): readonly string[] {
  return [...after.snapshot.objects.Target.keys()].flatMap((target) => {
    if (!engine.lane(target)) return [];
    const desired = after.desire(target, id, now);
    return desired.presence === "Held" || desired.presence === "Pending"
      ? [`${target}: ${desired.reason}`]
      : [];
  });
}
