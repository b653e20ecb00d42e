import type { LdifStyle } from "../../formats/ldif/style.ts";
import type { LdapTarget, StateAttribute } from "./schema.ts";
import { type GroupShape, shapeOf, uidOf } from "./shape.ts";
import { lockAttribute, lockedForGood } from "./signs.ts";

export function styleOf(target: LdapTarget): LdifStyle {
  const { attribute, lock } = target.disable ?? {};
  const { groups } = shapeOf(target);
  return {
    ...(attribute && { state: stateStyle(attribute) }),
    ...(lock && { state: stateStyle({ name: lockAttribute, disabled: lockedForGood }) }),
    ...(groups && { members: memberStyle(groups) }),
  };
}

export function stateStyle({ name, disabled, enabled: on }: StateAttribute): NonNullable<LdifStyle["state"]> {
  return (enabled) => ({
    description: name,
    values: enabled ? (on === undefined ? [] : [on]) : [disabled],
  });
}

export function memberStyle({
  memberAttribute,
  membersAre,
}: Pick<GroupShape, "memberAttribute" | "membersAre">): NonNullable<LdifStyle["members"]> {
  const value = (name: string) => (membersAre === "Uids" ? (uidOf(name) ?? name) : name);
  return { attribute: memberAttribute, value };
}
