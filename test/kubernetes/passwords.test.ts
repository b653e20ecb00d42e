import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { company, dn, person } from "../support/company.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../support/kubernetes/organisation.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";
import { logsInTo } from "../support/store-login.ts";
import { waitFor } from "../support/wait.ts";

/** Passwords in a cluster: a controller with the chart's rights, a real API server, Secrets. */

const organisations: Organisation[] = [];
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, ["given", "kept"], { secrets: { all: true, deliver: true } });
});
afterEach(async () => {
  for (const organisation of organisations.splice(0)) await organisation[Symbol.asyncDispose]();
});
afterAll(() => cluster?.stop());

const place = { secret: { name: { expression: "identity.userName + '-login'" } } };

async function organisation(namespace: string, passwords: object): Promise<Organisation> {
  const made = await Organisation.make(cluster, namespace, ...company({ passwords }));
  organisations.push(made);
  return made;
}

async function secret(acme: Organisation, name: string): Promise<string | undefined> {
  const { code, stdout } = await acme.kubectl("get", "secret", name, "-o", "jsonpath={.data.password}");
  return code === 0 && stdout !== "" ? Buffer.from(stdout, "base64").toString() : undefined;
}

const logsIn = (acme: Organisation, who: string, password: string) =>
  logsInTo(acme.at("store.json"), dn(who), password);

/** All that the cluster and the controller show, Secrets apart. */
async function shown(acme: Organisation, lines: readonly unknown[]): Promise<string> {
  const kinds = "identities,targets,stores,events,configmaps";
  return (await acme.must("get", kinds, "-o", "json")) + JSON.stringify(lines);
}

test("an initial password is in a Secret that names its account before the account is there, and nowhere else", async () => {
  const acme = await organisation("given", { initial: { deliver: place } });
  await acme.apply(person("alice"));
  const controller = await acme.start("--log-level", "debug");
  await acme.haveAccounts("alice");
  const password = (await secret(acme, "alice-login")) ?? "";
  expect(await logsIn(acme, "alice", password)).toBe(true);
  expect(await shown(acme, controller.lines)).not.toContain(password);
});

test("a password that is kept in a Secret is set, and set again soon after the Secret has changed", async () => {
  const acme = await organisation("kept", { from: place });
  await acme.apply(person("alice"));
  const controller = await acme.start("--log-level", "debug");
  await acme.must("wait", "--for=condition=Ready=False", "--timeout=120s", "identity/alice");
  await waitFor(
    async () =>
      (await acme.must("get", "identity/alice", "-o", "json")).includes("cannot find Secret alice-login"),
    { what: "alice's status names the Secret" },
  );
  for (const password of ["First-of-All-1", "Second-of-All-2"]) {
    await cluster.apply(
      stringify({
        ...{ apiVersion: "v1", kind: "Secret", stringData: { password } },
        metadata: { name: "alice-login", namespace: "kept", labels: { "rollcall.dev/store": "directory" } },
      }),
    );
    await waitFor(() => logsIn(acme, "alice", password), { what: `alice logs in with ${password}` });
  }
  expect(await shown(acme, controller.lines)).not.toMatch(/of-All/);
});

test("a password is set by hand from a Secret, read with the rights of who asks", async () => {
  await cluster.namespace("asked");
  const metadata = { name: "alice-login", namespace: "asked" };
  const stringData = { password: "From-a-Secret-1\n" };
  await cluster.apply(stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData }));
  await using folder = await ManifestFolder.make(...company(), person("alice"));
  expect(await rollcall("apply", ...folder.words, "--init", "--yes")).toMatchObject({ code: 0 });
  const set = (secret: string, kubeconfig = cluster.kubeconfig) =>
    rollcall(
      ...["password", "set", "alice", ...folder.words, "--target", "people"],
      ...["--from-secret", secret, "--namespace", "asked", "--kubeconfig", kubeconfig],
    );
  expect(await set("alice-login/password")).toMatchObject({ code: 0 });
  expect(await logsInTo(folder.at("store.json"), dn("alice"), "From-a-Secret-1")).toBe(true);
  expect(await set("alice-login/token")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Secret alice-login in namespace asked has no key token"),
  });
  const stranger = await cluster.user("mallory");
  expect(await set("alice-login/password", stranger)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("cannot get secrets"),
  });
});
