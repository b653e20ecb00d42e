import { afterAll, beforeAll, expect, test } from "vitest";
import { openState } from "../../../src/state/open.ts";
import { company, person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { startFaultProxy } from "../../support/kubernetes/fault-proxy.ts";
import { installRelease, Organisation, releaseNamespace } from "../../support/kubernetes/organisation.ts";
import { type OpenLdap, startOpenLdap } from "../../support/openldap.ts";
import { collect } from "../../support/state/samples.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { waitFor } from "../../support/wait.ts";
import { inLdap, people, secret } from "./ldap-people.ts";

/** A controller that is told to end in the middle of its work, and one that has not seen everything yet. */

let cluster: Cluster;
let ldap: OpenLdap;
beforeAll(async () => {
  [cluster, ldap] = await Promise.all([startCluster(), startOpenLdap()]);
  await installRelease(cluster, ["ending", "beginning"], { secrets: { all: false, names: ["corp"] } });
});
afterAll(() => Promise.all([cluster?.stop(), ldap?.stop()]));

test("told to end, it finishes the batches in hand, keeps what came of them, and ends well; the next one does the rest", async () => {
  const wire = await startTcpProxy(ldap.port);
  const manifests = people(ldap, { url: `ldap://127.0.0.1:${wire.port}` });
  await using organisation = await Organisation.make(cluster, "ending", ...manifests);
  await cluster.apply(secret("ending", ldap.servicePassword));
  const names = Array.from({ length: 5_000 }, (_, index) => `p${index}`);
  await organisation.createMany(names.map((name) => person(name)));
  // So slow that whoever looks is in the middle of it, though held up for seconds.
  wire.fail({ kind: "Delay", milliseconds: 50 });
  const first = await organisation.start();
  await waitFor(async () => (await inLdap(ldap)).length > 0, { what: "it is in the middle of a batch" });
  expect(await first.end("SIGTERM")).toBe(0);

  const place = organisation.at("state/ending.db");
  const state = await openState(place, { realm: "ending", mode: "read" });
  expect(await state.openBatches("people")).toEqual([]);
  const created = await collect(state.journal({}));
  const links = await collect(state.links("people"));
  await state.close();
  const entries = await inLdap(ldap);
  expect(entries.length).toBeLessThan(names.length);
  const uids = entries.map(({ uid }) => uid).sort();
  const made = created.filter(({ operation, identity }) => operation === "Create" && identity !== "");
  expect(made.map(({ identity }) => identity).sort()).toEqual(uids);
  expect(made.filter(({ result }) => result !== "Done")).toEqual([]);
  expect(links.map(({ identity }) => identity).sort()).toEqual(uids);

  wire.heal();
  await organisation.start();
  await waitFor(async () => (await inLdap(ldap)).length === names.length, {
    what: "the rest have come",
    timeout: 200_000,
    every: 200,
  });
  await wire.close();
}, 300_000);

test("is not ready before it has seen all kinds", async () => {
  await using proxy = await startFaultProxy(cluster);
  const token = await cluster.serviceAccountToken(releaseNamespace, "rollcall");
  await using organisation = await Organisation.make(cluster, "beginning", ...company(), person("alice"));
  const allow = proxy.fail({ kind: "Answer", status: 500, verb: "GET", url: /\/grants\b/ });
  const controller = organisation.startAs(await proxy.kubeconfigFor({ token }, releaseNamespace));
  const { url } = await controller.logged("started");
  await controller.logged("cannot watch the cluster");
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([
    503,
    "not ready: the cluster's objects have not been read yet\n",
  ]);
  expect((await organisation.store()).accounts).toEqual([]);
  allow();
  await controller.ready();
  await organisation.haveAccounts("alice");
});
