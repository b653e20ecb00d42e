import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { Metrics } from "../../src/server/metrics.ts";

const root = join(import.meta.dirname, "../..");

/** A file of the repository. */
export function shipped(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function placeOf(path: string): string {
  return join(root, path);
}

const rule = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.object({ severity: z.enum(["critical", "warning", "info"]) }),
  annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.url() }),
});
const ruleFile = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(rule) })) });

export type Alert = z.infer<typeof rule>;

/** The alerts of manifests/monitoring/alerts.yaml. */
export function alerts(): readonly Alert[] {
  return ruleFile
    .parse(parse(shipped("manifests/monitoring/alerts.yaml")))
    .groups.flatMap(({ rules }) => rules);
}

/** The metrics that an expression reads: every name that is no function's and no label's. */
export function metricsIn(expression: string): readonly string[] {
  const bare = expression
    .replace(/"[^"]*"/g, "")
    .replace(/\{[^}]*\}/g, "")
    .replace(/\b(?:by|on|without|ignoring)\s*\([^)]*\)/g, "");
  const names = [...bare.matchAll(/\b[a-z]\w*_\w+\b(?!\s*\()/g)].map(([name]) => name);
  return [...new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/, "")))];
}

/** The names of all metrics that a controller serves, those of its process included. */
export async function servedMetrics(): Promise<ReadonlySet<string>> {
  const metrics = new Metrics("1.2.3");
  try {
    return new Set([...(await metrics.scrape()).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!));
  } finally {
    metrics.close();
  }
}
