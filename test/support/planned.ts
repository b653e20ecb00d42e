import type { ConnectorType } from "../../src/connectors/contract.ts";
import { memoryConnector } from "../../src/connectors/memory/memory.ts";
import type { DesiredAccount } from "../../src/core/desired/desired.ts";
import { type TargetModel, targetModel } from "../../src/core/desired/target-model.ts";
import type { StoreSpec, TargetSpec } from "../../src/core/kinds/kinds.ts";
import { manifestParser } from "../../src/core/kinds/parse.ts";
import type { AccountRecord } from "../../src/core/model/account.ts";
import type { AccountItem, MembershipItem, PlanItem } from "../../src/core/model/change.ts";
import type { Link } from "../../src/core/model/link.ts";
import type { AttributeSchema, Attributes, StoreSchema } from "../../src/core/model/values.ts";
import type { AccountCase } from "../../src/core/plan/case.ts";
import type { PlanContext } from "../../src/core/plan/context.ts";
import { accountItem, membershipItem, wave } from "../../src/core/plan/item.ts";
import { company } from "./company.ts";

const parser = manifestParser([memoryConnector() as ConnectorType]);
const key = "the state's key";
const annsName = "uid=ann,ou=people,dc=example,dc=org";

const text: Omit<AttributeSchema, "name"> = {
  matching: "caseIgnore",
  multiValued: true,
  readOnly: false,
  required: false,
  secret: false,
};
const schema: StoreSchema = {
  attributes: new Map(
    ["mail", "employeeNumber", "department"].map((name) => [name, { name, ...text }] as const),
  ),
  attributeNames: "caseExact",
  nameMatching: "distinguishedName",
  lag: 0,
  entitlementNeedsMember: false,
};

/** The company's target as a model, with changes to its manifest and its store's. */
export function modelOf(
  target: Record<string, unknown> = {},
  store: Record<string, unknown> = {},
): TargetModel {
  const [storeManifest, targetManifest] = company(target);
  const specOf = (manifest: { kind: string; name: string; spec: object } | undefined, more: object) => {
    const { kind, name, spec } = manifest!;
    const document = {
      apiVersion: "rollcall.dev/v1alpha1",
      kind,
      metadata: { name },
      spec: { ...spec, ...more },
    };
    const { resource, problems } = parser.parse(document, "digest");
    if (!resource) throw new Error(JSON.stringify(problems));
    return resource.spec;
  };
  const made = targetModel(
    "people",
    specOf(targetManifest, {}) as TargetSpec,
    specOf(storeManifest, store) as StoreSpec,
    schema,
    key,
  );
  if ("problems" in made) throw new Error(made.problems.join("; "));
  return made.model;
}

/** An account item as a planner would make it. */
export function planned(
  parts: Partial<AccountItem> & Pick<AccountItem, "operation"> & { readonly identity: string },
): PlanItem {
  return accountItem(
    {
      target: "people",
      name: `uid=${parts.identity},ou=people,dc=example,dc=org`,
      wave: wave.Accounts,
      attributes: [],
      reasons: [],
      reversible: true,
      ...parts,
    },
    key,
  );
}

/** The same for a membership. */
export function plannedMembership(
  parts: Partial<MembershipItem> & Pick<MembershipItem, "operation"> & { readonly identity: string },
): PlanItem {
  const entitlement = { name: "lab", by: "Name" } as const;
  return membershipItem({
    target: "people",
    name: `uid=${parts.identity},ou=people,dc=example,dc=org`,
    wave: parts.operation === "Revoke" ? wave.Revokes : wave.Grants,
    reasons: [],
    reversible: true,
    entitlement,
    entitlementName: entitlement.name,
    ...parts,
  });
}

/** What a generator of pure work comes to. */
export function outcomeOf<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

type Present = Extract<DesiredAccount, { presence: "Present" }>;

/** What should be of ann's account, with changes. */
export function desiredOf(parts: Partial<Present> & { readonly values?: Attributes } = {}): Present {
  const { values = { mail: ["ann@example.org"], employeeNumber: ["E-1"] }, ...more } = parts;
  return {
    presence: "Present",
    name: annsName,
    attributes: Object.entries(values).map(([name, wanted]) => ({
      schema: { name, ...text },
      values: wanted,
      apply: "Always",
      sensitive: false,
      reference: false,
    })),
    refersTo: [],
    decided: {},
    entitlements: new Map(),
    reasons: [[{ source: "Target", name: "people" }]],
    hash: "hash",
    entitlementsHash: "entitlements",
    ...more,
  };
}

/** Ann's account as it was read, with changes. */
export function recordOf(parts: Partial<AccountRecord> = {}): AccountRecord {
  const attributes = { mail: ["ann@example.org"], employeeNumber: ["E-1"] };
  return { anchor: "#1", name: annsName, version: "v1", enabled: true, attributes, ...parts };
}

/** Ann's link, with changes. */
export function linkOf(parts: Partial<Link> = {}): Link {
  return {
    ...{ target: "people", identity: "ann", anchor: "#1", name: annsName, origin: "Created" },
    ...{ strongKeys: {}, status: "Enabled", seen: "v1", desired: "hash/entitlements" },
    ...{ applied: {}, decided: {}, reasons: [] },
    ...parts,
  };
}

/** Ann's case: as desired, linked and there, with changes. */
export function caseOf(parts: Partial<AccountCase> = {}): AccountCase {
  return {
    ...{ identity: "ann", desired: desiredOf(), link: linkOf(), record: recordOf() },
    ...{ candidates: [], pinned: undefined, holdings: [] },
    ...parts,
  };
}

export function contextOf(parts: Partial<PlanContext> = {}): PlanContext {
  return {
    ...{ model: modelOf(), now: 1_000_000, digestKey: key, policyChangedAt: 0 },
    can: { rename: true, disable: true, restore: true },
    ...parts,
  };
}
