import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import type { Prometheus, PrometheusAlert } from "./prometheus.ts";
import { waitFor } from "./wait.ts";

const rules = new URL("../../manifests/monitoring/alerts.yaml", import.meta.url);

/** Prometheus begins to scrape some five seconds after its start, whatever interval it is given. */
export const patience = { timeout: 50_000, every: 100 };

/** The rules that are shipped, except that drift has to stand for a second and not for an hour and five minutes. */
export function impatientRules(): string {
  const file = parse(readFileSync(rules, "utf8"));
  for (const rule of file.groups.flatMap((group: { rules: object[] }) => group.rules)) {
    if (rule.alert !== "RollcallDriftStands") continue;
    if (!rule.expr.includes("3600)")) throw new Error(`cannot shorten the rule: ${rule.expr}`);
    rule.expr = rule.expr.replace("3600)", "1)");
    rule.for = "0s";
  }
  return stringify(file);
}

export async function firing(prometheus: Prometheus): Promise<readonly PrometheusAlert[]> {
  return (await prometheus.alerts()).filter(({ state }) => state === "firing");
}

/** Waits until a scrape shows that there is no drift, and no alert fires. Alerts alone would prove less: they go when a scrape fails, and come back. */
export async function driftIsOver(prometheus: Prometheus): Promise<void> {
  const without = "rollcall_accounts unless on (realm, target) rollcall_drift_since_timestamp_seconds";
  await waitFor(async () => (await prometheus.query(without)).length > 0, {
    ...patience,
    what: "a scrape shows no drift",
  });
  await waitFor(async () => (await firing(prometheus)).length === 0, { ...patience, what: "it clears" });
}

export async function driftAlerts(prometheus: Prometheus): Promise<readonly PrometheusAlert[]> {
  return (await firing(prometheus)).filter(({ labels }) => labels.alertname === "RollcallDriftStands");
}
