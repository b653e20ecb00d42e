import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Programs that the tests need, that Debian does not have, and that are built from pinned Go modules. */
export type ProgramName = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kubectl" | "helm";

export interface GoProgram {
  readonly name: ProgramName;
  readonly package: string;
  readonly module: GoModule;
  /** How long building it from nothing takes on two cores, after those before it in the list. */
  readonly takes: string;
}

export interface GoModule {
  /** Its go.mod and go.sum pin every byte of its programs. */
  readonly folder: string;
  /** The module whose version is theirs. */
  readonly of: string;
  /** Variables that tell them the version they are, as their own makefiles set them. */
  readonly variables: (version: string) => Readonly<Record<string, string>>;
}

const modules = new URL("../../test/support/kubernetes/binaries/", import.meta.url).pathname;

const etcd: GoModule = {
  folder: join(modules, "etcd"),
  of: "go.etcd.io/etcd/server/v3",
  variables: () => ({}),
};

const kubernetes: GoModule = {
  folder: join(modules, "kubernetes"),
  of: "k8s.io/kubernetes",
  variables: (version) => ({
    "k8s.io/component-base/version.gitVersion": version,
    "k8s.io/component-base/version.gitMajor": part(version, 0),
    "k8s.io/component-base/version.gitMinor": part(version, 1),
  }),
};

const helm: GoModule = {
  folder: join(modules, "helm"),
  of: "helm.sh/helm/v3",
  variables: (version) => ({
    "helm.sh/helm/v3/internal/version.version": version,
    // The cluster that charts are rendered for where nobody names one.
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": part(pinnedVersion(kubernetes), 0),
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": part(pinnedVersion(kubernetes), 1),
  }),
};

const commands = "k8s.io/kubernetes/cmd";

export const goPrograms: readonly GoProgram[] = [
  { name: "etcd", package: "go.etcd.io/etcd/server/v3", module: etcd, takes: "1m" },
  { name: "kube-apiserver", package: `${commands}/kube-apiserver`, module: kubernetes, takes: "4m20s" },
  {
    name: "kube-controller-manager",
    package: `${commands}/kube-controller-manager`,
    module: kubernetes,
    takes: "1m45s",
  },
  { name: "kubectl", package: `${commands}/kubectl`, module: kubernetes, takes: "45s" },
  { name: "helm", package: "helm.sh/helm/v3/cmd/helm", module: helm, takes: "1m15s" },
];

/** What `go build` gets beside the package. Without symbols programs are half as big. */
export function buildFlags({ module }: GoProgram): string[] {
  const variables = Object.entries(module.variables(pinnedVersion(module)));
  const linker = ["-s", "-w", ...variables.map(([name, value]) => `-X ${name}=${value}`)];
  return ["-trimpath", "-mod=readonly", "-ldflags", linker.join(" ")];
}

/** The version of a module that its go.mod requires: `v1.36.3`. */
export function pinnedVersion({ folder, of }: GoModule): string {
  const file = join(folder, "go.mod");
  const line = new RegExp(`^(?:require)?\\s*${of} (v\\S+)$`, "m");
  const version = line.exec(readFileSync(file, "utf8"))?.[1];
  if (version === undefined) throw new Error(`cannot find the version of ${of} in ${file}`);
  return version;
}

function part(version: string, index: 0 | 1): string {
  return version.replace("v", "").split(".")[index] ?? "";
}
