import { afterAll, beforeAll, expect, test } from "vitest";
import { openState } from "../../../src/state/open.ts";
import { person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { installRelease, Organisation, releaseNamespace } from "../../support/kubernetes/organisation.ts";
import { type OpenLdap, startOpenLdap } from "../../support/openldap.ts";
import { startRollcall } from "../../support/rollcall-process.ts";
import { collect } from "../../support/state/samples.ts";
import { waitFor } from "../../support/wait.ts";
import { inLdap, people, secret } from "./ldap-people.ts";

/** Memory runs short: the process is ended wherever it is, and one that has more goes on from what was committed. */

let cluster: Cluster;
let ldap: OpenLdap;
beforeAll(async () => {
  [cluster, ldap] = await Promise.all([startCluster(), startOpenLdap()]);
  await installRelease(cluster, ["short"], { secrets: { all: false, names: ["corp"] } });
});
afterAll(() => Promise.all([cluster?.stop(), ldap?.stop()]));

const many = 5_000;

/** A controller whose heap may grow to this size. */
async function start(organisation: Organisation, megabytes: number) {
  const kubeconfig = await cluster.serviceAccountKubeconfig(releaseNamespace, "rollcall");
  const places = ["--kubeconfig", kubeconfig, "--namespace", organisation.namespace];
  const own = ["--controller-namespace", releaseNamespace, "--state", organisation.at("state")];
  const addresses = ["--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"];
  return startRollcall(["controller", ...places, ...own, ...addresses], {
    NODE_OPTIONS: `--max-old-space-size=${megabytes}`,
  });
}

const patient = { timeout: 180_000, every: 500 };
const allHaveCome = async (count: number) => (await inLdap(ldap)).length === count;

test("what too little memory ends, wherever it was, is gone on with by one that has enough: each change is made once", async () => {
  await using organisation = await Organisation.make(cluster, "short", ...people(ldap));
  await cluster.apply(secret("short", ldap.servicePassword));
  const names = Array.from({ length: many }, (_, index) => `p${index}`);
  await organisation.createMany(names.map((name) => person(name)));
  const short = await start(organisation, 64);
  // Where it ends is a matter of milliseconds: before its first batch, in the middle of one, or after all.
  await Promise.race([short.ended, waitFor(() => allHaveCome(many), { ...patient, what: "it has ended" })]);
  short.signal("SIGKILL");
  expect((await short.ended).code).toBeNull();

  const enough = await start(organisation, 512);
  await organisation.apply(person("last"));
  await waitFor(() => allHaveCome(many + 1), { ...patient, what: "all have come" });
  enough.signal("SIGTERM");
  expect((await enough.ended).code).toBe(0);

  const state = await openState(organisation.at("state/short.db"), { realm: "short", mode: "read" });
  const journal = await collect(state.journal({}));
  expect(await state.openBatches("people")).toEqual([]);
  await state.close();
  const made = journal.filter(({ operation, identity }) => operation === "Create" && identity !== "");
  const done = made.filter(({ result }) => result === "Done").map(({ identity }) => identity);
  expect(done.sort()).toEqual([...names, "last"].sort());
}, 500_000);
