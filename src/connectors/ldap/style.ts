import type { LdifStyle } from "../../formats/ldif/style.ts";
import type { LdapTarget } from "./schema.ts";
import { type GroupShape, shapeOf, uidOf } from "./shape.ts";
import { lockAttribute, lockedForGood } from "./signs.ts";

export function styleOf(target: LdapTarget): LdifStyle {
  const state = stateStyle(target.disable);
  const { groups } = shapeOf(target);
  return { ...(state && { state }), ...(groups && { members: memberStyle(groups) }) };
}

export function memberStyle({
  memberAttribute,
  membersAre,
}: Pick<GroupShape, "memberAttribute" | "membersAre">): NonNullable<LdifStyle["members"]> {
  const value = (name: string) => (membersAre === "Uids" ? (uidOf(name) ?? name) : name);
  return { attribute: memberAttribute, value };
}

function stateStyle(disable: LdapTarget["disable"]): LdifStyle["state"] {
  const { attribute, lock } = disable ?? {};
  if (lock !== undefined)
    return (enabled) => ({ description: lockAttribute, values: enabled ? [] : [lockedForGood] });
  if (attribute === undefined) return undefined;
  const { name, disabled, enabled: on } = attribute;
  return (enabled) => ({
    description: name,
    values: enabled ? (on === undefined ? [] : [on]) : [disabled],
  });
}
