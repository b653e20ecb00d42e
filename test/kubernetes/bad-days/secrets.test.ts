import { Attribute, Change } from "ldapts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import {
  controllerUser,
  installRelease,
  Organisation,
  upgradeRelease,
} from "../../support/kubernetes/organisation.ts";
import { rightsKnown } from "../../support/kubernetes/rights.ts";
import { type OpenLdap, startOpenLdap } from "../../support/openldap.ts";
import type { ControllerProcess } from "../../support/rollcall-process.ts";
import { waitFor } from "../../support/wait.ts";
import { asAdmin, inLdap, people, secret } from "./ldap-people.ts";

/** The Secret with a Store's password is missing, not meant for it, not to be read, or is renewed, while a real OpenLDAP is kept. */

const namespaces = Array.from({ length: 8 }, (_, index) => `secrets-${index}`);
const allowed = { secrets: { all: false, names: ["corp"] } };
/** The Store is looked at on its own account only: what happens does so since the Secret changed. */
const seldom = { limits: { settle: "1s" }, schedule: { every: "1h" } };

let cluster: Cluster;
let ldap: OpenLdap;
let organisation: Organisation;
let controller: ControllerProcess;
let url: string;
let number = 0;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, namespaces, allowed);
});
afterAll(() => cluster?.stop());

beforeEach(async () => {
  ldap = await startOpenLdap();
  organisation = await Organisation.make(
    cluster,
    namespaces[number++]!,
    ...people(ldap, { target: seldom }),
    person("alice"),
  );
});
afterEach(async () => {
  expect(await controller.end("SIGTERM")).toBe(0);
  await organisation[Symbol.asyncDispose]();
  await ldap.stop();
});

async function start(): Promise<void> {
  controller = await organisation.start();
  url = String((await controller.logged("started")).url);
}

/** Writes the Secret, with the mark of this Store. */
const put = (password: string, store = "directory") =>
  cluster.apply(secret(organisation.namespace, password, store));

const renewInLdap = (password: string) =>
  asAdmin(ldap, (client) => {
    const modification = new Attribute({ type: "userPassword", values: [password] });
    return client.modify(ldap.serviceDn, new Change({ operation: "replace", modification }));
  });

const entries = () => inLdap(ldap);

const arrived = (uid: string) =>
  waitFor(async () => (await entries()).some((entry) => entry.uid === uid), { what: `${uid} has an entry` });

/** The Store's status tells this, by reason and words. */
async function told(reason: string, words: RegExp): Promise<void> {
  const path = '{.status.conditions[?(@.type=="Ready")]}';
  await waitFor(
    async () => {
      const said = await organisation.must("get", "store/directory", "-o", `jsonpath=${path}`);
      const { reason: is = "", message = "" } = said ? JSON.parse(said) : {};
      if (is !== reason || !words.test(message)) throw new Error(said);
      return true;
    },
    { what: `the Store says ${reason}: ${words}` },
  );
}

/** Nothing that anybody can look at has this text, encoded or not. */
async function showsNowhere(...secrets: readonly string[]): Promise<void> {
  const kinds = "stores,targets,identities,businessroles,accessprofiles,events,events.events.k8s.io";
  const shown = [
    JSON.stringify(controller.lines),
    await (await fetch(`${url}/metrics`)).text(),
    await (await fetch(`${url}/readyz`)).text(),
    await organisation.must("get", kinds, "-o", "json"),
  ].join("\n");
  expect(shown).toContain("directory");
  for (const secret of secrets)
    for (const text of [secret, Buffer.from(secret).toString("base64")]) expect(shown).not.toContain(text);
}

describe("a Secret that a Store names and that", () => {
  test("is missing is waited for", async () => {
    await start();
    await told(
      "StoreUnauthenticated",
      /cannot find Secret corp in namespace \S+: create it, with the key pass/,
    );
    expect(await entries()).toEqual([]);
    await put(ldap.servicePassword);
    await arrived("alice");
    await told("Reachable", /answers/);
    await showsNowhere(ldap.servicePassword);
  });

  test("is meant for another Store is not used, until it is meant for this one", async () => {
    await put(ldap.servicePassword, "other");
    await start();
    await told(
      "StoreUnauthenticated",
      /cannot use Secret corp for Store directory: label it rollcall.dev\/store=/,
    );
    expect(await entries()).toEqual([]);
    await organisation.must("label", "secret/corp", "rollcall.dev/store-");
    await told("StoreUnauthenticated", /label it rollcall.dev\/store=directory/);
    await organisation.must("label", "secret/corp", "rollcall.dev/store=directory");
    await arrived("alice");
    await showsNowhere(ldap.servicePassword);
  });

  test("may not be read is told with the right that is missing, and read when that is given", async () => {
    await put(ldap.servicePassword);
    await upgradeRelease(cluster, namespaces, { secrets: { all: false, names: ["another"] } });
    const right = { namespace: organisation.namespace, resource: "secrets", name: "corp", verb: "list" };
    await rightsKnown(cluster, controllerUser, [right], false);
    await start();
    await told("StoreUnauthenticated", /cannot list secrets .*403.*: allow the verb list on secrets/);
    expect(await entries()).toEqual([]);
    await upgradeRelease(cluster, namespaces, allowed);
    await arrived("alice");
    await showsNowhere(ldap.servicePassword);
  });

  test("is renewed is taken up at once, and nobody is touched by it", async () => {
    await put(ldap.servicePassword);
    await start();
    await arrived("alice");
    const before = await entries();
    await renewInLdap("renewed-secret");
    await ldap.restart(); // Who was logged in no longer is.
    await organisation.apply(person("bob"));
    await told("StoreUnauthenticated", /invalid credentials/);
    await put("renewed-secret");
    await arrived("bob");
    await told("Reachable", /answers/);
    expect((await entries()).filter(({ uid }) => uid !== "bob")).toEqual(before);
    await showsNowhere(ldap.servicePassword, "renewed-secret");
  });

  test("is wrong for a while touches nobody: who came meanwhile comes, and nobody leaves", async () => {
    await put(ldap.servicePassword);
    await start();
    await arrived("alice");
    const before = await entries();
    await put("mistyped-secret");
    await told("StoreUnauthenticated", /invalid credentials.*correct bind.dn or the password/);
    await organisation.apply(person("bob"));
    await organisation.delete("secret/corp");
    await told("StoreUnauthenticated", /cannot find Secret corp/);
    expect(await entries()).toEqual(before);
    await put(ldap.servicePassword);
    await arrived("bob");
    await told("Reachable", /answers/);
    expect((await entries()).filter(({ uid }) => uid !== "bob")).toEqual(before);
    await showsNowhere(ldap.servicePassword, "mistyped-secret");
  });
});
