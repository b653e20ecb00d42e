import { stringify } from "yaml";
import type { Kind, KindName } from "../../src/core/kinds/kinds.ts";
import { apiVersion } from "../../src/core/kinds/kinds.ts";
import { type JsonSchema, jsonSchema } from "../../src/core/kinds/schema.ts";

interface Column {
  readonly name: string;
  readonly type: "string" | "boolean" | "date";
  readonly jsonPath: string;
}

const column = (name: string, jsonPath: string, type: Column["type"] = "string"): Column => ({
  name,
  type,
  jsonPath,
});
const ready = column("Ready", '.status.conditions[?(@.type=="Ready")].status');
const age = column("Age", ".metadata.creationTimestamp", "date");

/** What `kubectl get` shows. */
const columns: Readonly<Record<KindName, readonly Column[]>> = {
  Identity: [
    column("User", ".spec.userName"),
    column("Department", ".spec.department"),
    column("State", ".spec.lifecycle.state"),
    column("End", ".spec.lifecycle.end"),
  ],
  BusinessRole: [
    column("Display name", ".spec.displayName"),
    column("Requestable", ".spec.requestable", "boolean"),
  ],
  AccessProfile: [
    column("Target", ".spec.target.name"),
    column("Requestable", ".spec.requestable", "boolean"),
  ],
  Grant: [
    column("Identity", ".spec.identity.name"),
    column("Business role", ".spec.businessRole.name"),
    column("Access profile", ".spec.accessProfile.name"),
    column("Until", ".spec.until"),
  ],
  Store: [ready, column("Suspended", ".spec.suspend", "boolean")],
  Target: [column("Store", ".spec.store.name"), column("Mode", ".spec.mode"), ready],
};

/** A kind's CustomResourceDefinition (apiextensions.k8s.io/v1), as YAML. */
export function crd({ name, plural, short, summary, spec }: Kind): string {
  const [group, version] = apiVersion.split("/");
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
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
          additionalPrinterColumns: [...columns[name], age],
          schema: { openAPIV3Schema: objectSchema(summary, structural(jsonSchema(spec))) },
        },
      ],
    },
  };
  const text = stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Generated from src/core/kinds by npm run generate.\n${text}`;
}

function objectSchema(description: string, spec: JsonSchema) {
  return {
    description,
    type: "object",
    required: ["spec"],
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec,
      status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
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
