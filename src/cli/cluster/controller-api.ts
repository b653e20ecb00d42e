import { readFileSync } from "node:fs";
import { Agent } from "undici";
import type { ClusterApi } from "../../resources/kubernetes/api.ts";
import { type Context, UsageError } from "../command.ts";
import { folderFlag } from "../flags.ts";
import { caFileFlag, serverFlag, tokenFileFlag } from "./client-flags.ts";
import { exchange, type Question } from "./exchange.ts";
import { contextFlag, kubeconfigFlag, namespaceFlag } from "./flags.ts";
import { forwardPort } from "./port-forward.ts";

/** A namespace's controller, ready to be asked. */
export interface ControllerApi {
  readonly namespace: string;
  /** The document of this format that it answers with. Throws a `ControllerError`. */
  ask<D>(question: Question, format: string): Promise<D>;
  close(): Promise<void>;
}

/** Milliseconds for an answer: a plan reads all stores, and others may be before it. */
const answersWithin = 15 * 60_000;

/** Finds the controller, a token to ask it with and the namespace that is meant. Throws a `UsageError` for what is missing. */
export async function reachController(context: Context): Promise<ControllerApi> {
  const { args, environment } = context;
  const server = args.text(serverFlag) ?? (environment.ROLLCALL_SERVER || undefined);
  const ca = args.text(caFileFlag);
  const dispatcher = new Agent({
    headersTimeout: answersWithin,
    bodyTimeout: answersWithin,
    ...(ca === undefined ? {} : { connect: { ca: fileText(ca, caFileFlag.name) } }),
  });
  const { token, namespace } = await whoAndWhere(context);
  const forwarded = server === undefined ? await forwardPort(context) : undefined;
  const base = forwarded?.url ?? checkedServer(server!);
  return {
    namespace,
    ask: (question, format) => exchange(new URL(base), { dispatcher, namespace, token }, question, format),
    async close() {
      await dispatcher.close();
      await forwarded?.close();
    },
  };
}

/** The cluster of the kubeconfig. Throws a `UsageError` where there is none. */
export async function clusterOf({ args, environment }: Context): Promise<ClusterApi> {
  // Kubernetes' library takes longer to load than most commands take, and few of them need it.
  const { openCluster } = await import("../../resources/kubernetes/open-cluster.ts");
  try {
    const [kubeconfig, context] = [args.text(kubeconfigFlag), args.text(contextFlag)];
    return await openCluster({ kubeconfig, context, environment });
  } catch (error) {
    const or = args.has(folderFlag) ? "" : "; or name the folder of the manifests: -f DIR";
    throw new UsageError(`${(error as Error).message}${or}`);
  }
}

/** What the command line and the environment say needs no kubeconfig: so it is in CI. */
async function whoAndWhere(context: Context): Promise<{ token: string; namespace: string }> {
  const { args, environment } = context;
  const file = args.text(tokenFileFlag);
  const given =
    file === undefined ? environment.ROLLCALL_TOKEN || undefined : fileText(file, tokenFileFlag.name).trim();
  const named = args.text(namespaceFlag);
  if (given !== undefined && named !== undefined) return { token: given, namespace: named };
  const cluster = await clusterOf(context);
  try {
    const token = given ?? (await cluster.token());
    if (token === undefined)
      throw new UsageError(
        `the user of ${cluster.place} has no token, perhaps a client certificate, which the controller cannot check: export ROLLCALL_TOKEN="$(kubectl create token NAME)" of a ServiceAccount that may ask it`,
      );
    return { token, namespace: named ?? cluster.namespace };
  } finally {
    await cluster.close();
  }
}

function checkedServer(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--server must be a URL, as in https://rollcall.example.org:9465, not "${text}"`);
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !loopback)
    throw new UsageError(`--server ${url.origin} would carry your token in the clear: use https`);
  return url.origin;
}

function fileText(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}; check --${flag}`);
  }
}
