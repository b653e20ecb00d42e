import { expect, test } from "vitest";
import { caseOf, contextOf, desiredOf, modelOf } from "../../../test/support/planned.ts";
import type { Unknowns } from "../access/access.ts";
import type { Holding } from "../model/link.ts";
import { type AccountCase, verdict } from "./case.ts";
import type { PlanContext } from "./context.ts";
import { diffMemberships } from "./memberships.ts";

const because = [[{ source: "Grant", name: "g" }]];
const lab = { anchor: "g1", name: "lab", version: "1", attributes: {} };
const ref = { name: "lab", by: "Name" } as const;
const wanted = desiredOf({ entitlements: new Map([["lab", { ref, reasons: because }]]) });
const ensured = desiredOf({
  entitlements: new Map([["lab", { ref, reasons: because, ensure: { attributes: {} } }]]),
});
const unwanted = desiredOf();
const none = { presence: "None", why: [], unsettledSince: undefined, emergency: false } as const;
const known: Unknowns = { all: [], accounts: new Map(), entitlements: new Map() };
const held = (origin: Holding["origin"]): Holding => ({
  ...{ target: "people", identity: "ann", entitlement: "g1", name: "lab" },
  ...{ origin, reasons: because },
});

interface Row {
  readonly reason: string;
  readonly desired: AccountCase["desired"];
  readonly origin?: Holding["origin"];
  /** Whether the store has it; undefined: not read. */
  readonly has?: boolean;
  readonly missing?: boolean;
  /** Which of the two may not be changed. */
  readonly kept?: "account" | "entitlement";
  readonly unknown?: Partial<Unknowns>;
  readonly context?: Partial<PlanContext>;
  readonly does?: readonly string[];
  readonly drops?: boolean;
  readonly keeps?: readonly string[];
  readonly tells?: boolean;
}

const adopting = (adopt: string) => ({
  model: modelOf({ accounts: { ...modelOf().spec.accounts, adopt } } as Record<string, unknown>),
});
const why = "a rule errs";

test.each<Row>([
  { reason: "wanted and not there", desired: wanted, has: false, does: ["Grant"] },
  {
    reason: "ours and taken away by others",
    desired: wanted,
    origin: "Granted",
    has: false,
    does: ["Grant"],
  },
  { reason: "wanted and there before us", desired: wanted, has: true, does: ["Adopt"] },
  {
    reason: "there before us, where nothing is adopted",
    desired: wanted,
    has: true,
    context: adopting("Never"),
    keeps: ["Preexisting"],
  },
  { reason: "wanted and ours", desired: wanted, origin: "Granted", has: true },
  { reason: "wanted, ours and not read", desired: wanted, origin: "Adopted" },
  { reason: "wanted, not ours and not read", desired: wanted },
  { reason: "wanted, and no such thing is there", desired: wanted, missing: true, tells: true },
  { reason: "wanted, and to be made", desired: ensured, missing: true, does: ["Grant"] },
  {
    reason: "given by us and no longer wanted",
    desired: unwanted,
    origin: "Granted",
    has: true,
    does: ["Revoke"],
  },
  {
    reason: "adopted and no longer wanted",
    desired: unwanted,
    origin: "Adopted",
    has: true,
    does: ["Revoke"],
  },
  { reason: "no longer wanted and gone", desired: unwanted, origin: "Granted", has: false, drops: true },
  {
    reason: "there before us and no longer wanted",
    desired: unwanted,
    origin: "Preexisting",
    has: true,
    drops: true,
  },
  { reason: "theirs alone", desired: unwanted, has: true },
  {
    reason: "no longer given, while anything may be",
    desired: unwanted,
    origin: "Granted",
    has: true,
    unknown: { all: [why] },
    tells: true,
  },
  {
    reason: "no longer given, while just this may be",
    desired: unwanted,
    origin: "Granted",
    has: true,
    unknown: { entitlements: new Map([["people", new Map([["lab", why]])]]) },
    tells: true,
  },
  {
    reason: "no longer given, while something elsewhere may be",
    desired: unwanted,
    origin: "Granted",
    has: true,
    unknown: { entitlements: new Map([["admins", new Map([["lab", why]])]]) },
    does: ["Revoke"],
  },
  { reason: "a leaver's", desired: none, origin: "Granted", has: true, does: ["Revoke"] },
  {
    reason: "a leaver's, whatever rules may say",
    desired: none,
    origin: "Granted",
    has: true,
    unknown: { all: [why] },
    does: ["Revoke"],
  },
  {
    reason: "a leaver's, whose target takes none: it stays ours",
    desired: none,
    origin: "Granted",
    has: true,
    context: { model: modelOf({ deprovision: { revoke: "None" } }) },
  },
  {
    reason: "a mover's, whose target takes none from leavers",
    desired: unwanted,
    origin: "Granted",
    has: true,
    context: { model: modelOf({ deprovision: { revoke: "None" } }) },
    does: ["Revoke"],
  },
  { reason: "held", desired: { presence: "Held", reason: why }, origin: "Granted", has: true },
  { reason: "in an emergency", desired: { presence: "Disabled" }, origin: "Granted", has: true },
  { reason: "protected, and he has it", desired: wanted, kept: "account", has: true, keeps: ["Preexisting"] },
  {
    reason: "protected itself, and he has it",
    desired: wanted,
    kept: "entitlement",
    has: true,
    keeps: ["Preexisting"],
  },
  { reason: "protected: the guard sees it", desired: wanted, kept: "account", has: false, does: ["Grant"] },
  {
    reason: "of a protected one: the guard sees it",
    desired: unwanted,
    origin: "Granted",
    kept: "entitlement",
    has: true,
    does: ["Revoke"],
  },
  { reason: "cut", desired: { presence: "Cut" }, origin: "Granted", has: true },
])("$reason: $does", (row) => {
  const { desired, origin, has, kept, missing = false, unknown, context, does = [], drops = false } = row;
  const out = verdict();
  diffMemberships(
    contextOf(context),
    caseOf({ desired, holdings: origin === undefined ? [] : [held(origin)] }),
    {
      ...{ name: "uid=ann", anchor: "#1", memberKey: "ann", fresh: false },
      ...(kept === "account" ? { protected: "adminCount is 1" } : {}),
    },
    { ...known, ...unknown },
    {
      byKey: new Map([["lab", missing ? null : lab]]),
      members: new Map(has === undefined ? [] : [["g1", new Set(has ? ["ann", "bob"] : ["bob"])]]),
      names: new Map(missing ? [] : [["g1", "lab"]]),
      protected: new Map(kept === "entitlement" ? [["g1", "adminCount is 1"]] : []),
    },
    out,
  );
  expect(out.items.map((item) => item.operation)).toEqual(does);
  const reasons = out.items.map((item) => item.kind === "membership" && item.protected);
  expect(reasons).toEqual(does.map(() => kept && "adminCount is 1"));
  expect(out.dropHoldings).toHaveLength(drops ? 1 : 0);
  expect(out.holdings.map((holding) => holding.origin)).toEqual(row.keeps ?? []);
  expect(out.findings.map((finding) => finding.kind)).toEqual(row.tells === true ? ["Held"] : []);
});
