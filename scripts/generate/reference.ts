import type { ConnectorType } from "../../src/connectors/contract.ts";
import { duration, moment, objectName } from "../../src/core/kinds/common.ts";
import { type ApiKind, apiVersion } from "../../src/core/kinds/kinds.ts";
import { type JsonSchema, jsonSchema } from "../../src/core/kinds/schema.ts";
import { statusSchemas } from "../../src/core/kinds/status.ts";
import { type Column, columns } from "./columns.ts";
import { kindGuides } from "./kind-guides.ts";

const notice = "<!-- Generated from src/core/kinds by npm run generate. -->";

/** Formats that have a name of their own. */
const formats = new Map([
  [jsonSchema(objectName).pattern, "object name"],
  [jsonSchema(duration).pattern, "duration, such as `15m`"],
  [jsonSchema(moment).pattern, "day or instant"],
]);

/** A kind's reference page: an example, every field with its type, bounds, default and meaning, and what kubectl shows. */
export function referencePage(kind: ApiKind, connectors: readonly ConnectorType[]): string {
  const schema = jsonSchema(kind.spec);
  const { example, inCluster, related } = kindGuides[kind.name];
  const blocks = connectors.filter(({ name }) => schema.properties?.[name]);
  const own = Object.entries(schema.properties ?? {}).filter(
    ([key]) => !blocks.some(({ name }) => name === key),
  );
  const sections = [
    notice,
    `# ${kind.name}`,
    kind.summary,
    `\`apiVersion: ${apiVersion}\`, \`kind: ${kind.name}\`; in a cluster \`kubectl get ${kind.plural}\` or \`${kind.short}\`.`,
    "## Example",
    `\`\`\`yaml\n${example}\`\`\``,
    "## spec",
    ...choice(schema),
    table({ ...schema, properties: Object.fromEntries(own) }, "spec"),
    ...blocks.flatMap(({ name, summary }) => [
      `## spec.${name}`,
      summary,
      table(schema.properties![name]!, `spec.${name}`),
    ]),
    "## In a cluster",
    ...inCluster,
    shownByKubectl(kind),
    "## status",
    "What the controller found; nobody else writes it. `conditions` and `observedGeneration` are as in every kind: [conditions and their reasons](conditions.md).",
    ...ownStatus(kind),
    "## Related",
    Object.entries(related)
      .map(([place, title]) => `[${title}](${place})`)
      .join(", "),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** What `kubectl get` says of this kind, column by column. */
function shownByKubectl({ name, plural }: ApiKind): string {
  const shown = columns[name].map(
    (column) =>
      `| ${column.name.toUpperCase()}${column.priority ? " (`-o wide`)" : ""} | ${sourceOf(column)} |`,
  );
  return [`| \`kubectl get ${plural}\` | shows |`, "| --- | --- |", ...shown].join("\n");
}

function sourceOf({ jsonPath }: Column): string {
  const [, type, member] = /conditions\[\?\(@\.type=="(\w+)"\)\]\.(\w+)$/.exec(jsonPath) ?? [];
  if (type === undefined) return `\`${escapeCell(jsonPath.slice(1))}\``;
  return member === "status" ? `the condition \`${type}\`` : `the ${member} of \`${type}\``;
}

/** Without what all kinds have. */
function ownStatus({ name }: ApiKind): string[] {
  const {
    conditions: _,
    observedGeneration: __,
    ...properties
  } = jsonSchema(statusSchemas[name]).properties ?? {};
  return Object.keys(properties).length === 0 ? [] : [table({ type: "object", properties }, "status")];
}

/** The list of all kinds and connectors. */
export function referenceIndex(kinds: readonly ApiKind[], connectors: readonly ConnectorType[]): string {
  const lines = [
    notice,
    "# Reference",
    "## Kinds",
    kinds.map(({ name, summary }) => `- [${name}](${name.toLowerCase()}.md): ${summary}`).join("\n"),
    "## Connectors",
    "A connector has a block of its name in [Store](store.md) and [Target](target.md).",
    connectors.map(({ name, summary }) => `- \`${name}\`: ${summary}`).join("\n"),
    "What each makes of its store's errors, and what is tried again: [errors](errors.md).",
    "## Expressions",
    "What rules, names and mappings may say: [expressions](expressions.md).",
    "## In an editor",
    "At the top of a manifest, `# yaml-language-server: $schema=PATH/docs/schemas/rollcall.json` gives completion and underlines mistakes.",
  ];
  return `${lines.join("\n\n")}\n`;
}

function table(schema: JsonSchema, path: string): string {
  const rows = rowsOf(schema, path);
  if (rows.length === 0) return "It has no fields.";
  return ["| Field | Type | Default | Meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function rowsOf(schema: JsonSchema, path: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, member]) => {
    const at = `${path}.${key}`;
    const meaning = [member.description ?? "", ...choice(member)].join(" ").trim();
    const cells = [`\`${at}\``, typeOf(member), defaultOf(member, schema.required?.includes(key)), meaning];
    return [`| ${cells.map(escapeCell).join(" | ")} |`, ...rowsOf(member, at)];
  });
  const entries = schema.items ? rowsOf(schema.items, `${path}[]`) : [];
  const { additionalProperties: values } = schema;
  return [...own, ...entries, ...(typeof values === "object" ? rowsOf(values, `${path}.*`) : [])];
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema.items)
    return `list of ${plainType(schema.items)}${bounds(schema.minItems, schema.maxItems, "entries")}`;
  if (typeof schema.additionalProperties === "object") {
    const size = bounds(undefined, schema.maxProperties, "entries");
    return `map of ${plainType(schema.additionalProperties)}${size}`;
  }
  if (schema.type === "integer" || schema.type === "number") {
    const most = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
    return `${schema.type === "integer" ? "whole number" : "number"}${bounds(schema.minimum, most, "")}`;
  }
  if (schema.type !== "string") return schema.type ?? "anything";
  return formats.get(schema.pattern) ?? `text${bounds(undefined, schema.maxLength, "characters")}`;
}

function bounds(least: number | undefined, most: number | undefined, unit: string): string {
  if (least === undefined && most === undefined) return "";
  const range =
    most === undefined
      ? `at least ${least}`
      : least === undefined
        ? `at most ${most}`
        : `${least} to ${most}`;
  return ` (${[range, unit].join(" ").trim()})`;
}

function defaultOf(schema: JsonSchema, required: boolean | undefined): string {
  if (schema.default !== undefined && Object.keys(schema.properties ?? {}).length === 0) {
    return `\`${JSON.stringify(schema.default)}\``;
  }
  return required ? "required" : "";
}

function choice({ oneOf }: JsonSchema): string[] {
  if (!oneOf) return [];
  return [
    `Exactly one of ${oneOf.flatMap(({ required }) => required.map((key) => `\`${key}\``)).join(", ")}.`,
  ];
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** A list's own bounds say enough. */
function plainType({ maxLength: _, ...schema }: JsonSchema): string {
  return typeOf(schema);
}
