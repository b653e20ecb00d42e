import type { ExpressionContext } from "../expression/compile.ts";
import type { Values } from "../model/values.ts";
import type { Mapping, TargetModel, ValueSource } from "./target-model.ts";

/** What an expression may ask beyond its identity, given in so that this stays pure. */
export interface Surroundings extends ExpressionContext {
  /** Values that were decided at create, by attribute name (`name` for the account's own). */
  readonly decided: Readonly<Record<string, Values>>;
}

/** One value source evaluated for one identity. `null` results are left out: null leaves an attribute alone. */
export type Evaluated =
  | {
      readonly source: "name" | Mapping;
      readonly values: Values;
      readonly refersTo: readonly string[];
      readonly decided?: Values;
      readonly pending?: string;
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
  else if ("pending" in name && name.pending !== undefined) results.push({ waits: `its name needs ${name.pending}` });
  else results.push(name);
  for (const mapping of model.mappings) {
    const attribute = mapping.attribute;
    const result = one(mapping, attribute.name, mapping.from, context);
    if (result !== undefined) results.push(checked(mapping, result));
    else if (attribute.required) results.push({ held: `${attribute.name} is mandatory in the store, and its mapping gives nothing` });
  }
  return results;
}

function one(source: "name" | Mapping, key: string, from: ValueSource, context: Surroundings): Evaluated | undefined {
  if ("values" in from) return { source, values: from.values, refersTo: [] };
  const { expression } = from;
  const decided = context.decided[key];
  if (expression.unique && decided) return { source, values: decided, refersTo: [], decided };
  const result = expression.evaluate(context);
  if (!result.ok) return { held: `${key}: ${result.message}` };
  if (result.value === "pending") return { source, values: [], refersTo: [], pending: expression.source };
  if (result.value === null) return undefined;
  const values = result.value === "clear" ? [] : result.value;
  return { source, values, refersTo: result.refersTo, ...(expression.unique ? { decided: values } : {}) };
}

function checked(mapping: Mapping, result: Evaluated): Evaluated {
  if (!("values" in result) || result.pending !== undefined) return result;
  const { name, multiValued, maxLength, required } = mapping.attribute;
  const { values } = result;
  if (!multiValued && values.length > 1) return { held: `${name} takes one value in the store, and its mapping gives ${values.length}` };
  if (required && values.length === 0) return { held: `${name} is mandatory in the store, and its mapping clears it` };
  const long = maxLength === undefined ? undefined : values.find((value) => value.length > maxLength);
  if (long !== undefined) return { held: `${name} takes at most ${maxLength} characters in the store, and its mapping gives ${long.length}` };
  return result;
}
