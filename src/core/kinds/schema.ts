import { z } from "zod";
import { didYouMean } from "./nearest.ts";

/** The part of JSON Schema that our kinds come out as: what a structural Kubernetes schema may hold. */
export interface JsonSchema {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  /** Checked by the API server alone: `date-time`, `int64`. */
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** One of the optional members, and one only. For editors and docs: the API server has a rule with a better message. */
  readonly oneOf?: readonly { readonly required: readonly string[] }[];
  readonly [extension: `x-kubernetes-${string}`]: unknown;
}

/** The schema of what a manifest may say, before defaults. CRDs, reference docs and editor schemas are made from it. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: "openapi-3.0", io: "input", reused: "inline" }) as JsonSchema;
}

interface UnknownField {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Every field of a value that its schema does not have. zod drops them in silence, as the API server does; a person's typo must not be. */
export function unknownFields(
  schema: JsonSchema,
  value: unknown,
  path: readonly (string | number)[] = [],
): UnknownField[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) {
    const { items } = schema;
    return items?.type === "object" || items?.type === "array"
      ? value.flatMap((entry, index) => unknownFields(items, entry, [...path, index]))
      : [];
  }
  const found: UnknownField[] = [];
  for (const [key, member] of Object.entries(value)) {
    const known = memberSchema(schema, key);
    if (known === undefined) {
      const names = Object.keys(schema.properties ?? {});
      found.push({ path: [...path, key], message: `is not a known field${didYouMean(key, names)}` });
    } else if (typeof member === "object") found.push(...unknownFields(known, member, [...path, key]));
  }
  return found;
}

function memberSchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  if (additionalProperties === true || (!properties && schema.type !== "object")) return {};
  return additionalProperties === false ? undefined : additionalProperties;
}

/** The schema of the member at a path; undefined where there is none. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema;
  for (const step of path) at = typeof step === "number" ? at?.items : at && memberSchema(at, String(step));
  return at;
}
