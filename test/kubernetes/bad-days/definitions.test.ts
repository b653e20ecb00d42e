import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { company, person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../../support/kubernetes/organisation.ts";
import type { ControllerProcess } from "../../support/rollcall-process.ts";
import { waitFor } from "../../support/wait.ts";

/** The definitions of our kinds come later than the controller, and change under objects that are there. */

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.stop());

const get = async (controller: ControllerProcess, path: string) => {
  const { url } = await controller.logged("started");
  return (await fetch(`${url}${path}`)).text();
};

const crds = (file: string) => new URL(`../../../crds/${file}`, import.meta.url).pathname;

describe("a controller that is there before the definitions", () => {
  const missing = /not ready: cannot list identities.*404.*install its CustomResourceDefinition/;
  test("waits for them and says so, and begins its work when they are installed", async () => {
    await installRelease(cluster, ["early"], { crds: { install: false } });
    await using organisation = await Organisation.make(cluster, "early");
    const controller = await organisation.start();
    await waitFor(async () => missing.test(await get(controller, "/readyz")), { what: "it is not ready" });
    await controller.logged("cannot watch the cluster");
    const unread = 'rollcall_manifests_unread{realm="early",kind="Identity"} 1';
    await waitFor(async () => (await get(controller, "/metrics")).includes(unread), { what: unread });
    expect(await get(controller, "/healthz")).toBe("ok\n");
    await cluster.apply(crds("rollcall.dev_identities.yaml"));
    const others = /not ready: cannot list (?!identities)\w+.*404.*install its CustomResourceDefinition/;
    await waitFor(async () => others.test(await get(controller, "/readyz")), {
      what: "it waits for the others",
    });
    await cluster.installCrds();
    await organisation.apply(...company(), person("alice"));
    await organisation.haveAccounts("alice");
    await controller.ready();
    // What was refused last is seen at once, and read by the controller's next step.
    await waitFor(async () => !(await get(controller, "/metrics")).includes("rollcall_manifests_unread{"), {
      what: "all is read",
    });
    expect(await controller.end("SIGTERM")).toBe(0);
  });
});
