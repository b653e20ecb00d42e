import type { DesiredAccount } from "../desired/desired.ts";
import type { TargetModel } from "../desired/target-model.ts";
import type { AccountRecord } from "../model/account.ts";
import { keyedDigest } from "../model/hash.ts";
import type { Link } from "../model/link.ts";
import { normalise } from "../model/matching.ts";
import { type Attributes, type Matching, valuesOf } from "../model/values.ts";
import type { Verdict } from "./case.ts";
import type { PlanContext } from "./context.ts";

type Present = Extract<DesiredAccount, { presence: "Present" }>;

/** What a link remembers of an account that is found, or made, as desired. */
export function remember(link: Link, record: AccountRecord, desired: Present, context: PlanContext): Link {
  const { disabledAt: _, ...rest } = link;
  return {
    ...rest,
    name: record.name,
    status: "Enabled",
    seen: record.version,
    desired: `${desired.hash}/${desired.entitlementsHash}`,
    applied: appliedValues(desired),
    decided: desired.decided,
    strongKeys: strongKeys(context.model, desired, link.strongKeys),
    reasons: desired.reasons,
  };
}

/** The link with what its account was like when it was read: what may not be changed, and what keeps it from logging in. */
export function withSeen(link: Link, { protected: why, trouble }: NonNullable<Verdict["seen"]>): Link {
  const { protected: _, trouble: __, ...rest } = link;
  return {
    ...rest,
    ...(why === undefined ? {} : { protected: why }),
    ...(trouble.length === 0 ? {} : { trouble: [...trouble].sort() }),
  };
}

function appliedValues(desired: Present): Attributes {
  return Object.fromEntries(
    desired.attributes
      .filter((attribute) => !attribute.sensitive && attribute.apply !== "Report")
      .map((attribute) => [attribute.schema.name, attribute.values]),
  );
}

/** The values that prove whose account it is, normalised. `known`: as they were; one that is absent now proves what it did. */
export function strongKeys(
  model: TargetModel,
  desired: Present,
  known: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const keys = new Set(model.match.flatMap((rule) => (rule.strong ? rule.keys : [])));
  if (keys.size === 0) return {};
  const found = Object.entries(known).filter(([key]) => keys.has(key));
  for (const { schema, values, sensitive } of desired.attributes)
    if (keys.has(schema.name) && values[0] !== undefined)
      found.push([schema.name, proofOf(model, schema.matching, values[0], sensitive)]);
  return Object.fromEntries(found);
}

/** A strong key's value in the one form it is compared in; a sensitive one as a digest. */
export function proofOf(model: TargetModel, matching: Matching, value: string, sensitive: boolean): string {
  const form = normalise(matching, value);
  return sensitive ? keyedDigest(model.digestKey, form) : form;
}

/** The same as an account bears them that was made by us and never remembered. */
export function strongKeysOf(model: TargetModel, record: AccountRecord): Readonly<Record<string, string>> {
  const keys = new Set(model.match.flatMap((rule) => (rule.strong ? rule.keys : [])));
  return Object.fromEntries(
    model.mappings.flatMap(({ attribute, sensitive }) => {
      const [value] = valuesOf(record.attributes, attribute.name);
      if (value === undefined || !keys.has(attribute.name)) return [];
      return [[attribute.name, proofOf(model, attribute.matching, value, sensitive)]];
    }),
  );
}

/** What proves identity in a target: one text for each strong rule whose keys are all there. Two identities with one in common are one person. */
export function proofs(model: TargetModel, keys: Readonly<Record<string, string>>): readonly string[] {
  return model.match.flatMap((rule) =>
    rule.strong && rule.keys.every((key) => keys[key] !== undefined)
      ? [rule.keys.map((key) => `${key} ${keys[key]}`).join(" and ")]
      : [],
  );
}

/** The same `id` with other strong keys is somebody else, who must not inherit the account; unless a person decided it by a pin. */
export function heir(
  context: Pick<PlanContext, "model">,
  link: Link,
  desired: Present,
  pinned: string | undefined,
): string | undefined {
  const changed = link.origin === "Pinned" ? undefined : strangerTo(context, link, desired, pinned);
  if (changed === undefined) return undefined;
  return `${link.name} was linked with another ${changed}: this looks like somebody else under the same id. Pin it with spec.links to confirm, or give the newcomer another id`;
}

/** The strong key that says that whoever is wanted now is not who had this account; undefined where none does, or a person decided it by a pin. */
function strangerTo(
  context: Pick<PlanContext, "model">,
  had: Pick<Link, "anchor" | "strongKeys">,
  desired: Present,
  pinned: string | undefined,
): string | undefined {
  if (had.anchor === pinned) return undefined;
  const now = strongKeys(context.model, desired);
  return Object.keys(had.strongKeys).find(
    (key) => now[key] !== undefined && now[key] !== had.strongKeys[key],
  );
}

/**
 * Whether it is known that whoever is wanted now is who had this account: what is deleted and is brought back gives access, and what is not
 * told proves nothing. Where no strong key was ever known, the `id` alone says who it is.
 */
export function isProvenOwner(
  context: Pick<PlanContext, "model">,
  had: Pick<Link, "anchor" | "strongKeys">,
  desired: Present,
  pinned: string | undefined,
): boolean {
  if (strangerTo(context, had, desired, pinned) !== undefined) return false;
  const known = Object.entries(had.strongKeys);
  const now = strongKeys(context.model, desired);
  return had.anchor === pinned || known.length === 0 || known.some(([key, value]) => now[key] === value);
}
