import { type Metric, metrics } from "./metrics.ts";

/** docs/metrics.md */
export function metricsPage(): string {
  const rows = Object.entries<Metric>(metrics).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
  );
  return `# Metrics

\`rollcall controller\` serves these at \`/metrics\`, in the Prometheus text format. No label ever carries a person.

\`realm\` is the namespace of the manifests, or \`default\` for a folder. Of several replicas only the one that does the work shows
series with a realm. Beside these stand \`process_*\` and \`nodejs_*\`, under the names that Node's Prometheus client gives them.
[Monitoring](monitoring.md) has what to do with them: scraping, alerts, the dashboard.

| Metric | Type | Labels | Meaning |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
