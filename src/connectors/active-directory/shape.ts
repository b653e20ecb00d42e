import { parseFilter } from "../ldap/filter.ts";
import type { GroupShape, Shape } from "../ldap/shape.ts";
import { accountControl } from "./account-control.ts";
import type { ActiveDirectoryTarget } from "./schema.ts";

export function shapeOf({ bases, scope, filter, disable, groups, deleted }: ActiveDirectoryTarget): Shape {
  return {
    bases,
    scope: scope === "OneLevel" && bases.length > 0 ? "one" : "sub",
    filter: parseFilter(filter),
    state: accountControl,
    disabledBase: disable.moveTo,
    groups: groups && groupShape(groups),
    restores: deleted === "Restore",
  };
}

/** Bits of groupType (MS-ADTS §2.2.12). */
const types = { Global: 0x2, DomainLocal: 0x4, Universal: 0x8 } as const;
const security = -0x8000_0000;

export function groupShape(groups: NonNullable<ActiveDirectoryTarget["groups"]>): GroupShape {
  const { base, nameAttribute, type, purpose } = groups;
  const groupType = types[type] | (purpose === "Security" ? security : 0);
  return {
    base,
    objectClass: "group",
    nameAttribute,
    namingAttribute: "CN",
    memberAttribute: "member",
    membersAre: "Names",
    // The group's relative identifier (MS-ADTS §3.1.1.4.5.11, MS-SAMR §3.1.1.8.2).
    primary: { account: "primaryGroupID", group: "primaryGroupToken" },
    filler: undefined,
    initial: (name) => ({
      objectClass: ["group"],
      groupType: [String(groupType)],
      sAMAccountName: [name],
    }),
  };
}
