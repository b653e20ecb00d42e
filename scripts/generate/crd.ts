import { stringify } from "yaml";
import { type ApiKind, apiVersion } from "../../src/core/kinds/kinds.ts";
import { type JsonSchema, jsonSchema } from "../../src/core/kinds/schema.ts";
import { statusSchemas } from "../../src/core/kinds/status.ts";
import { columns } from "./columns.ts";

/** Deleting a CRD deletes every object of it: neither Helm (nor Argo CD, which heeds Helm's word) nor Flux does. */
const kept = { "helm.sh/resource-policy": "keep", "kustomize.toolkit.fluxcd.io/prune": "disabled" };

/** A kind's CustomResourceDefinition (apiextensions.k8s.io/v1), as YAML. */
export function crd({ name, plural, short, summary, spec }: ApiKind): string {
  const [group, version] = apiVersion.split("/");
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, annotations: kept },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        kind: name,
        listKind: `${name}List`,
        plural,
        singular: name.toLowerCase(),
        ...(short === name.toLowerCase() ? {} : { shortNames: [short] }),
        categories: ["rollcall"],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns[name],
          schema: {
            openAPIV3Schema: objectSchema(
              summary,
              structural(jsonSchema(spec)),
              structural(jsonSchema(statusSchemas[name])),
            ),
          },
        },
      ],
    },
  };
  const text = stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Generated from src/core/kinds by npm run generate.\n${text}`;
}

function objectSchema(description: string, spec: JsonSchema, status: JsonSchema) {
  return {
    description,
    type: "object",
    required: ["spec"],
    properties: {
      apiVersion: { type: "string", description: `Always ${apiVersion}.` },
      kind: { type: "string", description: "The object's kind." },
      metadata: { type: "object" },
      spec: { description: "What is declared.", ...spec },
      status: { description: "What Rollcall found. It alone writes it.", ...status },
    },
  };
}

/** Without what only editors and docs use. */
function structural({ oneOf: _, properties, items, additionalProperties, ...rest }: JsonSchema): JsonSchema {
  return {
    ...rest,
    ...(properties && { properties: mapValues(properties, structural) }),
    ...(items && { items: structural(items) }),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: structural(additionalProperties) }
      : {}),
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
