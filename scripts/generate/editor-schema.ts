import { type ApiKind, apiVersion } from "../../src/core/kinds/kinds.ts";
import { type JsonSchema, jsonSchema } from "../../src/core/kinds/schema.ts";

const draft = "http://json-schema.org/draft-07/schema#";

/** One kind's JSON Schema for editors: as strict as directory mode, so that a typo is underlined. */
export function editorSchema(kind: ApiKind): object {
  return { $schema: draft, ...objectSchema(kind) };
}

/** All kinds in one: `# yaml-language-server: $schema=…/rollcall.json` at the top of a manifest. */
export function combinedSchema(kinds: readonly ApiKind[]): object {
  const names = kinds.map(({ name }) => name);
  return {
    $schema: draft,
    type: "object",
    required: ["apiVersion", "kind"],
    properties: { kind: { enum: names } },
    allOf: names.map((name) => ({
      if: { properties: { kind: { const: name } } },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
      then: { $ref: `#/definitions/${name}` },
    })),
    definitions: Object.fromEntries(kinds.map((kind) => [kind.name, objectSchema(kind)])),
  };
}

function objectSchema({ name, summary, spec }: ApiKind): object {
  const texts = { type: "object", additionalProperties: { type: "string" } };
  return {
    description: summary,
    type: "object",
    additionalProperties: false,
    required: ["apiVersion", "kind", "metadata", "spec"],
    properties: {
      apiVersion: { const: apiVersion },
      kind: { const: name },
      metadata: {
        type: "object",
        required: ["name"],
        properties: {
          name: { type: "string", description: "The object's name." },
          namespace: { type: "string", description: "The organisation; one in a folder." },
          labels: texts,
          annotations: texts,
        },
      },
      spec: strict(jsonSchema(spec)),
      status: { type: "object" },
    },
  };
}

/** Unknown fields refused, Kubernetes' own words left out. */
function strict(schema: JsonSchema): object {
  const { properties, items, additionalProperties, ...rest } = schema;
  const plain = Object.entries(rest).filter(([key]) => !key.startsWith("x-"));
  return {
    ...Object.fromEntries(plain),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, member]) => [key, strict(member)]),
      ),
      additionalProperties: false,
    }),
    ...(items && { items: strict(items) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: strict(additionalProperties) }),
  };
}
