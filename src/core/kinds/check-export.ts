import { compile, isProblem } from "../expression/compile.ts";
import type { ExportSpec } from "./export.ts";
import type { Fault } from "./fault.ts";
import { fieldOf } from "./field.ts";
import type { AnyResource, Problem, Resource } from "./resource.ts";

/** What names an attribute in LDIF: its name or OID, and options (RFC 4512 §2.5). */
const attributeDescription = /^(?:[A-Za-z][A-Za-z0-9_-]*|[0-9]+(?:[.][0-9]+)*)(?:;[A-Za-z0-9-]+)*$/;

/** What is wrong with an Export that its schema cannot say. */
export function exportFaults(spec: ExportSpec): Fault[] {
  const faults = spec.format === "Ldif" ? ldifFaults(spec) : [];
  const other = spec.target ? "accounts" : "account";
  const cure = spec.target ? "an export of a target reads account" : "an export of identities reads accounts";
  const look = (path: Fault["path"], source: string, result: "bool" | "cell") => {
    const compiled = compile(source, { result, over: "export" });
    if (!isProblem(compiled) && compiled.variables.has(other))
      faults.push({ path, message: `reads ${other}, which there is none of here: ${cure}` });
  };
  if (spec.when !== undefined) look(["when"], spec.when, "bool");
  for (const [index, { expression }] of spec.columns.entries())
    look(["columns", index, "expression"], expression, "cell");
  return faults;
}

/** What would make another record of one (RFC 2849). */
const reserved: readonly string[] = ["changetype", "control"];

function ldifFaults({ columns }: ExportSpec): Fault[] {
  const faults: Fault[] = [];
  if (!columns.some(({ name }) => name === "dn"))
    faults.push({ path: ["columns"], message: "must have one called dn: each record of LDIF has a name" });
  for (const [index, { name }] of columns.entries()) {
    const key = name.toLowerCase();
    const isTaken =
      reserved.includes(key) || columns.slice(0, index).some((one) => one.name.toLowerCase() === key);
    if (!attributeDescription.test(name) || isTaken)
      faults.push({
        path: ["columns", index, "name"],
        message: isTaken
          ? "must be no word of LDIF's own, nor another column's name, whatever its case"
          : "must be an attribute's name, as LDIF has it",
      });
  }
  return faults;
}

/** Exports that would write over what is something else: a file of a Store, or another Export's. As wrong as if it were in the Export itself. */
export function checkExports(resources: readonly Resource[]): Problem[] {
  const objects = resources as readonly AnyResource[];
  const exports = objects.filter((object) => object.kind === "Export");
  if (exports.length === 0) return [];
  const stores = objects.flatMap((object) =>
    object.kind === "Store" ? textsIn(object.spec.block.config).map((text) => ({ object, text })) : [],
  );
  return exports.flatMap(({ kind, name, location, spec }) => {
    const path = simplest(spec.file);
    const owner =
      stores.find(({ text }) => liesAt(path, text))?.object ??
      exports.find((other) => other.name !== name && simplest(other.spec.file) === path);
    if (!owner) return [];
    const message = `is also a file of ${owner.kind} "${owner.name}": choose another one`;
    return [{ kind, name, ...(location && { location }), field: fieldOf(["spec", "file"]), message }];
  });
}

/** Whether a path is, or lies in, what a Store's text would name if it were a path. An absolute one may be below any root. */
function liesAt(path: string, text: string): boolean {
  const place = simplest(text);
  if (text.startsWith("/")) return place === path || place.endsWith(`/${path}`);
  return path === place || (place !== "" && path.startsWith(`${place}/`));
}

/** A path the simplest way of saying it. */
function simplest(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return steps.join("/");
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
}
