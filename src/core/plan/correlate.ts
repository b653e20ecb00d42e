import type { DesiredAccount } from "../desired/desired.ts";
import type { TargetModel } from "../desired/target-model.ts";
import type { AccountRecord } from "../model/account.ts";
import type { Link } from "../model/link.ts";
import { getOrAdd } from "../model/maps.ts";
import { normalise } from "../model/matching.ts";
import { valuesOf } from "../model/values.ts";
import type { AccountCase } from "./case.ts";
import { strongKeys } from "./remember.ts";

type Present = Extract<DesiredAccount, { presence: "Present" }>;

/** Whose an unlinked identity's account is. */
export type Correlation =
  /** Nobody's: it may be created. */
  | { readonly result: "None" }
  | {
      readonly result: "Match";
      readonly record: AccountRecord;
      readonly strong: boolean;
      readonly by: string;
    }
  /** Several accounts, or an account in the way: a person must decide. */
  | { readonly result: "Conflict"; readonly message: string };

/**
 * Looks for the account of an identity that has no link: the pinned one; else by the rules in order, the first that hits
 * decides. One hit is a match, several are a conflict, and an account that bears the wanted name without matching any rule is in the way,
 * except where links that were lost are made anew (`byName`).
 */
export function correlate(
  model: TargetModel,
  one: Pick<AccountCase, "pinned" | "candidates">,
  desired: Present,
  { byName = false }: { readonly byName?: boolean } = {},
): Correlation {
  if (one.pinned !== undefined) {
    const record = one.candidates.find((candidate) => candidate.anchor === one.pinned);
    if (record) return { result: "Match", record, strong: true, by: "spec.links" };
    return {
      result: "Conflict",
      message: `spec.links names the account ${one.pinned}, which does not exist or is another identity's`,
    };
  }
  for (const rule of model.match) {
    const wanted = keyValues(rule.keys, desired);
    if (!wanted) continue;
    const hits = one.candidates.filter((candidate) => holds(model, candidate, wanted));
    const by = rule.keys.join(" and ");
    if (hits.length === 1 && hits[0]) return { result: "Match", record: hits[0], strong: rule.strong, by };
    if (hits.length > 1)
      return {
        result: "Conflict",
        message: `${hits.length} accounts match by ${by} (${hits
          .slice(0, 3)
          .map((hit) => hit.name)
          .join("; ")}): pin one with spec.links`,
      };
  }
  const taken = one.candidates.find((candidate) => sameName(model, candidate.name, desired.name));
  if (taken && byName) return { result: "Match", record: taken, strong: false, by: "name" };
  if (taken)
    return {
      result: "Conflict",
      message: `${taken.name} exists already and no match rule says whose it is: pin it with spec.links, or give the identity another name`,
    };
  return { result: "None" };
}

/** The questions to put to the store so that `correlate` has all it needs: one a rule, one for the name. */
export function questions(
  model: TargetModel,
  desired: Present,
): readonly { readonly keys: Readonly<Record<string, string>>; readonly name?: string }[] {
  const asked: { keys: Record<string, string>; name?: string }[] = [{ keys: {}, name: desired.name }];
  for (const rule of model.match) {
    const keys = keyValues(rule.keys, desired);
    if (keys) asked.push({ keys: Object.fromEntries(keys) });
  }
  return asked;
}

/** The link that a match makes. Nothing is written to the store for it. */
export function adopt(model: TargetModel, one: AccountCase, desired: Present, record: AccountRecord): Link {
  return {
    target: model.name,
    identity: one.identity,
    anchor: record.anchor,
    name: record.name,
    origin: one.pinned === record.anchor ? "Pinned" : "Adopted",
    strongKeys: strongKeys(model, desired),
    // Found disabled, it was disabled by somebody else: that is reported, not undone.
    status: "Enabled",
    applied: {},
    decided: desired.decided,
    reasons: desired.reasons,
  };
}

/** Who claims what: a thing that two identities claim goes to neither. */
export class Claims {
  readonly #first = new Map<string, string>();
  /** What several claim, with all who do. */
  readonly contested = new Map<string, string[]>();

  add(identity: string, thing: string): void {
    const first = this.#first.get(thing);
    if (first === undefined) this.#first.set(thing, identity);
    else getOrAdd(this.contested, thing, () => [first]).push(identity);
  }
}

function keyValues(keys: readonly string[], desired: Present): Map<string, string> | undefined {
  const values = new Map<string, string>();
  for (const key of keys) {
    const attribute = desired.attributes.find((each) => each.schema.name === key);
    const value = attribute?.values[0];
    // A rule whose key this identity does not have proves nothing.
    if (!attribute || value === undefined || value === "" || attribute.values.length > 1) return undefined;
    values.set(key, value);
  }
  return values;
}

function holds(model: TargetModel, candidate: AccountRecord, wanted: ReadonlyMap<string, string>): boolean {
  for (const [key, value] of wanted) {
    const mapping = model.mappings.find((each) => each.attribute.name === key);
    if (!mapping) return false;
    const same = normalise(mapping.attribute.matching, value);
    if (
      !valuesOf(candidate.attributes, key).some(
        (each) => normalise(mapping.attribute.matching, each) === same,
      )
    )
      return false;
  }
  return true;
}

function sameName(model: TargetModel, a: string, b: string): boolean {
  return normalise(model.schema.nameMatching, a) === normalise(model.schema.nameMatching, b);
}
