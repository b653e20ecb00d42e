import type { DesiredAccount, DesiredAttribute } from "../desired/desired.ts";
import type { AccountRecord } from "../model/account.ts";
import { sameValues } from "../model/matching.ts";
import { type AttributeDelta, noValues, type Values, valuesOf } from "../model/values.ts";

type Present = Extract<DesiredAccount, { presence: "Present" }>;

/** What an account is created with. */
export function firstValues(desired: Present): readonly AttributeDelta[] {
  return desired.attributes
    .filter(
      (attribute) =>
        attribute.apply !== "Report" && (attribute.values.length > 0 || attribute.pending !== undefined),
    )
    .map((attribute) => delta(attribute, noValues));
}

/** What differs and is ours to change. `drift` is told of what is only reported. */
export function attributeDeltas(
  desired: Present,
  record: AccountRecord,
  drift: (message: string) => void,
): readonly AttributeDelta[] {
  const deltas: AttributeDelta[] = [];
  for (const attribute of desired.attributes) {
    const { schema, apply, values } = attribute;
    const before = valuesOf(record.attributes, schema.name);
    if (apply === "OnCreate" || (apply === "IfEmpty" && before.length > 0)) continue;
    if (attribute.pending === undefined && sameValues(schema, before, values)) continue;
    if (apply === "Report") drift(`${schema.name} differs from what the manifests say, and is only reported`);
    else deltas.push(delta(attribute, before));
  }
  return deltas;
}

function delta(attribute: DesiredAttribute, before: Values): AttributeDelta {
  const { schema, values, sensitive, pending, assigned, reference } = attribute;
  const plain = { name: schema.name, before, after: values };
  // Nearly all are plain, and a copy takes twice the room.
  if (!sensitive && pending === undefined && assigned === undefined && !reference) return plain;
  return {
    ...plain,
    ...(sensitive ? { sensitive } : {}),
    ...(pending === undefined ? {} : { pending }),
    ...(assigned === undefined ? {} : { assigned }),
    ...(reference ? { reference } : {}),
  };
}
