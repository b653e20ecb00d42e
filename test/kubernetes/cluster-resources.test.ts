import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectors } from "../../src/connectors/registry.ts";
import { KnownManifests } from "../../src/resources/known.ts";
import type { ApiRequest, ClusterApi } from "../../src/resources/kubernetes/api.ts";
import type { ClusterResources } from "../../src/resources/kubernetes/cluster-resources.ts";
import { type ClusterSourceOptions, watchCluster } from "../../src/resources/kubernetes/cluster-source.ts";
import { openCluster } from "../../src/resources/kubernetes/open-cluster.ts";
import { retrying } from "../../src/resources/kubernetes/retry.ts";
import { resolve } from "../../src/resources/resolve.ts";
import type { Reading } from "../../src/resources/resources.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { waitFor } from "../support/wait.ts";

let cluster: Cluster;
let admin: ClusterApi;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  admin = await openCluster({ kubeconfig: cluster.kubeconfig, environment: {} });
});

/** Has our kinds served, from the first call on. */
let served: Promise<void> | undefined;
function serve(): Promise<void> {
  served ??= cluster.installCrds();
  return served;
}

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

afterAll(async () => {
  await admin?.close();
  await cluster?.stop();
});

test("kinds that are not served are unread, and read as soon as they are", async () => {
  const { resources } = await watch("early", { made: true, unserved: true });
  const before = await resources.read();
  expect([...before.unread.keys()]).toEqual([
    ...["Identity", "BusinessRole", "AccessProfile", "Grant", "Store", "Target", "Export"],
  ]);
  expect(before.unread.get("Grant")).toMatch(/install its CustomResourceDefinition/);
  await serve();
  await apply("early", identity("ada"));
  const reading = await readUntil(resources, ({ unread, resources: all }) => unread.size + 1 === all.length);
  expect(reading).toMatchObject({
    realm: "early",
    complete: { ok: true },
    revision: expect.stringMatching(/^resourceVersion:\d+$/),
  });
  expect(reading.origins.size).toBe(7);
});

describe("a reading", () => {
  test("has valid objects, and of invalid ones that were stored under a laxer schema what is wrong", async () => {
    const { resources } = await watch("lax", { made: true });
    await withoutSchema("identities.rollcall.dev", () =>
      apply("lax", { ...identity("nobody"), spec: { userName: 7 } }, identity("ada")),
    );
    const reading = await readUntil(
      resources,
      ({ resources: all, invalid }) => all.length + invalid.size === 2,
    );
    expect(reading.resources.map(({ name }) => name)).toEqual(["ada"]);
    expect([...reading.invalid]).toEqual([
      ["Identity/nobody", expect.stringMatching(/^spec.userName must be/)],
    ]);
    expect(reading.problems).toMatchObject([{ name: "nobody", field: "spec.userName" }]);
  });

  test("follows ten thousand objects that come at once, and go at once", async () => {
    const { resources } = await watch("crowd", { made: true });
    const people = Array.from({ length: 10_000 }, (_, index) => `person-${index}`);
    await inParallel(people, (name) => create("crowd", identity(name)));
    await readUntil(resources, ({ resources: all }) => all.length === people.length);
    const all = { method: "DELETE", path: pathOf("crowd", "identities"), timeout: 120_000 } as const;
    // The API server gives itself a minute.
    await retrying(() => admin.request(all));
    const reading = await readUntil(resources, ({ resources: all }) => all.length === 0);
    expect([reading.complete, reading.invalid.size]).toEqual([{ ok: true }, 0]);
  }, 240_000);

  test("goes on after the API server was away, and has lost nobody meanwhile", async () => {
    const { resources } = await watch("restart", { made: true });
    await apply("restart", identity("ada"), identity("bob"));
    await readUntil(resources, ({ resources: all }) => all.length === 2);
    await cluster.kill();
    const away = await waitFor(async () => {
      const one = await resources.read();
      const isCut = !one.complete.ok && /the watch of \w+ was cut/.test(one.complete.reason);
      return isCut ? one : undefined;
    });
    expect(names(away)).toEqual(["ada", "bob"]);
    await cluster.restart();
    await apply("restart", identity("carol"));
    const reading = await readUntil(resources, ({ resources: all }) => all.length > 2);
    expect(names(reading)).toEqual(["ada", "bob", "carol"]);
  });

  test("has only what the selector selects: what loses its label is gone", async () => {
    const labels = { tenant: "a" };
    const { resources } = await watch("selected", { made: true, selector: "tenant=a" });
    await apply("selected", identity("ada", { labels }), identity("bob", { labels }), identity("carol"));
    await readUntil(resources, (reading) => names(reading).join() === "ada,bob");
    await cluster.kubectl(["label", "-n", "selected", "identity", "bob", "tenant-"]);
    const reading = await readUntil(resources, (one) => names(one).join() === "ada");
    expect(reading.complete).toEqual({ ok: true });
  });

  test("by another selector has another origin: whom it leaves out is not gone", async () => {
    const a = { labels: { tenant: "a" } };
    const before = await watch("reselected", { made: true, selector: "tenant=a" });
    await apply("reselected", identity("ada", a), identity("bob", { labels: { tenant: "a", site: "zrh" } }));
    const known = new KnownManifests();
    const first = await readUntil(before.resources, (one) => names(one).join() === "ada,bob");
    known.apply(resolve(first, known, 1).changes);
    const after = await watch("reselected", { selector: "site=zrh" });
    const reading = await readUntil(after.resources, (one) => names(one).join() === "bob");
    expect(reading.complete).toEqual({ ok: true });
    const { snapshot } = resolve(reading, known, 2);
    const standings = [...snapshot.objects.Identity].map(([name, { standing }]) => [name, standing.status]);
    expect(standings.sort()).toEqual([
      ["ada", "Held"],
      ["bob", "Current"],
    ]);
  });

  test("has nothing that somebody has deleted, though a finalizer keeps it", async () => {
    const { resources } = await watch("finalizer", { made: true });
    await apply("finalizer", identity("ada", { finalizers: ["example.org/slow"] }), identity("bob"));
    await readUntil(resources, ({ resources: all }) => all.length === 2);
    await cluster.kubectl(["delete", "-n", "finalizer", "identity", "ada", "--wait=false"]);
    await readUntil(resources, (one) => names(one).join() === "bob");
    expect(resources.object("Identity", "ada")).toBeUndefined();
    const finalizers = { metadata: { finalizers: null } };
    await cluster.kubectl([
      "patch",
      "-n",
      "finalizer",
      "identity",
      "ada",
      "--type=merge",
      "-p",
      JSON.stringify(finalizers),
    ]);
  });
});

test("only what may lead to another reading is told, and a request for a pass", async () => {
  const { resources, signal } = await watch("told", { made: true });
  await apply("told", identity("ada"));
  const reading = await readUntil(resources, ({ resources: all }) => all.length === 1);
  let told = 0;
  await resources.watch(() => void told++, signal);
  const path = pathOf("told", "identities", "ada/status");
  const contentType = "application/merge-patch+json";
  const status = { conditions: [], observedGeneration: 1 };
  await admin.request({ method: "PATCH", path, body: { status }, contentType });
  await waitFor(() => resources.object("Identity", "ada")?.status !== undefined);
  expect(told).toBe(0);
  expect(await resources.read()).toEqual(reading);
  await cluster.kubectl(["annotate", "-n", "told", "identity", "ada", "rollcall.dev/requestedAt=now"]);
  await waitFor(() => told === 1);
});

test("all namespaces are watched by one watch a kind, and appear with their first object", async () => {
  await cluster.namespace("first");
  await apply("first", identity("ada"));
  const { source, signal } = await watch(undefined);
  await waitFor(() => source.synced());
  expect(source.namespaces()).toContain("first");
  const found: string[] = [];
  source.onNamespace((namespace) => void found.push(namespace), signal);
  await cluster.namespace("second");
  await apply("second", identity("bob"));
  await waitFor(() => found.length > 0);
  expect(found).toEqual(["second"]);
  for (const [namespace, name] of [
    ["first", "ada"],
    ["second", "bob"],
  ] as const) {
    const reading = await source.resources(namespace).read();
    expect([names(reading), reading.complete, reading.origins.size]).toEqual([[name], { ok: true }, 7]);
  }
});

describe("what is missing", () => {
  test("is gone when the namespace and the definitions are what they were", async () => {
    const { resources } = await watch("leaving", { made: true });
    await apply("leaving", identity("ada"), identity("bob"));
    const before = await readUntil(resources, ({ resources: all }) => all.length === 2);
    await cluster.kubectl(["delete", "-n", "leaving", "identity", "ada"]);
    const reading = await readUntil(resources, ({ resources: all }) => all.length === 1);
    expect(reading.complete).toEqual({ ok: true });
    expect(reading.origins).toEqual(before.origins);
  });

  test("is not gone where we may not see the namespace", async () => {
    const rules = [{ apiGroups: ["rollcall.dev"], resources: ["*"], verbs: ["list", "watch"] }];
    const { resources } = await watch("blind", { made: true, rules });
    await apply("blind", identity("ada"));
    const reading = await readUntil(resources, ({ resources: all }) => all.length === 1);
    expect(reading.complete).toEqual({
      ok: false,
      reason: expect.stringMatching(/allow the verb get on (namespaces|customresourcedefinitions)/),
    });
  });

  test("is not gone while the namespace terminates", async () => {
    const { resources } = await watch("ending", { made: true });
    await apply("ending", identity("ada"), identity("bob"));
    await readUntil(resources, ({ resources: all }) => all.length === 2);
    await cluster.kubectl(["delete", "namespace", "ending", "--wait=false"]);
    await cluster.kubectl(["delete", "-n", "ending", "identity", "ada"]);
    const reading = await readUntil(resources, ({ resources: all }) => all.length === 1);
    expect(reading.complete).toEqual({ ok: false, reason: "namespace ending is being deleted" });
  });

  test("went with its definition when that was deleted and made anew: what is there now has another origin", async () => {
    const { resources } = await watch("anew", { made: true });
    await apply("anew", identity("ada"), identity("bob"));
    const before = await readUntil(resources, ({ resources: all }) => all.length === 2);
    const origin = before.origins.get("Identity");
    const seen: Reading[] = [];
    const anew = readUntil(resources, (one) => {
      seen.push(one);
      return (
        one.complete.ok &&
        one.origins.has("Identity") &&
        names(one).join() === "bob" &&
        one.origins.get("Identity") !== origin
      );
    });
    await cluster.kubectl(["delete", "crd", "identities.rollcall.dev"]);
    await cluster.installCrds();
    await apply("anew", identity("bob"));
    await anew;
    const taken = seen.filter(
      (one) =>
        one.complete.ok &&
        !one.unread.has("Identity") &&
        one.origins.get("Identity") === origin &&
        one.resources.length < 2,
    );
    expect(taken).toEqual([]);
  });
});

test("a kind that we may not list is unread, and the others are read; once it is allowed so is it", async () => {
  const resourcesBut = [
    ...["identities", "businessroles", "accessprofiles", "stores", "targets", "exports", "approvals"],
  ];
  const rules = [
    { apiGroups: ["rollcall.dev"], resources: resourcesBut, verbs: ["list", "watch"] },
    { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
    { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["get"] },
  ];
  const { resources } = await watch("rights", { made: true, rules });
  await apply("rights", identity("ada"));
  // It may take a moment until the API server knows what they may do.
  const reading = await readUntil(resources, (one) => one.resources.length === 1 && one.unread.size === 1);
  expect([...reading.unread]).toEqual([
    [
      "Grant",
      expect.stringMatching(/allow the verb list on grants.rollcall.dev by a Role in namespace rights/),
    ],
  ]);
  expect(reading.complete).toEqual({ ok: true });
  await allow("rights", [{ apiGroups: ["rollcall.dev"], resources: ["grants"], verbs: ["list", "watch"] }]);
  await readUntil(resources, ({ unread }) => unread.size === 0);
});

describe("a Secret", () => {
  const reference = { name: "corp", key: "password" };
  const mark = { labels: { "rollcall.dev/store": "corp" } };

  test("is read by a right to that one alone, and only where it names its Store", async () => {
    const named = {
      apiGroups: [""],
      resources: ["secrets"],
      resourceNames: ["corp"],
      verbs: ["list", "watch"],
    };
    const { resources } = await watch("secret", { made: true, rules: [named, everyRight] });
    const asked = () => resources.secret(reference, "corp");
    await waitForError(asked, "cannot find Secret corp in namespace secret: create it, with the key");
    await apply("secret", secret("first", {}));
    await waitForError(asked, "cannot use Secret corp for Store corp: label it rollcall.dev/store=corp");
    await apply("secret", secret("first", mark));
    expect(await waitFor(asked)).toBe("first");
    await expect(resources.secret({ ...reference, key: "ca.crt" }, "corp")).rejects.toThrow(
      "cannot find the key ca.crt in Secret corp: add it, or name another (password)",
    );
    await expect(resources.secret(reference, "other")).rejects.toThrow(
      "cannot use Secret corp for Store other",
    );
    await expect(resources.secret({ ...reference, name: "hidden" }, "corp")).rejects.toThrow(
      /allow the verb list on secrets by a Role in namespace secret.* \(with the chart: add .* to secrets\.names\)/,
    );
  });

  test("that is rotated makes its Store another", async () => {
    const { resources, signal } = await watch("rotation", { made: true });
    await apply("rotation", secret("first", mark), store());
    const digestOf = (reading: Reading) => reading.resources[0]?.digest;
    const before = digestOf(await readUntil(resources, (one) => digestOf(one)?.includes("/") === true));
    await waitFor(async () => (await resources.secret(reference, "corp")) === "first");
    const { promise, resolve } = Promise.withResolvers<void>();
    await resources.watch(resolve, signal);
    await apply("rotation", secret("second", mark));
    await promise;
    const reading = await readUntil(resources, (one) => digestOf(one) !== before);
    expect(digestOf(reading)).not.toBe(before);
    expect(await resources.secret(reference, "corp")).toBe("second");
  });

  test("from which a Target read a password makes the Target another when it changes, and is told of", async () => {
    const { resources, signal } = await watch("passwords", { made: true });
    await apply("passwords", secret("First-of-All-1", mark), target());
    await waitFor(async () => (await resources.secret(reference, "corp")) === "First-of-All-1");
    const digestOf = (reading: Reading) => reading.resources[0]?.digest;
    const before = digestOf(await readUntil(resources, (one) => digestOf(one)?.includes("corp=") === true));
    const { promise, resolve } = Promise.withResolvers<void>();
    await resources.watch(resolve, signal);
    await apply("passwords", secret("Second-of-All-2", mark));
    await promise;
    const reading = await readUntil(resources, (one) => digestOf(one) !== before);
    expect(digestOf(reading)).not.toBe(before);
    expect(await resources.secret(reference, "corp")).toBe("Second-of-All-2");
    expect(digestOf(reading)).not.toContain("of-All");
  });
});

test("a cluster behind a proxy is spoken to through one tunnel", async () => {
  let tunnels = 0;
  const proxy = createServer().on("connect", (request, socket, head) => {
    tunnels += 1;
    const { hostname, port } = new URL(`http://${request.url}`);
    const server = connect(Number(port), hostname, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    server.write(head);
    server.pipe(socket).pipe(server);
    ends.push(() => server.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  ends.push(() => proxy.close());
  const config = JSON.parse(await readFile(cluster.kubeconfig, "utf8"));
  config.clusters[0].cluster["proxy-url"] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const kubeconfig = join(cluster.folder, "proxied.kubeconfig");
  await writeFile(kubeconfig, JSON.stringify(config));
  const api = await openCluster({ kubeconfig, environment: {} });
  ends.push(() => api.close());
  const version = () => api.request({ method: "GET", path: "/version" });
  expect(await Promise.all([version(), version(), version()])).toHaveLength(3);
  expect(tunnels).toBe(1);
});

interface WatchOptions extends Pick<ClusterSourceOptions, "selector"> {
  /** Before our kinds are served: of the first test alone. */
  readonly unserved?: boolean;
  /** Makes the namespace first. */
  readonly made?: true;
  /** What whoever watches may do; absent: everything. */
  readonly rules?: readonly object[];
}

async function watch(
  namespace: string | undefined,
  { made, rules, unserved, ...options }: WatchOptions = {},
) {
  if (!unserved) await serve();
  if (made) await cluster.namespace(namespace!);
  const api = rules ? await userWith(namespace!, rules) : admin;
  const stop = new AbortController();
  ends.push(() => stop.abort());
  const { signal } = stop;
  const namespaces = namespace === undefined ? {} : { namespaces: [namespace] };
  const source = watchCluster({ api, connectors, signal, ...namespaces, ...options });
  return { source, signal, resources: source.resources(namespace ?? "default") };
}

async function userWith(name: string, rules: readonly object[]): Promise<ClusterApi> {
  await allow(name, rules);
  const api = await openCluster({ kubeconfig: await cluster.user(name), environment: {} });
  ends.push(() => api.close());
  return api;
}

const everyRight = {
  apiGroups: ["rollcall.dev", "apiextensions.k8s.io"],
  resources: ["*"],
  verbs: ["get", "list", "watch"],
};

/** Lets the user of this name do more, in all namespaces. */
let roles = 0;
async function allow(user: string, rules: readonly object[]): Promise<void> {
  const name = `${user}-${roles++}`;
  const group = "rbac.authorization.k8s.io";
  const head = (kind: string) => ({ apiVersion: `${group}/v1`, kind, metadata: { name } });
  const roleRef = { apiGroup: group, kind: "ClusterRole", name };
  const subjects = [{ kind: "User", name: user, apiGroup: group }];
  await applyAll([
    { ...head("ClusterRole"), rules },
    { ...head("ClusterRoleBinding"), roleRef, subjects },
  ]);
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

function identity(name: string, metadata: object = {}) {
  return {
    apiVersion: "rollcall.dev/v1alpha1",
    kind: "Identity",
    metadata: { name, ...metadata },
    spec: { userName: name },
  };
}

function store() {
  const password = { secretKeyRef: { name: "corp", key: "password" } };
  const ldap = { url: "ldaps://ldap.example.org", bind: { dn: "cn=rollcall,dc=example,dc=org", password } };
  return { apiVersion: "rollcall.dev/v1alpha1", kind: "Store", metadata: { name: "corp" }, spec: { ldap } };
}

function target() {
  const from = { secret: { name: { expression: "identity.userName" } } };
  const accounts = { name: { expression: "identity.userName" } };
  const spec = { store: { name: "corp" }, mode: "Enforce", accounts, passwords: { from } };
  return { apiVersion: "rollcall.dev/v1alpha1", kind: "Target", metadata: { name: "people" }, spec };
}

function secret(password: string, metadata: object) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "corp", ...metadata },
    stringData: { password },
  };
}

async function apply(namespace: string, ...manifests: readonly Manifest[]): Promise<void> {
  await applyAll(manifests.map((one) => ({ ...one, metadata: { namespace, ...one.metadata } })));
}

async function applyAll(manifests: readonly object[]): Promise<void> {
  await cluster.apply(`${manifests.map((one) => JSON.stringify(one)).join("\n---\n")}\n`);
}

function create(namespace: string, body: Manifest): Promise<unknown> {
  return admin.request({ method: "POST", path: pathOf(namespace, "identities"), body });
}

function pathOf(namespace: string, ...rest: readonly string[]): ApiRequest["path"] {
  return `/apis/rollcall.dev/v1alpha1/namespaces/${namespace}/${rest.join("/")}`;
}

async function inParallel(all: readonly string[], work: (name: string) => Promise<unknown>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      for (const name of left) await work(name);
    }),
  );
}

/** Takes the schema off a definition, as an earlier release may have had a laxer one, and puts it back afterwards. */
async function withoutSchema(definition: string, work: () => Promise<void>): Promise<void> {
  const patch = (value: unknown) => {
    const path = "/spec/versions/0/schema/openAPIV3Schema";
    const operations = JSON.stringify([{ op: "replace", path, value }]);
    return cluster.kubectl(["patch", "crd", definition, "--type=json", "-p", operations]);
  };
  await patch({ type: "object", "x-kubernetes-preserve-unknown-fields": true });
  await waitFor(async () => {
    await work();
    return true;
  });
  const crds = new URL("../../crds", import.meta.url).pathname;
  const { code, stderr } = await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "-f", crds]);
  expect([code, stderr]).toEqual([0, ""]);
}

function names({ resources }: Reading): string[] {
  return resources.map(({ name }) => name).sort();
}

/** Reads whenever there may be something new. */
async function readUntil(resources: ClusterResources, isIt: (reading: Reading) => boolean): Promise<Reading> {
  const stop = new AbortController();
  try {
    let next = Promise.withResolvers<void>();
    await resources.watch(() => next.resolve(), stop.signal);
    for (;;) {
      const reading = await resources.read();
      if (isIt(reading)) return reading;
      await next.promise;
      next = Promise.withResolvers();
    }
  } finally {
    stop.abort();
  }
}

async function waitForError(call: () => Promise<unknown>, message: string): Promise<void> {
  await waitFor(async () => {
    const error = await call().then(
      () => undefined,
      (reason: Error) => reason,
    );
    return error?.message.startsWith(message);
  });
}
