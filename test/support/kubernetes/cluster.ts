import { type CaCertificate, makeCertificates, signClient } from "../certificates.ts";
import { makeFolder } from "../folder.ts";
import { apiServer, controllerManager, etcd } from "./control-plane.ts";
import { type Credentials, writeKubeconfig } from "./kubeconfig.ts";
import { type Ended, type KubectlOptions, runKubectl } from "./kubectl.ts";
import { definitionsServed } from "./served.ts";
import { type WriteRequests, writeRequests } from "./write-requests.ts";

export interface ClusterOptions {
  /** With kube-controller-manager: namespaces terminate, owned objects are collected, ClusterRoles aggregated. Default: none of it. */
  readonly controllerManager?: boolean;
}

export interface Cluster extends AsyncDisposable {
  readonly url: string;
  /** Signed the API server's certificate. */
  readonly ca: CaCertificate;
  /** A throwaway folder of the cluster, for files of the test too. */
  readonly folder: string;
  /** Path of the administrator's. */
  readonly kubeconfig: string;
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<Ended>;
  /** Applies, on the server's side, YAML or what lies at a path; throws what kubectl says when that fails. */
  apply(yamlOrPath: string): Promise<void>;
  /** Rollcall's own, of `crds/`; resolves when they are served. */
  installCrds(): Promise<void>;
  /** Makes a namespace; its name. */
  namespace(name: string): Promise<string>;
  /** Path of a kubeconfig of somebody with these credentials; its context's namespace is `default` if none is named. */
  kubeconfigFor(credentials: Credentials, namespace?: string): Promise<string>;
  /** Path of a kubeconfig of a person with a client certificate. They may do nothing until RBAC lets them. */
  user(name: string, groups?: readonly string[], namespace?: string): Promise<string>;
  /** A token of an existing ServiceAccount, from the TokenRequest API. Lasts an hour if nothing is said (600 s is the least). */
  serviceAccountToken(namespace: string, name: string, seconds?: number): Promise<string>;
  /** A token of somebody who may do everything, for where certificates do not reach (fault-proxy.ts). */
  administratorToken(): Promise<string>;
  /** Path of a kubeconfig of an existing ServiceAccount; the context's namespace is its own. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
  /** Requests that change something, as the API server's metrics count them since it started: those that were sent before included. */
  requests(): Promise<WriteRequests>;
  /** Ends the API server as a crash does; etcd lives on. */
  kill(): Promise<void>;
  /** The API server comes back on the same port with the same data, after `kill` too. */
  restart(): Promise<void>;
  /** Ends everything and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a Kubernetes API server with its etcd in a throwaway folder, on free loopback ports. There are no nodes: no pod ever runs. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const temporary = await makeFolder("cluster");
  const folder = temporary.path;
  const certificates = await makeCertificates(folder);
  const { ca } = certificates;
  const store = await etcd(folder);
  const { server, url, admin } = await apiServer(folder, store.url, certificates);
  const kubeconfigFor = (credentials: Credentials, namespace?: string) =>
    writeKubeconfig(folder, { url, caFile: ca.path, credentials, ...(namespace && { namespace }) });
  const kubeconfig = await kubeconfigFor(admin);
  const manager = options.controllerManager ? await controllerManager(folder, kubeconfig) : undefined;
  await store.server.start();
  await server.start();
  await manager?.start();

  const kubectl = (args: readonly string[], { input, as = kubeconfig }: KubectlOptions = {}) =>
    runKubectl(args, { kubeconfig: as, home: folder, input });
  const must = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await kubectl(args, input === undefined ? {} : { input });
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  };
  const serviceAccountToken = async (namespace: string, name: string, seconds = 3_600) =>
    (await must(["create", "token", name, "-n", namespace, `--duration=${seconds}s`])).trim();
  const stop = async () => {
    await manager?.end("SIGKILL");
    await server.end("SIGKILL");
    await store.server.end("SIGKILL");
    await temporary.remove();
  };

  return {
    url,
    ca,
    folder,
    kubeconfig,
    kubectl,
    async apply(yamlOrPath) {
      const yaml = yamlOrPath.includes("\n");
      const command = ["apply", "--server-side", "-f", yaml ? "-" : yamlOrPath];
      await must(command, yaml ? yamlOrPath : undefined);
    },
    async installCrds() {
      await must(["apply", "--server-side", "-f", crds]);
      await definitionsServed(kubectl);
    },
    async namespace(name) {
      await must(["create", "namespace", name]);
      return name;
    },
    kubeconfigFor,
    async user(name, groups = [], namespace) {
      const subject = [...groups.map((group) => `/O=${group}`), `/CN=${name}`].join("");
      return kubeconfigFor(await signClient(folder, `user-${name}`, subject), namespace);
    },
    serviceAccountToken,
    async administratorToken() {
      await must(["apply", "--server-side", "-f", "-"], administrator);
      return serviceAccountToken("default", "administrator");
    },
    async serviceAccountKubeconfig(namespace, name) {
      return kubeconfigFor({ token: await serviceAccountToken(namespace, name) }, namespace);
    },
    async requests() {
      // Metrics are had from an API server whose etcd does not answer, too; what waits for etcd is not counted yet.
      await must(["get", "--raw", "/api/v1/namespaces/default"]);
      return writeRequests(await must(["get", "--raw", "/metrics"]));
    },
    kill: () => server.end("SIGKILL"),
    async restart() {
      await server.end();
      await server.start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const administrator = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: administrator, namespace: default }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: test-administrator }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ kind: ServiceAccount, name: administrator, namespace: default }]
`;

const crds = new URL("../../../crds", import.meta.url).pathname;
