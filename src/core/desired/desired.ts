import type { EntitlementAccess, IdentityAccess, TargetAccess } from "../access/access.ts";
import type { InForce } from "../kinds/resource.ts";
import type { Reason, ReasonChain } from "../model/change.ts";
import { keyedDigest, shortSha256 } from "../model/hash.ts";
import type { AttributeSchema, Values } from "../model/values.ts";
import { type Evaluated, evaluate, type Surroundings } from "./evaluate.ts";
import { type DesiredPassword, desiredPassword } from "./passwords.ts";
import type { Mapping, TargetModel } from "./target-model.ts";

/** What one attribute should be. `values` is empty where it should be cleared. */
export interface DesiredAttribute {
  readonly schema: AttributeSchema;
  readonly values: Values;
  readonly apply: Mapping["apply"];
  readonly sensitive: boolean;
  /** The expression, where its value is another store's to assign and not there yet: shown and hashed in its place. */
  readonly pending?: string;
  /** The expression, where its value comes from an account in another store. */
  readonly assigned?: string;
  /** Its values name other accounts of this target. */
  readonly reference: boolean;
}

/** What should be of one identity's account in one target. */
export type DesiredAccount =
  | {
      readonly presence: "Present";
      readonly name: string;
      readonly attributes: readonly DesiredAttribute[];
      /** Identities whose accounts in this target the attributes name. */
      readonly refersTo: readonly string[];
      /** Values to be decided at create, by attribute name (`name` for the account's own). */
      readonly decided: Readonly<Record<string, Values>>;
      readonly password?: DesiredPassword;
      readonly entitlements: ReadonlyMap<string, EntitlementAccess>;
      readonly reasons: readonly ReasonChain[];
      /** Over name and attributes; under the state's key where one of them is sensitive. */
      readonly hash: string;
      /** Over the entitlements: which, why, and what is declared of them. */
      readonly entitlementsHash: string;
    }
  /** Proved: nothing is due here. `unsettledSince` (ms): because something vanished or a policy was edited then. */
  | {
      readonly presence: "None";
      readonly why: ReasonChain;
      readonly unsettledSince: number | undefined;
      readonly emergency: boolean;
    }
  /** An emergency disable is in force: nothing else is done to the account until it ends. */
  | { readonly presence: "Disabled" }
  /** A person said that no account here is this identity's. */
  | { readonly presence: "Cut" }
  | { readonly presence: "Held"; readonly reason: string }
  /** Waits for its account in another target. */
  | { readonly presence: "Pending"; readonly reason: string };

/** The account that `identity` should have in this target. */
export function desiredAccount(
  model: TargetModel,
  identity: InForce<"Identity">,
  access: IdentityAccess,
  policyChangedAt: number,
  context: Surroundings,
): DesiredAccount {
  const { spec } = identity.resource;
  if (spec.links?.some((link) => link.target === model.name && link.cut)) return { presence: "Cut" };
  const here = access.targets.get(model.name);
  const { inactive, emergency, vanishedAt } = access;
  if (inactive) return { presence: "None", why: [inactive], unsettledSince: vanishedAt, emergency };
  // Before anything that may be unknown or fail: an emergency waits for nothing.
  if (emergency) return { presence: "Disabled" };
  if (!here || here.account.length === 0) return absent(model, access, policyChangedAt);
  return present(model, here, context);
}

type DesiredPresent = Extract<DesiredAccount, { presence: "Present" }>;
type Good = Extract<Evaluated, { source: unknown }>;

function absent(model: TargetModel, access: IdentityAccess, policyChangedAt: number): DesiredAccount {
  const unknown = access.unknown.all[0] ?? access.unknown.accounts.get(model.name);
  if (unknown !== undefined) return { presence: "Held", reason: unknown };
  const why: Reason = { source: "Rule", name: "", detail: "no rule, role or grant gives an account here" };
  return { presence: "None", why: [why], unsettledSince: policyChangedAt, emergency: false };
}

/** The same of whom an account is due, whatever brings it. */
export function present(
  model: TargetModel,
  here: TargetAccess,
  context: Surroundings,
): Extract<DesiredAccount, { presence: "Present" | "Held" | "Pending" }> {
  const evaluated = evaluate(model, context);
  const failed = evaluated.find((result) => "held" in result || "waits" in result);
  if (failed && "held" in failed) return { presence: "Held", reason: failed.held };
  if (failed && "waits" in failed) return { presence: "Pending", reason: failed.waits };
  const good = evaluated.filter((result): result is Good => "source" in result);
  const name = good.find((result) => result.source === "name")?.values[0] ?? "";
  const attributes = good.filter((result) => result.source !== "name").map(attributeOf);
  const password = desiredPassword(model.passwords, { identity: context.identity });
  return {
    presence: "Present",
    name,
    attributes,
    ...(password && { password }),
    refersTo: [...new Set(good.flatMap((result) => result.refersTo))],
    decided: good.some((result) => result.decided) ? decidedBy(good) : nothingDecided,
    entitlements: here.entitlements,
    reasons: here.account,
    hash: hashOf(model, name, attributes),
    entitlementsHash: here.entitlementsHash,
  };
}

/** One for all who have nothing decided, who are nearly all. */
const nothingDecided: DesiredPresent["decided"] = Object.freeze({});

function decidedBy(good: readonly Good[]): DesiredPresent["decided"] {
  return Object.fromEntries(
    good.flatMap((result) => (result.decided ? [[keyOf(result.source), result.decided]] : [])),
  );
}

function attributeOf({ source, values, pending, assigned, refersTo }: Good): DesiredAttribute {
  const { attribute: schema, apply, sensitive } = source as Mapping;
  const plain = { schema, values, apply, sensitive, reference: refersTo.length > 0 };
  if (pending === undefined && assigned === undefined) return plain;
  return {
    ...plain,
    ...(pending === undefined ? {} : { pending }),
    ...(assigned === undefined ? {} : { assigned }),
  };
}

function hashOf(model: TargetModel, name: string, attributes: readonly DesiredAttribute[]): string {
  const text = JSON.stringify([name, attributes.map((each) => [each.schema.name, each.values])]);
  const isSensitive = attributes.some((each) => each.sensitive);
  return isSensitive ? keyedDigest(model.digestKey, text).slice(0, 32) : shortSha256(text, 16);
}

function keyOf(source: "name" | Mapping): string {
  return source === "name" ? "name" : source.attribute.name;
}
