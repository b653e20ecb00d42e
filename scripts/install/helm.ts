import { execFile } from "node:child_process";
import { tmpdir } from "node:os";

/** Values of the chart, as in values.yaml. */
export type Values = Readonly<Record<string, unknown>>;

export const chart = new URL("../../charts/rollcall", import.meta.url).pathname;

export interface HelmEnded {
  readonly stdout: string;
  /** What helm says of a chart or values that it refuses. */
  readonly stderr: string;
  readonly code: number | null;
}

/** Runs helm to its end, whatever that is. Nothing of the user's own settings reaches it. */
export function runHelm(
  helm: string,
  args: readonly string[],
  { values = {}, kubeconfig = "" }: { readonly values?: Values; readonly kubeconfig?: string } = {},
): Promise<HelmEnded> {
  const { promise, resolve } = Promise.withResolvers<HelmEnded>();
  const limits = { env: { HOME: tmpdir(), KUBECONFIG: kubeconfig }, maxBuffer: 64 * 1024 * 1024 };
  const child = execFile(helm, [...args], limits, (_, stdout, stderr) => {
    resolve({ code: child.exitCode, stdout, stderr });
  });
  child.stdin?.on("error", () => {}); // It may end without reading all of it.
  child.stdin?.end(JSON.stringify(values));
  return promise;
}

/** What `helm install rollcall` would send to a cluster, as YAML documents. Throws what helm says when it refuses. */
export async function renderChart(
  helm: string,
  values: Values = {},
  namespace = "rollcall-system",
): Promise<string> {
  // Without a cluster helm takes some old version for the cluster's.
  const args = [
    "template",
    "rollcall",
    chart,
    "--namespace",
    namespace,
    "--kube-version",
    "1.36.0",
    "--values",
    "-",
  ];
  const { stdout, stderr, code } = await runHelm(helm, args, { values });
  if (code !== 0) throw new Error(`cannot render the chart: ${stderr}`);
  return stdout;
}
