import { compile, isProblem } from "../expression/compile.ts";
import type { Subject } from "../expression/language.ts";
import type { ExportSpec } from "./export.ts";
import type { Fault } from "./fault.ts";
import type { TargetSpec } from "./kinds.ts";
import type { AnyResource } from "./resource.ts";

interface Written {
  readonly path: Fault["path"];
  readonly source: string;
  readonly result: "bool" | "string" | "name" | "values" | "cell";
  readonly over?: Subject;
}

/** What is wrong with an object's expressions, with line and column where the text has several lines. */
export function expressionFaults(object: AnyResource): Fault[] {
  return expressionsOf(object).flatMap(({ path, source, ...how }) => {
    const compiled = compile(source, how);
    if (!isProblem(compiled)) return [];
    const { line, column } = compiled.position;
    const place = source.includes("\n") ? `line ${line}, column ${column}` : `column ${column}`;
    return [{ path, message: `cannot be used (${place}): ${compiled.message}` }];
  });
}

/** The targets whose accounts a target's expressions read, by the field that does. */
export function targetsRead(
  object: AnyResource,
): { readonly path: Fault["path"]; readonly target: string }[] {
  const calling = expressionsOf(object).filter(({ source }) => source.includes("account"));
  return calling.flatMap(({ path, source, ...how }) => {
    const compiled = compile(source, how);
    return isProblem(compiled) ? [] : Array.from(compiled.targets, (target) => ({ path, target }));
  });
}

function expressionsOf({ kind, spec }: AnyResource): Written[] {
  if (kind === "Target") return targetExpressions(spec);
  if (kind === "Export") return exportExpressions(spec);
  const when = kind === "BusinessRole" ? spec.members?.when : undefined;
  return when === undefined ? [] : [{ path: ["members", "when"], source: when, result: "bool" }];
}

function targetExpressions({ accounts, passwords }: TargetSpec): Written[] {
  const { when, name, attributes } = accounts;
  const written: Written[] = [];
  const add = (path: string[], source: string | undefined, result: Written["result"]) => {
    if (source !== undefined) written.push({ path, source, result });
  };
  add(["accounts", "when"], when, "bool");
  add(["accounts", "name", "expression"], name.expression, "string");
  for (const [attribute, { expression }] of Object.entries(attributes)) {
    add(["accounts", "attributes", attribute, "expression"], expression, "values");
  }
  const places = { "initial.deliver": passwords?.initial?.deliver, from: passwords?.from };
  for (const [where, place] of Object.entries(places)) {
    const path = ["passwords", ...where.split(".")];
    add([...path, "secret", "name", "expression"], place?.secret?.name.expression, "name");
    add([...path, "file", "path", "expression"], place?.file?.path.expression, "name");
  }
  return written;
}

function exportExpressions({ columns, when }: ExportSpec): Written[] {
  return [
    ...(when === undefined
      ? []
      : [{ path: ["when"], source: when, result: "bool", over: "export" } as const]),
    ...columns.map(
      ({ expression }, index): Written => ({
        path: ["columns", index, "expression"],
        source: expression,
        result: "cell",
        over: "export",
      }),
    ),
  ];
}
