import { afterAll, beforeAll, expect, test } from "vitest";
import { secretWriter } from "../../src/cli/cluster/password-secrets.ts";
import type { PasswordDelivery } from "../../src/core/model/password.ts";
import type { ClusterApi } from "../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../src/resources/kubernetes/open-cluster.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";

/** Secrets to which passwords are delivered, at a real API server. */

let cluster: Cluster;
let api: ClusterApi;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.namespace("passwords");
  api = await openCluster({ environment: {}, kubeconfig: cluster.kubeconfig });
});
afterAll(async () => {
  await api?.close();
  await cluster?.stop();
});

const path = "/api/v1/namespaces/passwords/secrets";
const signal = new AbortController().signal;
const delivery = (more: Partial<PasswordDelivery> = {}): PasswordDelivery => ({
  ...{ id: "1", password: "First-of-All-1", mustChange: true, target: "people", store: "corp" },
  ...{ identity: "ann", account: "uid=ann", ...more },
});
const deliver = (name: string, more: Partial<PasswordDelivery> = {}) =>
  secretWriter(api, "passwords")({ kind: "Secret", name, key: "password" }, delivery(more), signal);

interface Secret {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: { readonly annotations: object; readonly labels: object };
}

async function read(name: string): Promise<Secret> {
  return (await api.request({ method: "GET", path: `${path}/${name}` })) as Secret;
}

const value = ({ data }: Secret) => Buffer.from(data.password ?? "", "base64").toString();

test("a password is kept in a Secret that says whose it is; the next one takes its place, and other keys stay", async () => {
  await deliver("ann-login");
  const first = await read("ann-login");
  expect(first).toMatchObject({
    type: "rollcall.dev/password",
    metadata: {
      labels: { "app.kubernetes.io/managed-by": "rollcall" },
      annotations: {
        "rollcall.dev/target": "people",
        "rollcall.dev/identity": "ann",
        "rollcall.dev/account": "uid=ann",
      },
    },
  });
  expect(value(first)).toBe("First-of-All-1");
  await api.request({
    method: "PATCH",
    path: `${path}/ann-login`,
    contentType: "application/merge-patch+json",
    body: { data: { note: "aGk=" } },
  });
  await deliver("ann-login", { password: "Second-of-All-2", account: "uid=ann,ou=new" });
  const second = await read("ann-login");
  expect(value(second)).toBe("Second-of-All-2");
  expect(second.data.note).toBe("aGk=");
  expect(second.metadata.annotations).toMatchObject({ "rollcall.dev/account": "uid=ann,ou=new" });
});

test("a Secret that is somebody else's is left as it is: not ours, another target's, another identity's", async () => {
  const metadata = { name: "theirs", annotations: { "rollcall.dev/target": "people" } };
  await api.request({
    method: "POST",
    path,
    body: { apiVersion: "v1", kind: "Secret", metadata, data: { password: "aGk=" } },
  });
  await deliver("bob-login", { identity: "bob" });
  for (const [name, more] of [
    ["theirs", {}],
    ["bob-login", { identity: "ann" }],
    ["bob-login", { identity: "bob", target: "other" }],
  ] as const) {
    const before = await read(name);
    const error = await deliver(name, { password: "Stolen-of-All-3", ...more }).catch((reason) => reason);
    expect(error).toMatchObject({ kind: "Denied" });
    expect(error.message).toContain("name another, or delete it");
    expect(error.message).not.toContain("Stolen");
    expect(await read(name)).toEqual(before);
  }
});

test("a name that no Secret can have, and a namespace that is not there, are told and not tried again and again", async () => {
  const odd = await deliver("Ann Login").catch((reason) => reason);
  expect(odd).toMatchObject({ kind: "Denied" });
  const nowhere = await secretWriter(api, "nowhere")(
    { kind: "Secret", name: "ann-login", key: "password" },
    delivery(),
    signal,
  ).catch((reason) => reason);
  expect(nowhere).toMatchObject({ kind: "Denied" });
  expect(`${odd.message} ${nowhere.message}`).not.toContain("First-of-All");
});
