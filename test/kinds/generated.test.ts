import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { generatedFiles } from "../../scripts/generate/files.ts";
import { connectors } from "../../src/connectors/registry.ts";
import { kinds } from "../../src/core/kinds/kinds.ts";
import { type JsonSchema, jsonSchema } from "../../src/core/kinds/schema.ts";

const all = kinds(connectors).map(({ name, spec }) => ({ name, schema: jsonSchema(spec) }));
/** Without the connectors' blocks. */
const own = kinds([]).map(({ name, spec }) => ({ name, schema: jsonSchema(spec) }));
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
    const schema = definition.spec.versions[0].schema.openAPIV3Schema.properties.spec;
    const lists = fields(schema, "spec").filter(
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
