import { accessSync, readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { delimiter, dirname, join, resolve } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { z } from "zod";

export interface ConfigOptions {
  /** A file. Absent: those that KUBECONFIG names, else the pod's ServiceAccount, else `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a cluster's address and credentials stand. */
export interface ConfigSource {
  /** Everything that `load` reads at once, to see whether it has changed since. Throws where it is missing. */
  text(): string;
  load(): KubeConfig;
}

/** Where a kubelet puts what a pod needs to speak to its cluster. */
const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Finds the configuration as kubectl does, a pod's own before that of a home. Throws with the cure when there is none. */
export function findConfig({ kubeconfig, context, environment }: ConfigOptions): ConfigSource {
  if (kubeconfig !== undefined) return inFiles([kubeconfig], context);
  const named = (environment.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  if (named.length > 0) return inFiles(named, context);
  if (context === undefined && environment.KUBERNETES_SERVICE_HOST) return inPod(environment);
  const file = environment.HOME && join(environment.HOME, ".kube", "config");
  if (file && exists(file)) return inFiles([file], context);
  throw new Error("cannot find a cluster: name a file by --kubeconfig, or by the variable KUBECONFIG");
}

/** What the library's `loadFromCluster` does, which reads the process's environment itself. */
export function inPod(
  environment: ConfigOptions["environment"],
  folder: string = serviceAccountFolder,
): ConfigSource {
  const host = environment.KUBERNETES_SERVICE_HOST ?? "";
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${environment.KUBERNETES_SERVICE_PORT ?? 443}`;
  const tokenFile = join(folder, "token");
  return {
    text: () => server,
    load() {
      if (!exists(tokenFile)) {
        throw new Error(`cannot read ${tokenFile}: give the pod a ServiceAccount whose token is mounted`);
      }
      const config = new KubeConfig();
      const names = { cluster: "cluster", user: "pod" };
      const namespace = readFileSync(join(folder, "namespace"), "utf8").trim();
      config.loadFromOptions({
        clusters: [{ name: names.cluster, server, caFile: join(folder, "ca.crt"), skipTLSVerify: false }],
        users: [{ name: names.user, authProvider: tokenFileProvider(tokenFile) }],
        contexts: [{ name: "in-cluster", ...names, namespace }],
        currentContext: "in-cluster",
      });
      return config;
    },
  };
}

function inFiles(files: readonly string[], context: string | undefined): ConfigSource {
  return {
    text: () => files.map((file) => readFileSync(file, "utf8")).join("\n---\n"),
    load() {
      const config = merged(files);
      if (context !== undefined) config.setCurrentContext(context);
      const current = config.getCurrentContext();
      if (config.getContextObject(current) === null || config.getCurrentCluster() === null) {
        const names = config.getContexts().map(({ name }) => name);
        const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
        throw new Error(
          `cannot use context "${current ?? ""}" of ${files.join(delimiter)}: name one by --context (${known})`,
        );
      }
      return config;
    },
  };
}

/** Of entries that several files have, the first file's counts, as for kubectl. */
function merged(files: readonly string[]): KubeConfig {
  const [first, ...others] = files.map((file) => {
    const config = new KubeConfig();
    try {
      config.loadFromFile(file);
      adoptTokenFiles(config, file);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`cannot read the kubeconfig ${file}: ${why}`, { cause });
    }
    return config;
  }) as [KubeConfig, ...KubeConfig[]];
  for (const other of others) {
    first.currentContext ||= other.currentContext;
    first.clusters = firstOfName(first.clusters, other.clusters);
    first.users = firstOfName(first.users, other.users);
    first.contexts = firstOfName(first.contexts, other.contexts);
  }
  return first;
}

/** The library does not know `tokenFile` of a user; of an authentication provider it does. */
function adoptTokenFiles(config: KubeConfig, file: string): void {
  const { users } = userEntries.parse(parse(readFileSync(file, "utf8")));
  for (const { name, user } of users) {
    const tokenFile = user?.tokenFile && resolve(dirname(file), user.tokenFile);
    if (!tokenFile) continue;
    config.users = config.users.map((one) =>
      one.name === name ? { ...one, authProvider: tokenFileProvider(tokenFile) } : one,
    );
  }
}

const userEntries = z.object({
  users: z
    .array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() }))
    .nullish()
    .transform((users) => users ?? []),
});

function tokenFileProvider(tokenFile: string) {
  return { name: "tokenFile", config: { tokenFile } };
}

function firstOfName<T extends { readonly name: string }>(ours: readonly T[], theirs: readonly T[]): T[] {
  return [...ours, ...theirs.filter(({ name }) => !ours.some((one) => one.name === name))];
}

function exists(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}
