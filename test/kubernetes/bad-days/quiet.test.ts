import { afterAll, beforeAll, expect, test } from "vitest";
import { company, person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../../support/kubernetes/organisation.ts";
import { onceQuiet } from "../../support/kubernetes/quiet.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { waitFor } from "../../support/wait.ts";

/** Law 2 on the API server: who has nothing to do writes nothing, whatever else happens to the process. */

let cluster: Cluster;
let database: Postgres;
beforeAll(async () => {
  [cluster, database] = await Promise.all([startCluster(), startPostgres()]);
  await installRelease(cluster, ["quiet"]);
});
afterAll(() => Promise.all([cluster?.stop(), database?.stop()]));

/** Requests that changed something other than Leases. */
async function written(): Promise<Record<string, number>> {
  const all = Object.entries(await cluster.requests());
  return Object.fromEntries(all.filter(([name]) => !/ (?:leases|serviceaccounts\/token)$/.test(name)));
}

test("passes with nothing to do, restarts and standing by write nothing but the Lease", async () => {
  const often = company({ schedule: { every: "1s" } });
  const observed = { ...often[1]!, name: "observed", spec: { ...often[1]!.spec, mode: "Observe" } };
  const nowhere = {
    kind: "Grant",
    name: "nowhere",
    spec: { identity: { name: "alice" }, accessProfile: { name: "none" }, reason: "there is none" },
  };
  const staff = [person("alice"), person("bob"), person("rival", { userName: "bob" })];
  await using organisation = await Organisation.make(cluster, "quiet", ...often, observed, nowhere, ...staff);
  const place = await database.createDatabase();
  const start = async () => {
    const controller = await organisation.start("--state", place, "--log-level", "debug");
    await controller.ready();
    return controller;
  };
  /** Resolves after so many more passes, of one of the two targets. */
  const passes = async (controller: Awaited<ReturnType<typeof start>>, many: number) => {
    const made = () => controller.lines.filter(({ msg }) => msg === "target run").length;
    const end = made() + many;
    await waitFor(() => made() >= end, { what: `${many} passes are made` });
  };

  const first = await start();
  const ready = (status: boolean, ...what: string[]) =>
    organisation.must("wait", `--for=condition=Ready=${status}`, "--timeout=120s", ...what);
  await ready(true, "identity/alice", "target/observed", "store/directory");
  await ready(true, "businessrole/research", "accessprofile/lab");
  await ready(false, "identity/rival", "grant/nowhere");
  const before = await onceQuiet(written, () => passes(first, 4));
  await passes(first, 8);
  expect(await written()).toEqual(before);

  const second = await start();
  await second.logged("standing by");
  await passes(first, 4);
  expect(await written()).toEqual(before);

  expect(await first.end("SIGTERM")).toBe(0);
  await passes(second, 6);
  expect(await written()).toEqual(before);

  expect(await second.end("SIGTERM")).toBe(0);
  await passes(await start(), 6);
  expect(await written()).toEqual(before);
});
