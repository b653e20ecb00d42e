import { Clear, type EvaluationContext } from "../expression/context.ts";
import type { Attributes, Values } from "../model/values.ts";
import type { Mapping, TargetModel, ValueSource } from "./target-model.ts";

/** What expressions may ask beyond their identity, given in so that this stays pure. */
export interface Surroundings extends Pick<EvaluationContext, "identity" | "account"> {
  /** The account that another Identity object, by name, has or will have in this target. */
  readonly accountOf: (
    name: string,
  ) => { readonly identity: string; readonly name: string } | null | { readonly held: string };
  /** Whether another account has this value; `key` is the attribute's name, or `name`. */
  readonly isTaken: (key: string, candidate: string) => boolean;
  /** What `unique()` chose at create, by the same key. */
  readonly decided: Attributes;
}

/** One value source evaluated for one identity. `null` results are left out: null leaves an attribute alone. */
export type Evaluated =
  | {
      readonly source: "name" | Mapping;
      readonly values: Values;
      readonly refersTo: readonly string[];
      readonly decided?: Values;
      readonly pending?: string;
      readonly assigned?: string;
    }
  | { readonly held: string }
  | { readonly waits: string };

/** Evaluates the account's name and every mapping, and checks the values against the store's schema. */
export function evaluate(model: TargetModel, context: Surroundings): readonly Evaluated[] {
  const results: Evaluated[] = [];
  const name = one("name", "name", model.accountName, context);
  if (name === undefined) results.push({ held: "spec.accounts.name gives nothing for this identity" });
  else if ("values" in name && (name.values.length !== 1 || name.values[0] === ""))
    results.push({ held: `spec.accounts.name must give one text, not ${name.values.length}` });
  else if ("pending" in name && name.pending !== undefined)
    results.push({ waits: `its name needs ${name.pending}` });
  else results.push(name);
  for (const mapping of model.mappings) {
    const attribute = mapping.attribute;
    const result = one(mapping, attribute.name, mapping.from, context);
    if (result !== undefined) results.push(checked(mapping, result));
    else if (attribute.required)
      results.push({ held: `${attribute.name} is mandatory in the store, and its mapping gives nothing` });
  }
  return results;
}

/** The name alone, for those who refer to this account; undefined where it cannot be told. */
export function accountNameOf(model: TargetModel, context: Surroundings): string | undefined {
  const result = one("name", "name", model.accountName, context);
  return result && "values" in result && result.pending === undefined ? result.values[0] : undefined;
}

function one(
  source: "name" | Mapping,
  key: string,
  from: ValueSource,
  context: Surroundings,
): Evaluated | undefined {
  if ("values" in from) return { source, values: from.values, refersTo: [] };
  const { expression } = from;
  const refersTo: string[] = [];
  const decided = context.decided[key]?.[0];
  const result = expression.evaluate({
    identity: context.identity,
    ...(context.account ? { account: context.account } : {}),
    accountOf: (name) => {
      const account = context.accountOf(name);
      if (account === null || "held" in account) return account;
      refersTo.push(account.identity);
      return account.name;
    },
    isTaken: (candidate) => context.isTaken(key, candidate),
    ...(decided === undefined ? {} : { decided }),
  });
  if (!result.ok) return { held: `${key}: ${result.message}` };
  const { value } = result;
  if (value === null) return undefined;
  if (value instanceof Clear) return { source, values: [], refersTo };
  if ("pending" in value) return { source, values: [], refersTo, pending: expression.source };
  return {
    source,
    values: value,
    refersTo,
    ...(result.decided === undefined ? {} : { decided: [result.decided] }),
    ...(expression.targets.size === 0 ? {} : { assigned: expression.source }),
  };
}

function checked(mapping: Mapping, result: Evaluated): Evaluated {
  if (!("values" in result) || result.pending !== undefined) return result;
  const { name, multiValued, maxLength, required } = mapping.attribute;
  const { values } = result;
  if (!multiValued && values.length > 1)
    return { held: `${name} takes one value in the store, and its mapping gives ${values.length}` };
  if (required && values.length === 0)
    return { held: `${name} is mandatory in the store, and its mapping clears it` };
  const long = maxLength === undefined ? undefined : values.find((value) => value.length > maxLength);
  if (long !== undefined)
    return {
      held: `${name} takes at most ${maxLength} characters in the store, and its mapping gives ${long.length}`,
    };
  return result;
}
