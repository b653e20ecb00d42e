import { compile, isProblem, type ValuesExpression } from "../expression/compile.ts";
import type { StoreSpec, TargetSpec } from "../kinds/kinds.ts";
import type { AttributeMapping } from "../kinds/target.ts";
import { parseDuration } from "../model/duration.ts";
import { type AttributeSchema, attributeKey, type StoreSchema, type Values } from "../model/values.ts";
import type { TaskTerms } from "../tasks/task.ts";
import { type PasswordModel, passwordModel } from "./passwords.ts";

/** Where a mapped attribute's values come from: fixed in the manifest, or computed for each identity. */
export type ValueSource = { readonly values: Values } | { readonly expression: ValuesExpression };

export interface Mapping {
  readonly attribute: AttributeSchema;
  readonly apply: AttributeMapping["apply"];
  readonly sensitive: boolean;
  readonly from: ValueSource;
}

export interface MatchRule {
  /** Spelled as the schema spells them. */
  readonly keys: readonly string[];
  readonly strong: boolean;
}

/** A target made ready: expressions compiled, attributes resolved against the store's schema, durations in milliseconds. */
export interface TargetModel {
  readonly name: string;
  readonly store: string;
  readonly spec: TargetSpec;
  readonly storeSpec: StoreSpec;
  readonly schema: StoreSchema;
  readonly accountName: ValueSource;
  readonly mappings: readonly Mapping[];
  readonly match: readonly MatchRule[];
  /** Absent: Rollcall sets none by itself. */
  readonly passwords?: PasswordModel;
  /** Whom to ask for the changes; absent: Rollcall makes them itself. */
  readonly tasks?: TaskTerms;
  readonly settle: number;
  readonly deleteAfter: number | undefined;
  /** Targets that `account('…')` names: they are done first. */
  readonly dependsOn: ReadonlySet<string>;
  /** The state's: whatever is kept or shown of a sensitive value is a digest under it (law 9). */
  readonly digestKey: string;
}

/** A month: how long a disabled account is kept where a target deletes without saying when (law 8). */
const defaultGrace = 30 * 24 * 3_600_000;

function taskTerms({ owner, due, remind }: NonNullable<TargetSpec["tasks"]>): TaskTerms {
  return { owner, due: parseDuration(due), remind: parseDuration(remind) };
}

/** Puts a target together with its store's schema, or lists everything that does not fit. */
export function targetModel(
  name: string,
  spec: TargetSpec,
  storeSpec: StoreSpec,
  schema: StoreSchema,
  digestKey: string,
): { readonly model: TargetModel } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const source = (
    field: string,
    mapping: { value?: string | undefined; values?: string[] | undefined; expression?: string | undefined },
  ): ValueSource => {
    if (mapping.expression === undefined) return { values: mapping.values ?? [mapping.value ?? ""] };
    const compiled = compile(mapping.expression, { result: "values" });
    if (!isProblem(compiled)) return { expression: compiled };
    problems.push(`${field}: ${compiled.message}`);
    return { values: [] };
  };
  const mappings: Mapping[] = [];
  for (const [written, mapping] of Object.entries(spec.accounts.attributes)) {
    const field = `spec.accounts.attributes.${written}`;
    const attribute = schema.attributes.get(attributeKey(schema, written));
    if (!attribute) problems.push(`${field}: the store has no attribute ${written}`);
    else if (attribute.secret) problems.push(`${field}: holds a secret, which is never mapped`);
    else if (attribute.readOnly && mapping.apply !== "Report")
      problems.push(`${field}: is kept by the store and cannot be written; use apply: Report`);
    else
      mappings.push({
        attribute,
        apply: mapping.apply,
        sensitive: mapping.sensitive,
        from: source(field, mapping),
      });
  }
  const mapped = new Map(
    mappings.map((mapping) => [attributeKey(schema, mapping.attribute.name), mapping.attribute.name]),
  );
  const match = spec.accounts.match.map((rule) => ({
    strong: rule.strong,
    keys: rule.keys.map((key) => mapped.get(attributeKey(schema, key)) ?? key),
  }));
  const accountName = source("spec.accounts.name", spec.accounts.name);
  const passwords = passwordModel(spec.passwords, problems);
  if (problems.length > 0) return { problems };
  const sources = [accountName, ...mappings.map((mapping) => mapping.from)];
  const { action, deleteAfter } = spec.deprovision;
  return {
    model: {
      name,
      store: spec.store.name,
      spec,
      storeSpec,
      schema,
      accountName,
      mappings,
      match,
      ...(passwords && { passwords }),
      ...(spec.tasks && { tasks: taskTerms(spec.tasks) }),
      settle: parseDuration(spec.limits.settle),
      deleteAfter:
        deleteAfter !== undefined
          ? parseDuration(deleteAfter)
          : action === "Delete"
            ? defaultGrace
            : undefined,
      digestKey,
      dependsOn: new Set(
        sources.flatMap((from) => ("expression" in from ? [...from.expression.targets] : [])),
      ),
    },
  };
}
