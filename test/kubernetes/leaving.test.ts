import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { renderChart } from "../../scripts/install/helm.ts";
import { company, person } from "../support/company.ts";
import { binary } from "../support/kubernetes/binaries.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import {
  installRelease,
  Organisation,
  upgradeRelease,
  warnings,
} from "../support/kubernetes/organisation.ts";
import { waitFor } from "../support/wait.ts";

/** Leaving as it is designed, on a real API server: who is deleted leaves; what takes objects away by other means takes nobody along. */

const quick = { limits: { settle: "1s", removals: { percent: 50, atLeast: 2 } }, schedule: { every: "1h" } };
const staff = ["alice", "bob", "carol", "dave"];
const namespaces = ["reverted", "no-crd", "no-namespace", "no-target", "pruned", "uninstalled"];

let cluster: Cluster;
const organisations: Organisation[] = [];

beforeAll(async () => {
  cluster = await startCluster({ controllerManager: true });
  await installRelease(cluster, namespaces);
});

afterEach(async () => {
  for (const organisation of organisations.splice(0)) await organisation[Symbol.asyncDispose]();
});

afterAll(() => cluster?.stop());

/** A namespace whose staff have their accounts, and its controller. */
async function atWork(namespace: string) {
  const organisation = await Organisation.make(cluster, namespace);
  organisations.push(organisation);
  await organisation.applyOneByOne(...company(quick), ...staff.map((name) => person(name)));
  const controller = await organisation.start();
  await organisation.must("wait", "--for=condition=Ready", "--timeout=120s", "identity", "--all");
  return { organisation, controller };
}

/** Asks for a pass, and resolves when it is done. */
async function pass(organisation: Organisation): Promise<void> {
  const value = `${Date.now()}`;
  await organisation.must("annotate", "--overwrite", "target/people", `rollcall.dev/requestedAt=${value}`);
  await organisation.must(
    "wait",
    `--for=jsonpath={.status.lastHandledRequestedAt}=${value}`,
    "--timeout=120s",
    "target/people",
  );
}

async function settle(): Promise<void> {
  const end = Date.now() + 2_000;
  await waitFor(() => Date.now() > end, { what: "twice the time of settling is over" });
}

/** What is to come of an absence has come of it once it has settled, and a pass has been made after that. */
async function settled(organisation: Organisation): Promise<void> {
  await settle();
  await pass(organisation);
}

const enabled = async (organisation: Organisation) =>
  (await organisation.store()).accounts.filter((each) => each.enabled).length;

describe("who is deleted", () => {
  test("is disabled once that has settled, and has the same account again when the deletion is reverted", async () => {
    const { organisation } = await atWork("reverted");
    const before = await organisation.account("alice");
    await organisation.delete("identity/alice");
    await waitFor(async () => (await organisation.account("alice"))?.enabled === false, {
      what: "alice's account is disabled",
    });
    await organisation.apply(person("alice"));
    await organisation.haveAccounts(...staff);
    expect(await organisation.account("alice")).toEqual(before);
  });
});

describe("deprovisions nobody until somebody approves:", () => {
  test("pruning 5,000 Identities at once", { timeout: 700_000 }, async () => {
    // Longer than the tool that deletes may be held up when it has only begun: few would be a removal like any other.
    const limits = { settle: "10s" };
    const organisation = await Organisation.make(cluster, "pruned", ...company({ limits }));
    organisations.push(organisation);
    const names = Array.from({ length: 5_000 }, (_, index) => `person-${index}`);
    await organisation.createMany(names.map((name) => person(name)));
    await organisation.start();
    await waitFor(async () => (await enabled(organisation)) === names.length, { timeout: 300_000 });

    await organisation.deleteMany("Identity", names);
    await organisation.apply(person("alice"));
    await organisation.haveAccounts("alice");
    await organisation.must(
      "wait",
      "--for=jsonpath={.status.holds[0].budget}=Removals",
      "--timeout=120s",
      "target/people",
    );
    expect(await enabled(organisation)).toBe(names.length + 1);
  });
});

describe("deprovisions nobody:", () => {
  test("deleting the definition of Identity, and making it anew without them", async () => {
    const { organisation, controller } = await atWork("no-crd");
    await organisation.must("delete", "crd", "identities.rollcall.dev", "--timeout=120s");
    await settled(organisation);
    expect(await enabled(organisation)).toBe(staff.length);

    await cluster.installCrds();
    await organisation.apply(person("alice"), person("erin"));
    await organisation.haveAccounts("erin");
    await settled(organisation);
    expect(await enabled(organisation)).toBe(staff.length + 1);
    expect(warnings(controller).filter(({ level }) => level === "error")).toEqual([]);
  });

  test("deleting the namespace, and making it anew with a Target alone", async () => {
    const { organisation, controller } = await atWork("no-namespace");
    await cluster.kubectl(["delete", "namespace", "no-namespace", "--timeout=120s"]);
    await controller.logged("the manifests are incomplete: nothing that is missing is removed");
    expect(await enabled(organisation)).toBe(staff.length);

    await cluster.namespace("no-namespace");
    await upgradeRelease(cluster, namespaces);
    await organisation.applyOneByOne(...company(quick), person("alice"), person("erin"));
    await organisation.haveAccounts("erin");
    await settled(organisation);
    expect(await enabled(organisation)).toBe(staff.length + 1);
  });

  test("deleting the Target, and the Store", async () => {
    const { organisation, controller } = await atWork("no-target");
    const before = await organisation.store();
    await organisation.delete("target/people");
    await organisation.delete("store/directory");
    // Kinds come by watches of their own, in any order: until it knows that the Target is gone, who leaves or comes does so there, too.
    await organisation.must("wait", "--for=condition=Ready=False", "--timeout=120s", "accessprofile/lab");
    await organisation.delete("identity/alice");
    // Who is missing counts for as long as nobody has left: one more tells that the deletions were seen.
    await organisation.apply(person("erin"));
    await controller.logged("manifests read", { identities: staff.length + 1 });
    await settle();
    expect(await organisation.store()).toEqual(before);
  });

  test("uninstalling the release, which leaves definitions and objects where they are", async () => {
    const { organisation } = await atWork("uninstalled");
    const before = await organisation.store();
    const rendered = await renderChart(binary("helm"), { watch: { namespaces }, secrets: { all: true } });
    const kept = /helm\.sh\/resource-policy: keep/;
    const gone = rendered
      .split(/^---$/m)
      .filter((document) => document.trim() !== "" && !kept.test(document));
    await cluster.kubectl(["delete", "--ignore-not-found", "-f", "-"], { input: gone.join("---") });
    expect((await organisation.must("get", "identities", "-o", "name")).split("\n").length - 1).toBe(
      staff.length,
    );
    expect(await organisation.store()).toEqual(before);
  });
});
