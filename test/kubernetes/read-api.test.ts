import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHandlers } from "../../src/cli/cluster/read-handlers.ts";
import { storesOf } from "../../src/cli/stores.ts";
import { connectors } from "../../src/connectors/registry.ts";
import { directory } from "../../src/resources/directory/directory.ts";
import type { ClusterApi } from "../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../src/resources/kubernetes/open-cluster.ts";
import { serveApi } from "../../src/server/api.ts";
import { clusterReviewer } from "../../src/server/authorise.ts";
import type { HttpServer } from "../../src/server/http.ts";
import { openState } from "../../src/state/open.ts";
import { company, dn, person } from "../support/company.ts";
import { installChart } from "../support/kubernetes/chart.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall, startRollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";
import type { Manifest } from "../support/world.ts";

/** The read API as the chart's ServiceAccount serves it, asked by people and machines of each right; manifests are a folder's. */

const namespace = "acme";
let cluster: Cluster;
let controller: ClusterApi;
let place: ManifestFolder;
let api: HttpServer;
/** Milliseconds, moved by hand: how long tokens are remembered. */
let now = 0;

beforeAll(async () => {
  [cluster, place] = await Promise.all([
    startCluster(),
    ManifestFolder.make(...company(), person("alice"), person("bob")),
  ]);
  await cluster.namespace("rollcall-system");
  await cluster.namespace(namespace);
  await installChart(cluster);
  for (const [name, role] of Object.entries({
    nobody: "",
    viewer: "viewer",
    editor: "editor",
    approver: "approver",
  }))
    await serviceAccount(name, role);
  expect((await rollcall("apply", ...place.words, "--init", "--yes")).code).toBe(0);
  const kubeconfig = await cluster.serviceAccountKubeconfig("rollcall-system", "rollcall");
  controller = await openCluster({ kubeconfig, environment: {} });
  api = await served();
});
afterAll(async () => {
  await api?.close();
  await controller?.close();
  await place?.[Symbol.asyncDispose]();
  await cluster?.stop();
});

async function serviceAccount(name: string, role: string): Promise<void> {
  const subject = { kind: "ServiceAccount", name, namespace };
  const items = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    ...(role === ""
      ? []
      : [
          {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "RoleBinding",
            metadata: { name, namespace },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `rollcall-${role}` },
            subjects: [subject],
          },
        ]),
  ];
  await cluster.apply(`${JSON.stringify({ apiVersion: "v1", kind: "List", items })}\n`);
}

function served(): Promise<HttpServer> {
  const resources = directory(place.at("manifests"), connectors);
  return serveApi({
    listen: { host: "127.0.0.1", port: 0 },
    reviewer: clusterReviewer(controller),
    handlers: readHandlers({
      tenant: (asked) =>
        asked === namespace
          ? {
              read: (signal) => resources.read(signal),
              openState: () => openState(place.at("state.db"), { realm: "default", mode: "read" }),
              stores: storesOf({ connectors, environment: {}, root: place.at(".") }),
              connectors,
            }
          : undefined,
      now: () => Date.now(),
      newId: () => "id",
    }),
    now: () => now,
    failed: (error) => expect.fail(error.message),
  });
}

const tokenOf = (name: string) => cluster.serviceAccountToken(namespace, name);

function ask(path: string, token: string | undefined, body?: unknown): Promise<Response> {
  return fetch(`${api.url}/v1/namespaces/${namespace}/${path}`, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      "content-type": "application/json",
    },
  });
}

describe("who may ask", () => {
  test("nobody without a token of the cluster", async () => {
    expect((await ask("status", undefined)).status).toBe(401);
    expect((await ask("status", "made-up")).status).toBe(401);
  });

  test("no one who was given nothing, and the answer names what is missing", async () => {
    const response = await ask("status", await tokenOf("nobody"));
    expect(response.status).toBe(403);
    expect(await response.text()).toContain(
      'User \\"system:serviceaccount:acme:nobody\\" cannot get resource \\"statuses\\"',
    );
  });

  test("a viewer sees how things stand and why, and neither plans nor reads the journal", async () => {
    const token = await tokenOf("viewer");
    const asked = ["status", "explain/alice", "journal"].map((path) => ask(path, token));
    const codes = (await Promise.all([...asked, ask("plan", token, {})])).map(({ status }) => status);
    expect(codes).toEqual([200, 200, 403, 403]);
  });

  test("an editor plans, in no other namespace", async () => {
    const token = await tokenOf("editor");
    expect((await ask("plan", token, {})).status).toBe(200);
    expect((await ask("../default/plan", token, {})).status).toBe(403);
  });

  test("a token that is good for Rollcall alone", async () => {
    const made = await cluster.kubectl([
      "create",
      "token",
      "viewer",
      "-n",
      namespace,
      "--audience=rollcall.dev",
    ]);
    const token = made.stdout.trim();
    expect((await ask("status", token)).status).toBe(200);
    const kubeconfig = await cluster.kubeconfigFor({ token });
    expect((await cluster.kubectl(["get", "ns"], { as: kubeconfig })).stderr).toMatch(
      /logged in|Unauthorized/,
    );
    const other = await cluster.kubectl(["create", "token", "viewer", "-n", namespace, "--audience=else"]);
    expect((await ask("status", other.stdout.trim())).status).toBe(401);
  });

  test("a right that is taken away is gone at once, a token whose owner is deleted after ten seconds", async () => {
    await serviceAccount("leaver", "viewer");
    const token = await tokenOf("leaver");
    expect((await ask("status", token)).status).toBe(200);
    await cluster.kubectl(["delete", "rolebinding", "leaver", "-n", namespace]);
    expect((await ask("status", token)).status).toBe(403);
    await cluster.kubectl(["delete", "serviceaccount", "leaver", "-n", namespace]);
    // The API server remembers for as long, too.
    await waitFor(
      async () => {
        now += 10_000;
        return (await ask("status", token)).status === 401;
      },
      { what: "the token of who is deleted is refused" },
    );
  });
});

describe("the plan of an overlay", () => {
  const sent = (...manifests: readonly Manifest[]) => ({
    put: manifests.map(({ kind, name, spec }) => ({
      manifest: { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec },
    })),
  });

  test("is made from the store as it is, and leaves store, state and journal as they were", async () => {
    const token = await tokenOf("editor");
    const before = [await place.store(), await rollcall("state", "export", ...place.stateWords)];
    const response = await ask(
      "plan",
      token,
      sent(person("alice", { department: "Sales" }), person("carol")),
    );
    const { targets } = (await response.json()) as { targets: { changes: Record<string, unknown>[] }[] };
    const changes = targets.flatMap((target) =>
      target.changes.map(({ action, name }) => `${action} ${name}`),
    );
    expect(changes).toEqual(
      expect.arrayContaining([`create ${dn("carol")}`, `update ${dn("alice")}`, `revoke ${dn("alice")}`]),
    );
    expect([await place.store(), await rollcall("state", "export", ...place.stateWords)]).toEqual(before);
  });

  test("does not dial a Store that it brings: nobody gets our credentials by a pull request", async () => {
    let connections = 0;
    const trap: Server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    trap.listen(0, "127.0.0.1", resolve);
    await promise;
    const { port } = trap.address() as { port: number };
    const store: Manifest = {
      kind: "Store",
      name: "directory",
      spec: {
        ldap: {
          url: `ldap://127.0.0.1:${port}`,
          plaintext: "Allowed",
          bind: { dn: "cn=admin", password: { file: "store.json" } },
        },
        boundary: { bases: ["ou=people,dc=example,dc=org"] },
      },
    };
    const added = { ...store, name: "added" };
    const [, people] = company() as [Manifest, Manifest];
    const moved = { ...people, name: "moved", spec: { ...people.spec, store: { name: "added" } } };
    const response = await ask("plan", await tokenOf("editor"), sent(store, added, moved));
    trap.close();
    const { targets, notRun, problems } = (await response.json()) as Record<string, { target: string }[]>;
    expect(problems).toEqual([]);
    expect(targets).toEqual([]);
    expect(notRun?.map(({ target }) => target).sort()).toEqual(["moved", "people"]);
    expect(connections).toBe(0);
  });
});

describe("rollcall as a plugin of kubectl", () => {
  test("asks with the token and the namespace of the kubeconfig", async () => {
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, "viewer");
    const words = ["status", "--kubeconfig", kubeconfig, "--server", api.url];
    const { code, stdout } = await rollcall(...words);
    expect([code, stdout]).toEqual([0, expect.stringContaining("people")]);
  });

  test("tells who has a client certificate how to get a token", async () => {
    const kubeconfig = await cluster.user("ann", [], namespace);
    const { code, stderr } = await rollcall("status", "--kubeconfig", kubeconfig, "--server", api.url);
    expect([code, stderr]).toEqual([2, expect.stringContaining("kubectl create token")]);
  });

  test("approves a hold by an Approval in the user's own name", async () => {
    const hash = "3f2a9c12".repeat(8);
    const spec = company()[1]!.spec;
    const object = {
      apiVersion: "rollcall.dev/v1alpha1",
      kind: "Target",
      metadata: { name: "people", namespace },
    };
    await cluster.apply(`${JSON.stringify({ ...object, spec })}\n`);
    const hold = { hash, budget: "Removals", reason: "6 of 5", items: 6, expires: "2999-01-01T00:00:00Z" };
    const patch = JSON.stringify({ status: { holds: [{ ...hold, changes: ["Disable uid=bob"] }] } });
    const patched = ["patch", "target", "people", "-n", namespace, "--subresource=status", "--type=merge"];
    expect((await cluster.kubectl([...patched, "-p", patch])).stderr).toBe("");
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, "approver");
    const listed = await rollcall("approve", "--list", "--kubeconfig", kubeconfig);
    expect(listed.stdout).toContain(`Hold ${hash}\n  target people`);
    const approved = await startRollcall(["approve", "3f2a9c12", "--kubeconfig", kubeconfig]).ended;
    expect(approved.stderr).toContain("kubectl get approval approve-3f2a9c12");
    expect(approved.stdout).toContain("system:serviceaccount:acme:approver approved 6 changes");
    const { stdout } = await cluster.kubectl(["get", "approvals", "-n", namespace, "-o", "json"]);
    expect(JSON.parse(stdout).items).toMatchObject([
      { spec: { approver: "system:serviceaccount:acme:approver", hold: { target: "people", hash } } },
    ]);
  });

  test("is told by the API server what a right is missing", async () => {
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, "nobody");
    const { code, stderr } = await rollcall("approve", "--list", "--kubeconfig", kubeconfig);
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot list")]);
    expect(stderr).not.toContain("mistake in Rollcall");
  });
});
