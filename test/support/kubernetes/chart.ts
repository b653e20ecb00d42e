import { renderChart, type Values } from "../../../scripts/install/helm.ts";
import { binary } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import { definitionsServed } from "./served.ts";

/** Installs the chart, and waits until its CRDs are served. No pod runs: there are no nodes. */
export async function installChart(cluster: Cluster, values: Values = {}, namespace = "rollcall-system") {
  await cluster.apply(await renderChart(binary("helm"), values, namespace));
  await definitionsServed(cluster.kubectl);
}
