import type { EntitlementRecord, EntitlementRef } from "../../core/model/account.ts";
import type { Call, Membership, Sighting } from "../contract.ts";
import { type GroupShape, memberKey } from "../ldap/shape.ts";
import { findGroups, groupPages, memberPages } from "./groups.ts";
import type { KnownEntries } from "./reader.ts";
import { groupSighting } from "./records.ts";
import type { Shape } from "./shape.ts";

/** What a target's entitlements are: groups, or the values of an attribute of accounts. */
export interface Entitlements {
  readonly creates: boolean;
  scan(known: KnownEntries, call: Call): AsyncIterable<readonly Sighting[]>;
  find(
    known: KnownEntries,
    refs: readonly EntitlementRef[],
    call: Call,
  ): Promise<readonly (EntitlementRecord | undefined)[]>;
  members(known: KnownEntries, anchors: readonly string[], call: Call): AsyncIterable<readonly Membership[]>;
  memberKey(account: { readonly anchor: string; readonly name: string }): string;
}

export function entitlementsOf(shape: Shape): Entitlements | undefined {
  if (shape.groups !== undefined) return asGroups(shape, shape.groups);
  return shape.held === undefined ? undefined : asValues;
}

function asGroups(shape: Shape, groups: GroupShape): Entitlements {
  return {
    creates: true,
    async *scan({ settled }) {
      for await (const page of groupPages(settled)) yield page.map((row) => groupSighting(row, shape));
    },
    find: ({ settled }, refs) => findGroups(settled, groups, refs),
    members: ({ settled }, anchors) => memberPages(settled, groups, anchors),
    memberKey: ({ name }) => memberKey(groups, name),
  };
}

/** Known by their names alone. */
const asValues: Entitlements = {
  creates: false,
  async *scan({ held }, call) {
    const records = (await held?.records(call))?.values() ?? [];
    yield [...records].map(({ anchor, version, name }) => ({ anchor, version, name }));
  },
  async find({ held }, refs, call) {
    const records = await held?.records(call);
    return refs.map(({ name, by }) => (by === "DN" ? undefined : records?.get(name)));
  },
  async *members({ held }, anchors, call) {
    if (held !== undefined) yield* held.members(anchors, call);
  },
  memberKey: ({ anchor }) => anchor,
};
