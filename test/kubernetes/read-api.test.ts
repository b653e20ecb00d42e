import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { binary } from "../support/kubernetes/binaries.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../support/kubernetes/organisation.ts";
import { rightsKnown } from "../support/kubernetes/rights.ts";
import { rollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";
import type { Manifest } from "../support/world.ts";

/** The read API of a controller that runs as the chart's ServiceAccount, asked by people and machines of each right. */

const run = promisify(execFile);
const namespace = "acme";
const careful = { limits: { settle: "1s", removals: { percent: 0, atLeast: 0 } }, schedule: { every: "1h" } };
let cluster: Cluster;
let organisation: Organisation;
/** Where the controller answers. */
let url: string;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, [namespace, "other"]);
  for (const [name, role] of Object.entries({
    nobody: "",
    viewer: "viewer",
    editor: "editor",
    approver: "approver",
  }))
    await serviceAccount(name, role);
  const staff = ["alice", "bob"].map((name) => person(name));
  organisation = await Organisation.make(cluster, namespace, ...company(careful), ...staff);
  const controller = await organisation.start();
  url = String((await controller.logged("started")).api);
  const kinds = "identity,target,store,businessrole,accessprofile";
  await organisation.must("wait", "--for=condition=Ready", "--timeout=120s", kinds, "--all");
});
afterAll(async () => {
  await organisation?.[Symbol.asyncDispose]();
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

const tokenOf = (name: string) => cluster.serviceAccountToken(namespace, name);

function ask(path: string, token: string | undefined, body?: unknown): Promise<Response> {
  return fetch(`${url}/v1/namespaces/${namespace}/${path}`, {
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
    const user = `system:serviceaccount:${namespace}:leaver`;
    const right = { namespace, verb: "get", group: "rollcall.dev", resource: "statuses" };
    await rightsKnown(cluster, user, [right]);
    expect((await ask("status", token)).status).toBe(200);
    await cluster.kubectl(["delete", "rolebinding", "leaver", "-n", namespace]);
    await rightsKnown(cluster, user, [right], false);
    expect((await ask("status", token)).status).toBe(403);
    await cluster.kubectl(["delete", "serviceaccount", "leaver", "-n", namespace]);
    // The API server remembers for as long, too.
    await waitFor(
      async () => {
        return (await ask("status", token)).status === 401;
      },
      { what: "the token of who is deleted is refused", timeout: 120_000 },
    );
  });
});

describe("the plan of an overlay", () => {
  interface Change {
    readonly action: string;
    readonly name: string;
  }

  const sent = (...manifests: readonly Manifest[]) => ({
    put: manifests.map(({ kind, name, spec }) => ({
      manifest: { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec },
    })),
  });

  test("is made from the store as it is, and changes nothing: no store, no object, no line of the journal", async () => {
    const token = await tokenOf("editor");
    const things = async () => [
      await organisation.store(),
      await (await ask("journal", token)).json(),
      await organisation.must("get", "rollcall", "-o", "jsonpath={.items[*].metadata.resourceVersion}"),
    ];
    const before = await things();
    const response = await ask(
      "plan",
      token,
      sent(person("alice", { department: "Sales" }), person("carol")),
    );
    const { targets } = (await response.json()) as { targets: Record<"changes" | "held", Change[]>[] };
    const told = (of: "changes" | "held") =>
      targets.flatMap((each) => each[of].map(({ action, name }) => `${action} ${name}`));
    expect(told("changes")).toEqual(
      expect.arrayContaining([`create ${dn("carol")}`, `update ${dn("alice")}`]),
    );
    expect(told("held")).toEqual([`revoke ${dn("alice")}`]);
    expect(await things()).toEqual(before);
  });

  test("that says what the cluster says plans every target, and nothing for it", async () => {
    const [store, ...others] = company(careful) as [Manifest, ...Manifest[]];
    const same = { ...store, spec: { memory: { file: "store.json" } } };
    const overlay = sent(same, ...others, person("alice"), person("bob"));
    const response = await ask("plan", await tokenOf("editor"), overlay);
    expect(await response.json()).toMatchObject({
      problems: [],
      notRun: [],
      targets: [{ changes: [], held: [] }],
    });
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
  /** `kubectl rollcall`, where kubectl finds it on the path. */
  async function asPlugin(kubeconfig: string) {
    const main = new URL("../../src/main.ts", import.meta.url).pathname;
    await mkdir(organisation.at("bin"));
    await symlink(main, organisation.at("kubectl-rollcall"));
    const plugin = `#!/bin/sh\nexec "${process.execPath}" "${organisation.at("kubectl-rollcall")}" "$@"\n`;
    await writeFile(organisation.at("bin/kubectl-rollcall"), plugin, { mode: 0o755 });
    const env = {
      HOME: cluster.folder,
      KUBECONFIG: kubeconfig,
      PATH: `${organisation.at("bin")}:/usr/bin:/bin`,
    };
    return (...words: readonly string[]) => run(binary("kubectl"), ["rollcall", ...words], { env });
  }

  test("asks with the token and the namespace of the kubeconfig, and calls itself what it is called", async () => {
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, "viewer");
    const plugin = await asPlugin(kubeconfig);
    expect((await plugin("status", "--server", url)).stdout).toContain("people");
    expect((await plugin("status", "--help")).stdout).toContain("Usage: kubectl rollcall status");
  });

  test("tells who has a client certificate how to get a token", async () => {
    const kubeconfig = await cluster.user("ann", [], namespace);
    const { code, stderr } = await rollcall("status", "--kubeconfig", kubeconfig, "--server", url);
    expect([code, stderr]).toEqual([2, expect.stringContaining("kubectl create token")]);
  });

  test("is told by the API server what right is missing", async () => {
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, "nobody");
    const { code, stderr } = await rollcall("approve", "--list", "--kubeconfig", kubeconfig);
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot list")]);
    expect(stderr).not.toContain("mistake in Rollcall");
  });

  test("approves a hold by an Approval in the user's own name, which the controller then makes", async () => {
    await organisation.delete("identity/bob");
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, "approver");
    const list = () => rollcall("approve", "--list", "--kubeconfig", kubeconfig);
    await waitFor(async () => (await list()).stdout.includes("Hold "), { what: "the leaving is held" });
    const { stdout } = await list();
    expect(stdout).toContain("Disable");
    expect((await rollcall("status", "--kubeconfig", kubeconfig, "--server", url)).code).toBe(3);
    const [, hash] = /Hold (\w+)/.exec(stdout)!;
    const approved = await rollcall("approve", hash!.slice(0, 10), "--kubeconfig", kubeconfig);
    expect(approved.stderr).toContain(`kubectl get approval approve-${hash!.slice(0, 12)}`);
    await waitFor(async () => (await organisation.account("bob"))?.enabled === false, {
      what: "bob is disabled",
    });
    const journal = ["journal", "--kubeconfig", kubeconfig, "--server", url, "--identity", "bob"];
    const whose = "approved by system:serviceaccount:acme:approver";
    await waitFor(async () => (await rollcall(...journal)).stdout.includes(whose), {
      what: "the journal says who approved",
    });
  });
});
