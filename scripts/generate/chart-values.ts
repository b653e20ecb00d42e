import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const chart = new URL("../../charts/rollcall/", import.meta.url);

export interface ChartValue {
  /** `state.sqlite.size` */
  readonly path: string;
  /** As it is typed in YAML. Absent: values.yaml does not have it. */
  readonly default: string | undefined;
  /** Absent: values.schema.json does not have it, or does not say. */
  readonly description: string | undefined;
}

const schemaNode = z.object({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/** Every value of the chart that somebody may set, as values.yaml and values.schema.json have them, in the order of the former. */
export function chartValues(): ChartValue[] {
  const values: unknown = parse(readFileSync(new URL("values.yaml", chart), "utf8"));
  const schema: unknown = JSON.parse(readFileSync(new URL("values.schema.json", chart), "utf8"));
  return leaves("", values, schema);
}

function leaves(path: string, value: unknown, schema: unknown): ChartValue[] {
  const { description, properties } = schemaNode.parse(schema ?? {});
  if (properties === undefined)
    return [{ path, description, default: value === undefined ? undefined : JSON.stringify(value) }];
  const members = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [...new Set([...Object.keys(members), ...Object.keys(properties)])].flatMap((name) =>
    leaves(path === "" ? name : `${path}.${name}`, members[name], properties[name]),
  );
}

/** docs/chart-values.md */
export function chartValuesPage(): string {
  const rows = chartValues()
    .filter((value) => value.default !== undefined)
    .map((value) => `| \`${value.path}\` | \`${value.default}\` | ${value.description} |`);
  return `# Values of the Helm chart

<!-- Generated from charts/rollcall by npm run generate: edit there. -->

How to use them: [Installing](install.md). What is misspelled here is refused by Helm.

| Value | Default | |
| --- | --- | --- |
${rows.join("\n")}
`;
}
