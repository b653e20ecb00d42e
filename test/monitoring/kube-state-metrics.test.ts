import { globSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { placeOf, shipped } from "./shipped.ts";

const path = z.array(z.string());
const labels = z.record(z.string(), path);
const gauge = z.strictObject({ path, labelsFromPath: labels.optional(), valueFrom: path.optional() });
const each = z.union([
  z.strictObject({ type: z.literal("Gauge"), gauge }),
  z.strictObject({ type: z.literal("Info"), info: z.strictObject({ labelsFromPath: labels }) }),
]);
const resource = z.strictObject({
  groupVersionKind: z.strictObject({
    group: z.literal("rollcall.dev"),
    version: z.literal("v1alpha1"),
    kind: z.string(),
  }),
  metricNamePrefix: z.string(),
  labelsFromPath: labels,
  errorLogV: z.int(),
  metrics: z.array(z.strictObject({ name: z.string(), help: z.string(), each })),
});
const config = z.strictObject({
  kind: z.literal("CustomResourceStateMetrics"),
  spec: z.strictObject({ resources: z.array(resource) }),
});

const { resources } = config.parse(parse(shipped("manifests/monitoring/kube-state-metrics.yaml"))).spec;

/** The part of an OpenAPI schema that paths are followed in. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const schemas = new Map<string, Schema>(
  globSync("crds/*.yaml", { cwd: placeOf(".") }).map((file) => {
    const { names, versions } = parse(shipped(file)).spec;
    return [names.kind, versions[0].schema.openAPIV3Schema];
  }),
);

describe("the configuration of kube-state-metrics", () => {
  test("has a series for no person: none of Identities, Grants and Approvals", () => {
    const kinds = resources.map(({ groupVersionKind }) => groupVersionKind.kind);
    expect(kinds).toEqual(["Target", "Store", "BusinessRole", "AccessProfile"]);
  });

  test("names each metric once", () => {
    const names = resources.flatMap(({ metricNamePrefix, metrics }) =>
      metrics.map(({ name }) => `${metricNamePrefix}_${name}`),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^kube_rollcall_[a-z_]+$/);
  });

  test.each(resources.map((each) => [each.groupVersionKind.kind, each] as const))(
    "reads what a %s has",
    (kind, { labelsFromPath, metrics }) => {
      const schema = schemas.get(kind)!;
      const read = [
        ...Object.values(labelsFromPath),
        ...metrics.flatMap(({ each }) =>
          each.type === "Info" ? Object.values(each.info.labelsFromPath) : pathsOf(each.gauge),
        ),
      ];
      const lost = read.filter(([first]) => first !== "metadata").filter((path) => !follow(schema, path));
      expect(lost).toEqual([]);
    },
  );
});

/** Labels and the value lie under each element of the list that `path` names. */
function pathsOf({ path, labelsFromPath = {}, valueFrom }: z.infer<typeof gauge>): readonly string[][] {
  const inside = [...Object.values(labelsFromPath), ...(valueFrom ? [valueFrom] : [])];
  return [path, ...inside.map((rest) => [...path, ...rest])];
}

function follow(schema: Schema | undefined, path: readonly string[]): Schema | undefined {
  return path.reduce((at, name) => (at?.items ?? at)?.properties?.[name], schema);
}
