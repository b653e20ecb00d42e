import { RE2JS } from "re2js";
import { endOf, startOf } from "../model/moment.ts";
import { exportFaults } from "./check-export.ts";
import { expressionFaults } from "./expressions.ts";
import type { Fault } from "./fault.ts";
import { fieldOf } from "./field.ts";
import type { StoreSpec, TargetSpec } from "./kinds.ts";
import { didYouMean } from "./nearest.ts";
import type { AnyResource, Problem, Resource } from "./resource.ts";
import { secretsInClear } from "./secrets.ts";

/** What is wrong with an object that its schema cannot say, looking at nothing but the object. */
export function checkObject(resource: Resource): Problem[] {
  const object = resource as AnyResource;
  const faults = [...secretsInClear(object), ...expressionFaults(object), ...ownFaults(object)];
  return faults.map(({ path, ...fault }) => ({
    kind: object.kind,
    name: object.name,
    field: fieldOf(["spec", ...asWritten(object, path)]),
    ...fault,
  }));
}

/** A connector's block stands under the connector's name in the manifest. */
function asWritten({ kind, spec }: AnyResource, path: Fault["path"]): Fault["path"] {
  if (path[0] !== "block" || (kind !== "Store" && kind !== "Target")) return path;
  return [spec.block?.connector ?? "", ...path.slice(2)];
}

function ownFaults({ kind, spec }: AnyResource): Fault[] {
  if (kind === "Identity") return periodFaults(spec.lifecycle, ["lifecycle"], "start", "end");
  if (kind === "Grant") return periodFaults(spec, [], "from", "until");
  if (kind === "Store") return patternFaults(spec);
  if (kind === "Export") return exportFaults(spec);
  return kind === "Target" ? targetFaults(spec) : [];
}

function periodFaults<K extends string>(
  period: { readonly [key in K]?: string | undefined } | undefined,
  path: Fault["path"],
  first: K,
  last: K,
): Fault[] {
  const [from, until] = [period?.[first], period?.[last]];
  const [begin, end] = [from && startOf(from), until && endOf(until)];
  const faults: Fault[] = [];
  if (from !== undefined && begin === undefined)
    faults.push({ path: [...path, first], message: "is no date of the calendar" });
  if (until !== undefined && end === undefined)
    faults.push({ path: [...path, last], message: "is no date of the calendar" });
  if (typeof begin === "number" && typeof end === "number" && end <= begin) {
    faults.push({ path: [...path, last], message: `must be after ${first}` });
  }
  return faults;
}

function patternFaults({ boundary }: StoreSpec): Fault[] {
  return (boundary?.names ?? []).flatMap((pattern, index) => {
    try {
      RE2JS.compile(pattern);
      return [];
    } catch (error) {
      const message = `must be an RE2 pattern: ${error instanceof Error ? error.message : String(error)}`;
      return [{ path: ["boundary", "names", index], message }];
    }
  });
}

function targetFaults({ accounts, allow, deprovision, limits }: TargetSpec): Fault[] {
  const faults: Fault[] = [];
  const mapped = Object.keys(accounts.attributes);
  for (const [index, { keys }] of accounts.match.entries()) {
    for (const [at, key] of keys.entries()) {
      if (mapped.some((name) => name.toLowerCase() === key.toLowerCase())) continue;
      const message = `is not mapped: add ${key} to spec.accounts.attributes${didYouMean(key, mapped)}`;
      faults.push({ path: ["accounts", "match", index, "keys", at], message });
    }
  }
  const deletes = allow.includes("Delete");
  const needsDelete = "needs Delete in spec.allow";
  if (deprovision.deleteAfter !== undefined && !deletes) {
    faults.push({ path: ["deprovision", "deleteAfter"], message: needsDelete });
  }
  if (deprovision.action === "Delete" && !deletes) {
    faults.push({ path: ["deprovision", "action"], message: needsDelete });
  }
  for (const budget of ["removals", "updates", "creates"] as const) {
    const { atLeast, atMost } = limits[budget] ?? {};
    if (atLeast === undefined || atMost === undefined || atLeast <= atMost) continue;
    faults.push({ path: ["limits", budget, "atLeast"], message: `must not be above atMost (${atMost})` });
  }
  return faults;
}
