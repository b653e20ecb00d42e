import { chmod, copyFile, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { test } from "vitest";
import { searchPath } from "../support/environment.ts";
import { makeFolder } from "../support/folder.ts";
import { freePort } from "../support/free-port.ts";
import { binary } from "../support/kubernetes/binaries.ts";
import { startCluster } from "../support/kubernetes/cluster.ts";
import { runDeployment } from "../support/kubernetes/node.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { sectionOf } from "./blocks.ts";
import { follow } from "./reader.ts";

/**
 * What a newcomer does in a cluster, by the very text of the pages: a real API server with the real controllers that end namespaces and aggregate
 * roles, a real OpenLDAP for ldap.example.org, real helm and kubectl. There are no nodes: support/kubernetes/node.ts runs what the applied
 * Deployment says, as its ServiceAccount; and since nothing can be forwarded to a pod, ROLLCALL_SERVER names the read API.
 */

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFile(join(root, path), "utf8");

test("a newcomer gets through docs/kubernetes.md", { timeout: 300_000 }, async () => {
  await follows(await read("docs/kubernetes.md"));
});

test("and through what the README says of Kubernetes", { timeout: 300_000 }, async () => {
  await follows(sectionOf(await read("README.md"), "On Kubernetes"));
});

test("and without Helm, by a kustomization on the base of docs/install.md", {
  timeout: 300_000,
}, async () => {
  await follows(
    sectionOf(await read("docs/install.md"), "With kustomize, or with nothing") + inItsOwnNamespace,
  );
});

/** The sample, where a controller looks that nobody told where to look. */
const inItsOwnNamespace = `
\`\`\`console
$ kubectl -n rollcall-system create secret generic corp-directory --from-file=password=directory.password --from-file=ca.crt=directory-ca.crt
$ kubectl -n rollcall-system label secret corp-directory rollcall.dev/store=corp-directory
$ kubectl kustomize manifests/quickstart | sed 's/namespace: acme/namespace: rollcall-system/' | kubectl apply -f -
$ kubectl -n rollcall-system wait --for=condition=Ready identity --all
identity.rollcall.dev/ada condition met
\`\`\`
`;

/** Follows a text in a clone, with a cluster and a directory of one's own; the cluster's node runs what is deployed. */
async function follows(text: string): Promise<void> {
  await using cluster = await startCluster({ controllerManager: true });
  await using directory = await startOpenLdap();
  await using clone = await makeFolder("clone");
  const at = (path: string) => join(clone.path, path);
  await symlink(join(root, "charts"), at("charts"));
  await cp(join(root, "manifests"), at("manifests"), { recursive: true });
  await putIn(at("manifests/quickstart/store.yaml"), "ldap://ldap.example.org", directory.url);
  await copyFile(directory.ca.path, at("directory-ca.crt"));
  await writeFile(at("directory.password"), directory.servicePassword, { mode: 0o600 });
  await programs(at("bin"));
  const ports = new Map([
    [9464, await freePort()],
    [9465, await freePort()],
  ]);
  const deployment = { namespace: "rollcall-system", name: "rollcall", folder: at("node"), ports };
  const [container] = await Promise.all([
    runDeployment(cluster, deployment),
    follow(text, {
      folder: clone.path,
      own: {
        "ldap://ldap.example.org": directory.url,
        " -W": ` -w ${directory.adminPassword}`,
        // Half a minute, as it is by default, is too little on a machine that does more than this.
        " wait --for": " wait --timeout=4m --for",
      },
      environment: {
        PATH: `${at("bin")}${delimiter}${searchPath()}`,
        KUBECONFIG: cluster.kubeconfig,
        LDAPTLS_CACERT: directory.ca.path,
        ROLLCALL_SERVER: `http://127.0.0.1:${ports.get(9465)}`,
      },
    }),
  ]);
  await container.end();
}

async function putIn(file: string, example: string, own: string): Promise<void> {
  await writeFile(file, (await readFile(file, "utf8")).replaceAll(example, own));
}

/** A folder for the path, with what the pages call for beside what every machine has. */
async function programs(folder: string): Promise<void> {
  await mkdir(folder);
  await symlink(binary("kubectl"), join(folder, "kubectl"));
  await symlink(binary("helm"), join(folder, "helm"));
  const plugin = join(folder, "kubectl-rollcall");
  await writeFile(plugin, `#!/bin/sh\nexec '${process.execPath}' '${join(root, "src/main.ts")}' "$@"\n`);
  await chmod(plugin, 0o755);
}
