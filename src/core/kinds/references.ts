import { targetsRead } from "./expressions.ts";
import type { Fault } from "./fault.ts";
import type { KindName } from "./kinds.ts";
import type { AnyResource } from "./resource.ts";

/** One object's mention of another. */
export interface Reference {
  readonly path: Fault["path"];
  readonly kind: KindName;
  readonly name: string;
}

/** Every object that an object names. */
export function referencesOf(object: AnyResource): Reference[] {
  const references: Reference[] = [];
  const add = (kind: KindName, path: Fault["path"], name: string | undefined) => {
    if (name !== undefined) references.push({ kind, path, name });
  };
  const { kind, spec } = object;
  switch (kind) {
    case "Identity":
      add("Identity", ["manager", "name"], spec.manager?.name);
      for (const [index, link] of (spec.links ?? []).entries())
        add("Target", ["links", index, "target"], link.target);
      break;
    case "BusinessRole":
      add("Identity", ["owner", "name"], spec.owner?.name);
      for (const [index, { name }] of spec.accessProfiles.entries()) {
        add("AccessProfile", ["accessProfiles", index, "name"], name);
      }
      break;
    case "AccessProfile":
      add("Identity", ["owner", "name"], spec.owner?.name);
      add("Target", ["target", "name"], spec.target.name);
      break;
    case "Grant":
      add("Identity", ["identity", "name"], spec.identity.name);
      add("BusinessRole", ["businessRole", "name"], spec.businessRole?.name);
      add("AccessProfile", ["accessProfile", "name"], spec.accessProfile?.name);
      add("Target", ["entitlement", "target", "name"], spec.entitlement?.target.name);
      break;
    case "Target":
      add("Store", ["store", "name"], spec.store.name);
      for (const { path, target } of targetsRead(object)) add("Target", path, target);
      break;
    case "Export":
      add("Target", ["target", "name"], spec.target?.name);
      break;
    case "Store":
      break;
  }
  return references;
}
