import { type IdentitySpec, identitySpec } from "../core/kinds/identity.ts";
import { explainIssue } from "../core/kinds/issue.ts";
import { didYouMean } from "../core/kinds/nearest.ts";
import { UsageError } from "./command.ts";

/** What an Identity would say with `FIELD=VALUE` written over it: `department=Sales`, `name.familyName=…`, `attributes.room=…`. */
export function supposedSpec(spec: IdentitySpec, edits: readonly string[]): IdentitySpec {
  const supposed = structuredClone(spec) as Record<string, unknown>;
  for (const edit of edits) {
    const equals = edit.indexOf("=");
    if (equals < 1) throw new UsageError(`--if must be FIELD=VALUE, as in department=Sales, not "${edit}"`);
    put(supposed, edit.slice(0, equals), edit.slice(equals + 1));
  }
  const parsed = identitySpec.safeParse(supposed, { error: (issue) => explainIssue(issue, undefined) });
  if (parsed.success) return { ...parsed.data, id: spec.id };
  const [issue] = parsed.error.issues;
  throw new UsageError(`--if gives no valid Identity: ${issue?.path.join(".")} ${issue?.message}`);
}

function put(supposed: Record<string, unknown>, field: string, value: string): void {
  const [outer = "", ...rest] = field.split(".");
  const known = Object.keys(identitySpec.shape);
  if (!known.includes(outer))
    throw new UsageError(`--if names ${outer}, which an Identity does not have${didYouMean(outer, known)}`);
  if (outer === "id") throw new UsageError("--if cannot change the id: it is for good");
  if (rest.length === 0) supposed[outer] = value === "" ? undefined : shaped(outer, value);
  else {
    const inner = (supposed[outer] ?? {}) as Record<string, unknown>;
    const key = rest.join(".");
    supposed[outer] = inner;
    inner[key] = value === "" ? undefined : outer === "attributes" ? [value] : value;
  }
}

/** A single value, in the shape that its field has. */
function shaped(field: string, value: string): unknown {
  if (field === "manager") return { name: value };
  if (field === "emails" || field === "phoneNumbers") return [{ value, primary: true }];
  return value;
}
