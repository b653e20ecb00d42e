import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { generatedFiles } from "../../scripts/generate/files.ts";
import { connectors } from "../../src/connectors/registry.ts";
import { approvalKind } from "../../src/core/kinds/approval.ts";
import { type ConnectorBlocks, kinds } from "../../src/core/kinds/kinds.ts";
import { taskKind } from "../../src/core/kinds/provisioning-task.ts";
import { type JsonSchema, jsonSchema } from "../../src/core/kinds/schema.ts";
import { statusSchemas } from "../../src/core/kinds/status.ts";

const statuses = Object.entries(statusSchemas).map(([kind, status]) => ({
  name: `${kind}.status`,
  schema: jsonSchema(status),
}));
const specsOf = (blocks: readonly ConnectorBlocks[]) =>
  [...kinds(blocks), approvalKind, taskKind].map(({ name, spec }) => ({ name, schema: jsonSchema(spec) }));
const all = [...specsOf(connectors), ...statuses];
/** Without the connectors' blocks. */
const own = [...specsOf([]), ...statuses];
const crds = [...generatedFiles(connectors)]
  .filter(([path]) => path.startsWith("crds/"))
  .map(([path, text]) => ({ path, definition: parse(text) }));

describe("every field", () => {
  test.each(own)("of $name says what it means", ({ schema }) => {
    expect(
      fields(schema, "spec")
        .filter(([, field]) => !field.description)
        .map(([path]) => path),
    ).toEqual([]);
  });

  test.each(all)(
    "of $name has a bounded size: the API server limits what its rules may cost",
    ({ schema }) => {
      const unbounded = fields(schema, "spec").filter(
        ([, { type, maxLength, maxItems, enum: words }]) =>
          (type === "array" && maxItems === undefined) ||
          (type === "string" && !words && maxLength === undefined),
      );
      expect(unbounded.map(([path]) => path)).toEqual([]);
    },
  );

  test.each(all)("of $name has one type, as structural schemas must", ({ schema }) => {
    expect(
      fields(schema, "spec")
        .filter(([, { type }]) => type === undefined)
        .map(([path]) => path),
    ).toEqual([]);
  });
});

describe("a CRD", () => {
  test.each(crds)("$path is named and served as Kubernetes asks", ({ definition }) => {
    const { metadata, spec } = definition;
    expect(metadata.name).toBe(`${spec.names.plural}.${spec.group}`);
    expect(spec.versions).toMatchObject([{ name: "v1alpha1", served: true, storage: true }]);
  });

  test.each(crds)("$path has the keys of its list maps required in their entries", ({ definition }) => {
    const { spec, status } = definition.spec.versions[0].schema.openAPIV3Schema.properties;
    const lists = [...fields(spec, "spec"), ...fields(status, "status")].filter(
      ([, list]) => list["x-kubernetes-list-map-keys"] !== undefined,
    );
    const loose = lists.filter(([, list]) =>
      (list["x-kubernetes-list-map-keys"] as string[]).some((key) => !list.items?.required?.includes(key)),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });
});

/** All fields below a schema, by path; entries of lists and values of maps belong to their field. */
function fields(schema: JsonSchema, path: string): [string, JsonSchema][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, member]): [string, JsonSchema][] => [
    [`${path}.${key}`, member],
    ...fields(member, `${path}.${key}`),
  ]);
  const { items, additionalProperties: values } = schema;
  const inner = items ?? (typeof values === "object" ? values : undefined);
  return inner ? [...own, ...fields(inner, `${path}[]`)] : own;
}
