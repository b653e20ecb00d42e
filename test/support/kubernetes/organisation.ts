import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Values } from "../../../scripts/install/helm.ts";
import { type ApiKindName, apiVersion, plurals } from "../../../src/core/kinds/kinds.ts";
import type { ApiRequest } from "../../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { type Folder, makeFolder } from "../folder.ts";
import type { StoreContent } from "../manifest-folder.ts";
import { ControllerProcess, type LogLine } from "../rollcall-process.ts";
import { waitFor } from "../wait.ts";
import type { Manifest } from "../world.ts";
import { installChart } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import type { Ended } from "./kubectl.ts";
import { type Right, rightsKnown } from "./rights.ts";

/** The namespace that the chart is installed in; its ServiceAccount is the only one that controllers of tests ever are. */
export const releaseNamespace = "rollcall-system";
/** What the API server calls it. */
export const controllerUser = `system:serviceaccount:${releaseNamespace}:rollcall`;

/** Makes these namespaces, and installs the chart for them. */
export async function installRelease(cluster: Cluster, namespaces: readonly string[], values: Values = {}) {
  for (const namespace of [releaseNamespace, ...namespaces]) await cluster.namespace(namespace);
  await upgradeRelease(cluster, namespaces, values);
}

/** Applies the chart again; resolves when the controller may do what it has to. */
export async function upgradeRelease(cluster: Cluster, namespaces: readonly string[], values: Values = {}) {
  await installChart(cluster, { watch: { namespaces }, secrets: { all: true }, ...values });
  const group = "rollcall.dev";
  const watched = (namespaces.length > 0 ? namespaces : ["default"]).flatMap((namespace): Right[] => [
    { namespace, group, resource: "targets", subresource: "status", verb: "patch" },
    { namespace, resource: "namespaces", name: namespace, verb: "get" },
  ]);
  const lease = { namespace: releaseNamespace, group: "coordination.k8s.io", resource: "leases" };
  await rightsKnown(cluster, controllerUser, [...watched, { ...lease, verb: "create" }]);
}

/** What a controller warned of, but for a Lease that was renewed late: so it is at times on a busy machine. */
export function warnings({ lines }: ControllerProcess): readonly LogLine[] {
  const grave = lines.filter(({ level }) => level === "warn" || level === "error");
  return grave.filter(({ msg, error, reason }) => !/\blease\b/.test(`${msg} ${error} ${reason}`));
}

/** One namespace of a cluster, with a memory store in a file, and the controllers that look after it. */
export class Organisation implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly #folder: Folder;
  readonly #controllers: ControllerProcess[] = [];

  private constructor(cluster: Cluster, namespace: string, folder: Folder) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.#folder = folder;
  }

  /** Of a namespace that is there, with these objects put into it. */
  static async make(
    cluster: Cluster,
    namespace: string,
    ...manifests: readonly Manifest[]
  ): Promise<Organisation> {
    const made = new Organisation(cluster, namespace, await makeFolder("organisation"));
    await made.writeStore({ accounts: [] });
    await made.apply(...manifests);
    return made;
  }

  at(name: string): string {
    return join(this.#folder.path, name);
  }

  /** Starts a controller as the chart's ServiceAccount, by the flags that the chart gives it. */
  async start(...words: string[]): Promise<ControllerProcess> {
    return this.startAs(await this.cluster.serviceAccountKubeconfig(releaseNamespace, "rollcall"), ...words);
  }

  startAs(kubeconfig: string, ...words: string[]): ControllerProcess {
    const places = ["--kubeconfig", kubeconfig, "--namespace", this.namespace, "--root", this.#folder.path];
    const state = words.includes("--state") ? [] : ["--state", this.at("state")];
    const own = [...places, ...state, "--controller-namespace", releaseNamespace];
    const controller = new ControllerProcess(...own, "--api-listen", "127.0.0.1:0", ...words);
    this.#controllers.push(controller);
    return controller;
  }

  /** As GitOps tools apply: every object by itself, one after the other. */
  async applyOneByOne(...manifests: readonly Manifest[]): Promise<void> {
    for (const manifest of manifests) await this.apply(manifest);
  }

  async apply(...manifests: readonly Manifest[]): Promise<void> {
    if (manifests.length > 0)
      await this.cluster.apply(manifests.map((each) => stringify(this.#object(each))).join("---\n"));
  }

  /** Makes many objects, many at a time. */
  async createMany(manifests: readonly Manifest[]): Promise<void> {
    await this.#each(manifests, (manifest) => ({
      method: "POST",
      path: `${this.#path(manifest.kind)}`,
      body: this.#object(manifest),
    }));
  }

  /** Deletes many objects of one kind, many at a time, as a tool does that prunes. */
  async deleteMany(kind: string, names: readonly string[]): Promise<void> {
    await this.#each(names, (name) => ({ method: "DELETE", path: `${this.#path(kind)}/${name}` }));
  }

  async delete(...names: readonly string[]): Promise<void> {
    await this.must("delete", "--wait=false", ...names);
  }

  /** `kubectl` in this namespace. */
  kubectl(...args: readonly string[]): Promise<Ended> {
    return this.cluster.kubectl(["-n", this.namespace, ...args]);
  }

  /** The same, which must succeed; its output. */
  async must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }

  async object<T>(name: string): Promise<T> {
    return JSON.parse(await this.must("get", name, "-o", "json"));
  }

  async store(): Promise<StoreContent> {
    return JSON.parse(await readFile(this.at("store.json"), "utf8"));
  }

  /** As a whole: a controller that reads meanwhile sees what was there before. */
  async writeStore(content: Readonly<Record<string, unknown>>): Promise<void> {
    const aside = this.at("store.json.aside");
    await writeFile(aside, JSON.stringify(content));
    await rename(aside, this.at("store.json"));
  }

  /** The account whose name begins with `uid=…`. */
  async account(uid: string): Promise<StoreContent["accounts"][number] | undefined> {
    return (await this.store()).accounts.find(({ name }) => name.startsWith(`uid=${uid},`));
  }

  /** Resolves when all of these have an account that works. */
  async haveAccounts(...uids: readonly string[]): Promise<void> {
    await waitFor(
      async () => {
        const { accounts } = await this.store();
        const enabled = new Set(
          accounts.filter((each) => each.enabled).map(({ name }) => name.split(",")[0]),
        );
        return uids.every((uid) => enabled.has(`uid=${uid}`));
      },
      { what: `accounts of ${uids.slice(0, 3).join(", ")} … work` },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // In good order: the Lease is free for the next one.
    for (const controller of this.#controllers) await controller.end("SIGTERM");
    await this.#folder.remove();
  }

  #object({ kind, name, spec }: Manifest) {
    const placed = kind === "Store" && spec.memory ? { ...spec, memory: { file: "store.json" } } : spec;
    return { apiVersion, kind, metadata: { name, namespace: this.namespace }, spec: placed };
  }

  #path(kind: string): string {
    return `/apis/${apiVersion}/namespaces/${this.namespace}/${plurals[kind as ApiKindName]}`;
  }

  async #each<T>(items: readonly T[], request: (item: T) => ApiRequest): Promise<void> {
    const api = await openCluster({ kubeconfig: this.cluster.kubeconfig, environment: {} });
    try {
      const left = items.values();
      const work = async () => {
        for (const item of left) await api.request(request(item));
      };
      await Promise.all(Array.from({ length: 32 }, work));
    } finally {
      await api.close();
    }
  }
}
