import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chart, runHelm, type Values } from "../../scripts/install/helm.ts";
import { binary } from "../support/kubernetes/binaries.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { definitionsServed } from "../support/kubernetes/served.ts";

/** A release over its life, by a real Helm on a real API server: upgraded, uninstalled, installed again. Nobody is lost on the way. */

const helm = binary("helm");
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.stop());

async function release(command: string[], values?: Values): Promise<string> {
  const args = [...command, "--namespace", "rollcall-system", ...(values ? ["--values", "-"] : [])];
  const ended = await runHelm(helm, args, { kubeconfig: cluster.kubeconfig, ...(values && { values }) });
  expect(ended).toMatchObject({ code: 0 });
  return ended.stdout;
}

async function get(...args: string[]): Promise<string> {
  const { stdout, stderr } = await cluster.kubectl(["get", ...args]);
  return stdout || stderr;
}
const columns = () =>
  get("crd", "grants.rollcall.dev", "-o", "jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}");

const identity = `
apiVersion: rollcall.dev/v1alpha1
kind: Identity
metadata: { name: ada, namespace: rollcall-system }
spec: { userName: ada }
`;

/** The chart as it was before somebody added a column to Grant. */
async function olderChart(): Promise<string> {
  const older = join(cluster.folder, "older");
  await cp(chart, older, { recursive: true });
  const crd = join(older, "files/crds/rollcall.dev_grants.yaml");
  const text = await readFile(crd, "utf8");
  await writeFile(crd, text.replace("- name: Until\n", "- name: Formerly\n"));
  return older;
}

test("installing says what to do next, and what it may not do yet", async () => {
  const said = await release(["install", "rollcall", await olderChart(), "--create-namespace"]);
  expect(said).toContain("keeps accounts equal to the manifests of namespace rollcall-system");
  expect(said).toContain("It may read no Secret yet");
  expect(await columns()).toContain("Formerly");
});

test("upgrading upgrades the CRDs too", async () => {
  // Helm has not waited for that.
  await definitionsServed(cluster.kubectl);
  await cluster.apply(identity);
  await release(["upgrade", "rollcall", chart], { secrets: { names: ["corp"] } });
  expect(await columns()).toContain("Until");
  expect(await get("identity", "ada", "-n", "rollcall-system", "-o", "name")).toContain("ada");
});

test("uninstalling keeps the CRDs, every object and the state: nobody is deprovisioned", async () => {
  const said = await release(["uninstall", "rollcall"]);
  expect(said).toContain("[PersistentVolumeClaim] rollcall-state");
  expect(await get("identity,pvc,deployment", "-n", "rollcall-system", "-o", "name")).toBe(
    "identity.rollcall.dev/ada\npersistentvolumeclaim/rollcall-state\n",
  );
  expect(await get("clusterrole,validatingadmissionpolicy", "-o", "name")).not.toContain("rollcall");
});

test("installing again takes up what was kept", async () => {
  await release(["install", "rollcall", chart]);
  expect(await get("identity,deployment", "-n", "rollcall-system", "-o", "name")).toBe(
    "identity.rollcall.dev/ada\ndeployment.apps/rollcall\n",
  );
});

test("a second release in another namespace leaves to the first what a cluster has once", async () => {
  const shared = { install: false };
  const values = { crds: shared, accessPolicies: shared, clusterRoles: shared };
  const args = ["install", "rollcall", chart, "--namespace", "acme", "--create-namespace", "--values", "-"];
  expect(await runHelm(helm, args, { kubeconfig: cluster.kubeconfig, values })).toMatchObject({ code: 0 });
  expect(await get("clusterrole", "-o", "name")).toContain("rollcall:acme");
});

test("a second release in the same namespace is refused: they would share a Lease", async () => {
  const args = ["install", "another", chart, "--namespace", "rollcall-system"];
  const { code, stderr } = await runHelm(helm, args, { kubeconfig: cluster.kubeconfig });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining("cannot be imported into the current release"),
  });
});

test("manifests/install goes without taking what must stay", async () => {
  const manifests = join(import.meta.dirname, "../../manifests/install");
  await release(["uninstall", "rollcall"]);
  const install = await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "-k", manifests]);
  expect(install).toMatchObject({ code: 0 });
  expect(await cluster.kubectl(["delete", "-f", join(manifests, "rollcall.yaml")])).toMatchObject({
    code: 0,
  });
  expect(await get("identity,pvc,deployment", "-n", "rollcall-system", "-o", "name")).toBe(
    "identity.rollcall.dev/ada\npersistentvolumeclaim/rollcall-state\n",
  );
});
