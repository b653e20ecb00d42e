import { type DesiredAccount, present } from "../desired/desired.ts";
import type { TargetModel } from "../desired/target-model.ts";
import { identityValue } from "../expression/identity-value.ts";
import { type IdentitySpec, identitySpec } from "../kinds/identity.ts";
import { explainIssue } from "../kinds/issue.ts";
import type { AccountRecord } from "../model/account.ts";
import { foldText } from "../model/distinguished-name.ts";
import { normalise, normalisedSet, sameValues } from "../model/matching.ts";
import { valuesOf } from "../model/values.ts";
import { attributeDeltas } from "../plan/attribute-deltas.ts";
import { boundsOf, storeSays } from "../plan/boundary.ts";
import type { Remark } from "./remark.ts";
import { askedFor, type Fields, isReversible, reverse } from "./reverse.ts";

/** An account, and what its mappings read backwards say of its identity. */
export interface Examined {
  readonly record: AccountRecord;
  readonly fields: Fields;
  /** Mapped attributes with values that the identity's fields do not give. */
  readonly unmapped: readonly string[];
  /** What the target would make of that identity; undefined where that cannot be told. */
  readonly desired: Extract<DesiredAccount, { presence: "Present" }> | undefined;
  /** Why no manifest is to be written. */
  readonly omitted: Remark | undefined;
}

/** What an account has is read backwards, and forwards again: whoever would be changed by being imported is left out. */
export function examiner(
  model: TargetModel,
  declared: ReadonlyMap<string, string>,
): (record: AccountRecord) => Examined {
  const outOfBounds = boundsOf(model);
  return (record) => {
    const { name, anchor } = record;
    const { fields, unmapped } = reverse(model, record);
    askedFor(model.spec.accounts.when ?? "", fields);
    const omit = (kind: Remark["kind"], detail: string): Examined => ({
      ...{ record, fields, unmapped: [], desired: undefined, omitted: { kind, name, detail } },
    });
    const bounds = outOfBounds({ names: [name], accountNames: [name], anchor, protected: storeSays(record) });
    if (bounds?.kind === "Boundary") return omit("OutOfBounds", bounds.reason);
    if (bounds) return omit("Protected", record.protected ?? bounds.reason);
    const other = otherKind(model, record);
    if (other !== undefined) return omit("OtherKind", other);
    const garbled = undecodable(model, record);
    if (garbled !== undefined) return omit("Undecodable", garbled);
    const known = declared.get(foldText(String(fields.userName)));
    if (known !== undefined) return omit("Declared", `Identity/${known}`);
    const invalid = invalidity(fields);
    if (invalid !== undefined) return omit("Invalid", invalid);
    const desired = forwards(model, fields);
    const unfit = record.enabled === false ? undefined : unfitness(model, record, desired, unmapped);
    if (unfit) return omit(...unfit);
    const told = desired.presence === "Present" ? desired : undefined;
    return {
      ...{ record, fields, desired: told, omitted: undefined },
      unmapped: unmapped.filter((attribute) => !isGiven(told, record, attribute)),
    };
  };
}

/** What an Identity cannot say. */
function invalidity(fields: Fields): string | undefined {
  const parsed = identitySpec.safeParse(fields, { error: (issue) => explainIssue(issue, undefined) });
  const [issue] = parsed.error?.issues ?? [];
  return issue && `${issue.path.join(".")} ${issue.message}`;
}

const nothingTaken = { accountOf: () => null, isTaken: () => false, decided: {} };

function forwards(model: TargetModel, fields: Fields): ReturnType<typeof present> {
  const identity = identityValue("", fields as unknown as IdentitySpec);
  const here = { account: [], entitlements: new Map(), entitlementsHash: "" };
  return present(model, here, { identity, ...nothingTaken });
}

/** What the mappings would change, or hold; not what a mapping that computes its value makes: that is the mapping's fault. */
function unfitness(
  model: TargetModel,
  record: AccountRecord,
  desired: ReturnType<typeof forwards>,
  unmapped: readonly string[],
): [Remark["kind"], string] | undefined {
  if (desired.presence !== "Present") {
    const countOf = (name: string) => valuesOf(record.attributes, name).length;
    const several = unmapped.find((name) => isHandedOn(model, name) && countOf(name) > 1);
    if (several === undefined) return ["Unfit", desired.reason];
    return ["Unfit", `${several} has ${countOf(several)} values, and its mapping hands on one`];
  }
  const { nameMatching } = model.schema;
  if (normalise(nameMatching, desired.name) !== normalise(nameMatching, record.name))
    return ["NamedOtherwise", `would become ${desired.name}`];
  const changed = attributeDeltas(desired, record, () => {}).find(({ name }) => isHandedOn(model, name));
  if (!changed) return undefined;
  const { name, before, after, sensitive } = changed;
  return [
    "Unfit",
    sensitive ? name : `${name} would become ${after.join(", ")}, and is ${before.join(", ")}`,
  ];
}

function isHandedOn(model: TargetModel, attribute: string): boolean {
  const from = model.mappings.find((mapping) => mapping.attribute.name === attribute)?.from;
  return from !== undefined && "expression" in from && isReversible(from.expression.source);
}

function isGiven(desired: Examined["desired"], record: AccountRecord, name: string): boolean {
  const given = desired?.attributes.find(({ schema }) => schema.name === name);
  return given !== undefined && sameValues(given.schema, given.values, valuesOf(record.attributes, name));
}

/** A value that every account gets when it is made, such as an object class, and that this one has not. */
function otherKind(model: TargetModel, { attributes }: AccountRecord): string | undefined {
  for (const { attribute, apply, from } of model.mappings) {
    // Others are defaults, which an account may well have changed since.
    const isKind = attribute.required && attribute.multiValued;
    if (!isKind || apply !== "OnCreate" || !("values" in from)) continue;
    const has = normalisedSet(attribute.matching, valuesOf(attributes, attribute.name));
    const missing = from.values.find((value) => !has.has(normalise(attribute.matching, value)));
    if (has.size > 0 && missing !== undefined) return `${attribute.name} lacks ${missing}`;
  }
  return undefined;
}

function undecodable(model: TargetModel, { attributes }: AccountRecord): string | undefined {
  return model.mappings.find(({ attribute }) =>
    valuesOf(attributes, attribute.name).some((value) => !value.isWellFormed()),
  )?.attribute.name;
}
