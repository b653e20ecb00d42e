import { expect, test } from "vitest";
import { modelOf, planned, plannedMembership } from "../../../test/support/planned.ts";
import type { PlanItem } from "../model/change.ts";
import { boundaryCheck } from "./boundary.ts";

const check = (item: PlanItem, store: Record<string, unknown>) => {
  const model = modelOf({}, store);
  return boundaryCheck(model)(item)?.kind;
};
const ann = planned({ operation: "Update", identity: "ann", anchor: "#1" });
const people = { boundary: { bases: ["ou=people,dc=example,dc=org"] } };
const uids = { boundary: { names: ["uid=[a-z]+,ou=people,dc=example,dc=org"] } };

test.each([
  { item: ann, store: {}, kind: undefined, reason: "nothing is said" },
  { item: ann, store: { protected: [ann.name] }, kind: "Protected", reason: "its name" },
  {
    item: ann,
    store: { protected: ["UID=Ann, OU=people, DC=example, DC=org"] },
    kind: "Protected",
    reason: "its name in another spelling",
  },
  { item: ann, store: { protected: ["#1"] }, kind: "Protected", reason: "its anchor" },
  { item: ann, store: { protected: ["#11"] }, kind: undefined, reason: "another anchor" },
  { item: ann, store: people, kind: undefined, reason: "it lies below the base" },
  {
    item: ann,
    store: { boundary: { bases: ["ou=eople,dc=example,dc=org"] } },
    kind: "Boundary",
    reason: "a base is no suffix of a text",
  },
  {
    item: { ...ann, rename: "uid=ann,ou=admins,dc=example,dc=org" } as PlanItem,
    store: people,
    kind: "Boundary",
    reason: "it would come to lie outside",
  },
  {
    item: { ...ann, rename: "uid=root,ou=people,dc=example,dc=org" } as PlanItem,
    store: { protected: ["uid=root,ou=people,dc=example,dc=org"] },
    kind: "Protected",
    reason: "it would take a protected name",
  },
  { item: ann, store: uids, kind: undefined, reason: "its whole name matches" },
  {
    item: planned({ operation: "Create", identity: "ann2" }),
    store: uids,
    kind: "Boundary",
    reason: "a part of its name matches, and the whole does not",
  },
  {
    item: plannedMembership({
      operation: "Grant",
      identity: "ann",
      anchor: "#1",
      entitlementName: "cn=admins,ou=groups,dc=example,dc=org",
    }),
    store: people,
    kind: "Boundary",
    reason: "its entitlement lies outside",
  },
  {
    item: plannedMembership({ operation: "Grant", identity: "ann", anchor: "#1", entitlementName: "lab" }),
    store: { protected: ["lab"] },
    kind: "Protected",
    reason: "its entitlement is protected",
  },
])("$kind: $reason", ({ item, store, kind }) => expect(check(item, store)).toBe(kind));
