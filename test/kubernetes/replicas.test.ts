import { afterAll, beforeAll, expect, test } from "vitest";
import { openState } from "../../src/state/open.ts";
import { company, person } from "../support/company.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation, releaseNamespace } from "../support/kubernetes/organisation.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { type ControllerProcess, rollcall } from "../support/rollcall-process.ts";
import { collect } from "../support/state/samples.ts";
import { waitFor } from "../support/wait.ts";

/** The controller itself, in several replicas on a real API server; lease.test.ts looks at each step of it. */

let cluster: Cluster;
let database: Postgres;
beforeAll(async () => {
  [cluster, database] = await Promise.all([startCluster(), startPostgres()]);
  await installRelease(cluster, ["one-file", "one-database"]);
});
afterAll(() => Promise.all([cluster.stop(), database.stop()]));

/** Who holds the Lease. */
async function leader(): Promise<string> {
  const words = ["get", "lease", "rollcall", "-n", releaseNamespace, "-o", "jsonpath={.spec.holderIdentity}"];
  return (await cluster.kubectl(words)).stdout;
}

/** How often a controller has logged this. */
function times({ lines }: ControllerProcess, msg: string): number {
  return lines.filter((line) => line.msg === msg).length;
}

test("with its state in a file, a second replica ends with the cure; one that finds a dead one's Lease waits", {
  timeout: 300_000,
}, async () => {
  await using organisation = await Organisation.make(cluster, "one-file", ...company({}), person("alice"));
  const first = await organisation.start();
  await organisation.haveAccounts("alice");
  const second = await rollcall(
    ...["controller", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"],
    ...["--kubeconfig", await cluster.serviceAccountKubeconfig(releaseNamespace, "rollcall")],
    ...["--namespace", organisation.namespace, "--controller-namespace", releaseNamespace],
    ...["--root", organisation.at("."), "--state", organisation.at("state")],
  );
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(/cannot run beside \S+: its state is a file, .*; run one replica/);

  await first.end("SIGKILL");
  const third = await organisation.start();
  await third.logged("standing by");
  await organisation.apply(person("bob"));
  await third.logged("leading");
  await organisation.haveAccounts("alice", "bob");
  expect(await third.end("SIGTERM")).toBe(0);
});

test("with its state in a database replicas take turns: ended, killed, paused, the API server away, each change is made once", {
  timeout: 400_000,
}, async () => {
  await using organisation = await Organisation.make(cluster, "one-database", ...company({}), person("a0"));
  const place = await database.createDatabase();
  const start = () => organisation.start("--state", place);
  const first = await start();
  await organisation.haveAccounts("a0");
  const second = await start();
  await second.logged("standing by");
  await second.ready();

  await first.end("SIGTERM");
  await second.logged("leading");
  await organisation.apply(person("a1"));
  await organisation.haveAccounts("a0", "a1");

  const third = await start();
  await third.logged("standing by");
  await second.end("SIGKILL");
  await organisation.apply(person("a2"));
  await third.logged("leading");
  await organisation.haveAccounts("a0", "a1", "a2");

  const fourth = await start();
  await fourth.logged("standing by");
  third.signal("SIGSTOP");
  await organisation.apply(person("a3"));
  await fourth.logged("leading");
  await organisation.haveAccounts("a0", "a1", "a2", "a3");
  third.signal("SIGCONT");
  await third.logged("no longer leading");
  await third.logged("standing by", { leader: await leader() });
  await fourth.end("SIGTERM");
  await organisation.apply(person("a4"));
  await organisation.haveAccounts("a0", "a1", "a2", "a3", "a4");

  await cluster.kill();
  await waitFor(() => times(third, "no longer leading") > 1);
  await cluster.restart();
  await organisation.apply(person("a5"));
  await organisation.haveAccounts("a5");

  const state = await openState(place, { realm: organisation.namespace, mode: "read" });
  const journal = await collect(state.journal({}));
  const made = journal.filter(({ operation, identity }) => operation === "Create" && identity !== "");
  expect(made.map(({ identity }) => identity)).toEqual(["a0", "a1", "a2", "a3", "a4", "a5"]);
  const terms = [first, second, third, fourth].map((each) => times(each, "leading"));
  expect(state.epoch).toBeGreaterThanOrEqual(6);
  // On a busy machine a Lease may have been renewed too late as well.
  expect(state.epoch).toBeLessThanOrEqual(terms.reduce((sum, each) => sum + each));
  await state.close();
});
