import { type Context, type Flag, UsageError } from "../command.ts";
import { folderFlag } from "../flags.ts";
import { contextFlag, controllerNamespaceFlag, kubeconfigFlag, namespaceFlag } from "./flags.ts";

export const serverFlag: Flag = {
  name: "server",
  value: "URL",
  summary:
    "where the cluster's controller answers (default: $ROLLCALL_SERVER, or through kubectl port-forward)",
};

export const tokenFileFlag: Flag = {
  name: "token-file",
  value: "FILE",
  summary: "a file that holds your token (default: $ROLLCALL_TOKEN, or that of the kubeconfig's user)",
};

export const caFileFlag: Flag = {
  name: "ca-file",
  value: "FILE",
  summary: "who signed the certificate of --server, in PEM (default: those that Node.js trusts)",
};

/** What commands know that ask a cluster's controller. */
export const clientFlags: readonly Flag[] = [
  ...[namespaceFlag, contextFlag, kubeconfigFlag, controllerNamespaceFlag],
  ...[serverFlag, tokenFileFlag, caFileFlag],
];

/**
 * Whether the cluster's controller is meant: without `-f`, or with a flag of `despiteFolder` that says so. Flags of the one way are refused
 * on the other (`ofFolder` are those that only a folder has): they would do nothing.
 */
export function asksCluster(
  { args }: Pick<Context, "args">,
  ofFolder: readonly Flag[],
  despiteFolder: readonly Flag[] = [],
): boolean {
  const cluster = !args.has(folderFlag) || despiteFolder.some((flag) => args.has(flag));
  const stray = (cluster ? ofFolder : clientFlags).find((flag) => args.has(flag));
  if (!stray) return cluster;
  const cure = cluster
    ? "it goes with -f DIR, and not to a cluster's controller"
    : "it goes to a cluster's controller: leave out -f";
  throw new UsageError(`--${stray.name} has no meaning here: ${cure}`);
}
