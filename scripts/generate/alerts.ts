import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";

/** The one place in which alerts are written. */
const source = "manifests/monitoring/alerts.yaml";

/** The alert rules for those who cannot read the rule file itself: the Prometheus operator, and Helm. */
export function alertFiles(): [path: string, text: string][] {
  const rules = readFileSync(new URL(`../../${source}`, import.meta.url), "utf8");
  return [
    ["manifests/monitoring/prometheusrule.yaml", prometheusRule(rules)],
    ["charts/rollcall/files/alerts.yaml", rules],
  ];
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
function prometheusRule(rules: string): string {
  const resource = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "rollcall", labels: { "app.kubernetes.io/name": "rollcall" } },
    spec: parse(rules),
  };
  return `# Generated from alerts.yaml by npm run generate.\n${stringify(resource, { lineWidth: 0 })}`;
}
