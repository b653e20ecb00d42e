import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { ClusterApi } from "../../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { company, person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { startFaultProxy } from "../../support/kubernetes/fault-proxy.ts";
import { installRelease, Organisation, releaseNamespace } from "../../support/kubernetes/organisation.ts";
import { waitFor } from "../../support/wait.ts";

const many = 10_000;
const names = Array.from({ length: many }, (_, index) => `person-${index}`);
const path = "/apis/rollcall.dev/v1alpha1/namespaces/flood/identities";

let cluster: Cluster;
let api: ClusterApi;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, ["flood"]);
  api = await openCluster({ kubeconfig: cluster.kubeconfig, environment: {} });
});
afterAll(async () => {
  await api?.close();
  await cluster?.stop();
});

/** As many at a time as one connection carries. */
async function forAll(work: (name: string) => Promise<unknown>): Promise<void> {
  const left = names.values();
  const worker = async () => {
    for (const name of left) await work(name);
  };
  await Promise.all(Array.from({ length: 64 }, worker));
}

const create = (name: string) => {
  const { kind, spec } = person(name);
  const body = { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec };
  return api.request({ method: "POST", path, body });
};

const people = async () => list.parse(await api.request({ method: "GET", path })).items;
const list = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ generation: z.number() }),
      status: z.object({ observedGeneration: z.number() }).optional(),
    }),
  ),
});

test("ten thousand people who come all at once all get their account, and are all told of", async () => {
  await using proxy = await startFaultProxy(cluster);
  const token = await cluster.serviceAccountToken(releaseNamespace, "rollcall");
  await using organisation = await Organisation.make(cluster, "flood", ...company());
  const controller = organisation.startAs(await proxy.kubeconfigFor({ token }, releaseNamespace));
  await controller.ready();
  proxy.refuse(); // What happens now it learns of at once.
  await forAll(create);
  proxy.heal();
  // Looking costs the API server a second's work.
  const patient = { timeout: 400_000, every: 3_000 };
  await waitFor(async () => (await organisation.store()).accounts.length === many, {
    ...patient,
    what: "all have their account",
  });
  const told = async () => {
    const all = await people();
    return (
      all.length === many &&
      all.every(({ metadata, status }) => status?.observedGeneration === metadata.generation)
    );
  };
  await waitFor(told, { ...patient, what: "all have their status" });
  expect(await controller.end("SIGTERM")).toBe(0);
}, 1_000_000);
