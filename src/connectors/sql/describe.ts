import { type AttributeSchema, attributeKey, type StoreSchema } from "../../core/model/values.ts";
import type { Column } from "./dialect.ts";
import type { Shape } from "./shape.ts";

/** What the planner may know of the accounts' columns; `entitlements` is the one that holds them. */
export function storeSchema(shape: Shape, entitlements: Column | undefined): StoreSchema {
  const attributeNames = shape.dialect.columnNames;
  const kept = new Set([shape.key, shape.disabled?.column, entitlements].map((column) => column?.name));
  const attributes = shape.relation.columns.map((column) => attribute(shape, column, kept));
  return {
    attributes: new Map(attributes.map((one) => [attributeKey({ attributeNames }, one.name), one])),
    attributeNames,
    nameMatching: shape.key.codec.matching === "caseIgnore" ? "caseIgnore" : "caseExact",
    lag: 0,
    entitlementNeedsMember: false,
  };
}

/** `kept` are the columns that the connector sets by itself. */
function attribute(shape: Shape, column: Column, kept: ReadonlySet<string | undefined>): AttributeSchema {
  const readOnly = kept.has(column.name) || column.generated || (column === shape.id && column.hasDefault);
  return {
    name: column.name,
    matching: column.codec.matching,
    multiValued: column.codec.multiValued,
    readOnly,
    required: column.notNull && !column.hasDefault && !readOnly,
    ...(column.maxLength === undefined ? {} : { maxLength: column.maxLength }),
    secret: false,
  };
}
