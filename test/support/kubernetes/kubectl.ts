import { execFile } from "node:child_process";
import { binary } from "./binaries.ts";

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export interface KubectlOptions {
  /** What it reads from standard input: `kubectl(["apply", "-f", "-"], { input })`. */
  readonly input?: string;
  /** Path of the kubeconfig of whoever runs it. Default: the administrator. */
  readonly as?: string;
}

/** Runs kubectl to its end, whatever that is. Nothing of the user's own settings reaches it. */
export function runKubectl(
  args: readonly string[],
  options: { readonly kubeconfig: string; readonly home: string; readonly input?: string | undefined },
): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const env = { HOME: options.home, KUBECONFIG: options.kubeconfig, PATH: "/usr/bin:/bin" };
  const limits = { env, maxBuffer: 512 * 1024 * 1024 };
  const child = execFile(binary("kubectl"), [...args], limits, (_, stdout, stderr) => {
    resolve({ code: child.exitCode, stdout, stderr });
  });
  child.stdin?.on("error", () => {}); // It may end without reading all of it.
  child.stdin?.end(options.input ?? "");
  return promise;
}
