import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Values } from "../../scripts/install/helm.ts";
import { installChart } from "../support/kubernetes/chart.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { rightsOf } from "../support/kubernetes/rights.ts";
import { waitFor } from "../support/wait.ts";

/** What the controller's ServiceAccount may do, as the API server sees it: this and nothing else. */

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.stop());

/** Installs the chart with these values into the first of these namespaces; compares what it may do in each, a line a resource. */
async function mayDo(values: Values, expected: Readonly<Record<string, string[]>>) {
  const [own = ""] = Object.keys(expected);
  for (const namespace of Object.keys(expected)) await cluster.namespace(namespace);
  await installChart(cluster, values, own);
  const kubeconfig = await cluster.serviceAccountKubeconfig(own, "rollcall");
  for (const [namespace, lines] of Object.entries(expected)) {
    await waitFor(async () => [expect(await rightsOf(kubeconfig, namespace)).toEqual(lines)], {
      what: `the API server knows what it may do in ${namespace}`,
    });
  }
}

const manifests = ["accessprofiles", "businessroles", "exports", "grants", "identities", "stores", "targets"];
const tasks = "provisioningtasks";
const crds = manifests.map(
  (plural) => `customresourcedefinitions.apiextensions.k8s.io ${plural}.rollcall.dev: get`,
);
const asking = [
  "subjectaccessreviews.authorization.k8s.io: create",
  "tokenreviews.authentication.k8s.io: create",
];
const own = [
  "configmaps rollcall-state: get, patch",
  "configmaps: create",
  "leases.coordination.k8s.io rollcall: get, update",
  "leases.coordination.k8s.io: create",
];
const watched = [
  ...[...manifests.filter((plural) => plural !== "targets"), "approvals"].map(
    (plural) => `${plural}.rollcall.dev: get, list, watch`,
  ),
  // It takes out what was said of a task in vain.
  "targets.rollcall.dev: complete, get, list, watch",
  `${tasks}.rollcall.dev: create, delete, get, list, patch, watch`,
  ...[...manifests, "approvals", tasks].map((plural) => `${plural}/status.rollcall.dev: patch`),
  "events.events.k8s.io: create",
];
const lines = (...groups: string[][]) => groups.flat().sort();

const watching = (...namespaces: string[]) =>
  lines(
    crds,
    asking,
    namespaces.map((name) => `namespaces ${name}: get`),
  );
const watchingAll = lines(crds, asking, watched, ["namespaces: get, list"]);

describe("the controller's ServiceAccount", () => {
  test("reads and tells in its own namespace, and may do nothing in another", () =>
    mayDo({}, { one: lines(watching("one"), own, watched), "one-other": watching("one") }));

  test("keeps its Lease in its own namespace where it watches others", () =>
    mayDo(
      { watch: { namespaces: ["two-a", "two-b"] } },
      {
        two: lines(watching("two-a", "two-b"), own),
        "two-a": lines(watching("two-a", "two-b"), watched),
        "two-b": lines(watching("two-a", "two-b"), watched),
      },
    ));

  test("does so in every namespace where it watches all", () =>
    mayDo({ watch: { allNamespaces: true } }, { all: lines(watchingAll, own), "all-other": watchingAll }));

  test("writes Secrets where passwords are delivered to them, and reads none for it", () =>
    mayDo(
      { secrets: { deliver: true } },
      { deliver: lines(watching("deliver"), own, watched, ["secrets: create, patch"]) },
    ));

  test("reads the Secrets that are named, by name", () => {
    const secrets = ["secrets corp: get, list, watch", "secrets shop: get, list, watch"];
    const values = { secrets: { names: ["corp", "shop"] } };
    return mayDo(values, { some: lines(watching("some"), own, watched, secrets) });
  });

  test("reads all Secrets only when told to", () => {
    const secrets = ["secrets: get, list, watch"];
    return mayDo({ secrets: { all: true } }, { every: lines(watching("every"), own, watched, secrets) });
  });
});
