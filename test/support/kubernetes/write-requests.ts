/** Counts by `VERB resource[/subresource]`: `{ "APPLY identities/status": 3, "POST leases": 1 }`. */
export type WriteRequests = Readonly<Record<string, number>>;

/**
 * Requests that change something, of the metric `apiserver_request_total` in Prometheus' text format, whatever they were answered.
 * Reviews, which are created but never stored (TokenReview, SubjectAccessReview), and dry runs are left out.
 * Source: https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export function writeRequests(metrics: string): WriteRequests {
  const counts: Record<string, number> = {};
  for (const line of metrics.split("\n")) {
    if (!line.startsWith("apiserver_request_total{")) continue;
    const labels = Object.fromEntries(
      [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    const { verb, resource = "", subresource, dry_run: dryRun } = labels;
    if (!writes.has(verb) || dryRun || resource.endsWith("reviews")) continue;
    const name = `${verb} ${resource}${subresource ? `/${subresource}` : ""}`;
    counts[name] = (counts[name] ?? 0) + Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return counts;
}

const writes = new Set(["POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"]);
