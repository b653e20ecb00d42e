import { compile, type Expression, isProblem, type Rule } from "../expression/compile.ts";
import type { Cell } from "../expression/result.ts";
import type { ExportSpec } from "../kinds/export.ts";

export interface Column {
  readonly name: string;
  readonly expression: Expression<Cell>;
}

/** The columns of an export made ready: expressions compiled, and what they read. */
export interface ExportModel {
  readonly columns: readonly Column[];
  /** Which rows there are; undefined: all. */
  readonly when: Rule | undefined;
  /** What is read of each variable: see `Dependencies.variables`. */
  readonly reads: ReadonlyMap<string, ReadonlySet<string>>;
}

export type ExportColumns = Pick<ExportSpec, "columns" | "when">;

/** Compiles an export's expressions, or lists what is wrong with them. */
export function exportModel({
  columns,
  when,
}: ExportColumns): { readonly model: ExportModel } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const made = columns.flatMap(({ name, expression }): Column[] => {
    const compiled = compile(expression, { result: "cell", over: "export" });
    if (!isProblem(compiled)) return [{ name, expression: compiled }];
    problems.push(`column ${name}: ${compiled.message}`);
    return [];
  });
  const rule = when === undefined ? undefined : compile(when, { result: "bool", over: "export" });
  if (rule && isProblem(rule)) return { problems: [...problems, `when: ${rule.message}`] };
  if (problems.length > 0) return { problems };
  const reads = new Map<string, ReadonlySet<string>>();
  for (const { variables } of [...made.map(({ expression }) => expression), ...(rule ? [rule] : [])])
    for (const [variable, paths] of variables)
      reads.set(variable, (reads.get(variable) ?? new Set<string>()).union(paths));
  return { model: { columns: made, when: rule, reads } };
}

const attribute = "attributes.";

/** The store's attributes that an export reads by their names. */
export function attributesRead({ reads }: ExportModel): readonly string[] {
  return [...(reads.get("account") ?? [])].flatMap((path) =>
    path.startsWith(attribute) ? path.slice(attribute.length) : [],
  );
}

/** Whether it reads something of the account: a path as `reads` has them. */
export function readsOfAccount({ reads }: ExportModel, path: string): boolean {
  const paths = reads.get("account");
  return paths !== undefined && (paths.has(path) || paths.has("*"));
}
