import type { ConnectorType } from "../../src/connectors/contract.ts";
import { memoryConnector } from "../../src/connectors/memory/memory.ts";
import { type TargetModel, targetModel } from "../../src/core/desired/target-model.ts";
import type { StoreSpec, TargetSpec } from "../../src/core/kinds/kinds.ts";
import { manifestParser } from "../../src/core/kinds/parse.ts";
import type { AccountItem, MembershipItem, PlanItem } from "../../src/core/model/change.ts";
import type { AttributeSchema, StoreSchema } from "../../src/core/model/values.ts";
import { accountItem, membershipItem, wave } from "../../src/core/plan/item.ts";
import { company } from "./company.ts";

const parser = manifestParser([memoryConnector() as ConnectorType]);
const key = "the state's key";

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
