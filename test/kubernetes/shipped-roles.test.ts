import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installChart } from "../support/kubernetes/chart.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { rightsOf } from "../support/kubernetes/rights.ts";
import { waitFor } from "../support/wait.ts";
import { bind, bound, namespace, type Outcome, type Person, pathOf, person } from "./who-may/people.ts";

/** The ClusterRoles that the chart ships, as people have them, on a real API server. */

let cluster: Cluster;
const opened: Person[] = [];

beforeAll(async () => {
  cluster = await startCluster({ controllerManager: true });
  await cluster.namespace("rollcall-system");
  await cluster.namespace(namespace);
  await cluster.namespace("elsewhere");
  await installChart(cluster);
  const nobody = await somebody("nobody", "rollcall-approver");
  await waitFor(async () => (await approve(nobody, "probe", "somebody")).includes("cannot approve as"));
  const editor = await somebody("nobody-else", "rollcall-editor");
  for (const access of [everyone, forAda])
    await waitFor(
      async () =>
        (await editor.apply("probe", access, { dryRun: true })).includes('needs the verb "grant" on'),
      { what: `the policy for ${access.kind} is in force` },
    );
});

afterAll(async () => {
  for (const who of opened) await who[Symbol.asyncDispose]();
  await cluster?.stop();
});

const somebody = async (name: string, role: string): Promise<Person> => {
  const who = await bound(cluster, name, role);
  opened.push(who);
  return who;
};

const kinds = [
  ...["accessprofiles", "approvals", "businessroles", "exports", "grants", "identities"],
  ...["provisioningtasks", "stores", "targets"],
];
const everyday = ["accessprofiles", "businessroles", "grants", "identities"];

/** Lines as `rightsOf` gives them, of verbs by plural. */
function lines(verbs: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(verbs)
    .map(([plural, given]) => `${plural}.rollcall.dev: ${[...given].sort().join(", ")}`)
    .sort();
}
const each = (plurals: readonly string[], ...verbs: string[]) =>
  Object.fromEntries(plurals.map((plural) => [plural, verbs]));

const look = ["get", "list", "watch"];
const write = ["create", "delete", "patch", "update"];
const answers = { statuses: ["get"], explanations: ["get"] };
const inner = { ...answers, plans: ["create"], journals: ["get"] };

describe("a shipped ClusterRole gives these rights and no others:", () => {
  const expected: [string, Record<string, readonly string[]>][] = [
    ["rollcall-viewer", { ...each(kinds, ...look), ...answers }],
    ["rollcall-editor", { ...each(kinds, ...look), ...inner, ...each(everyday, ...look, ...write) }],
    [
      "rollcall-approver",
      {
        ...each(kinds, ...look),
        ...inner,
        approvals: [...look, "create"],
        targets: [...look, "approve"],
      },
    ],
    ["rollcall-worker", { provisioningtasks: [...look, "patch", "update"], targets: ["complete"] }],
    [
      "rollcall-admin",
      {
        ...inner,
        ...each(["exports", "grants", "identities"], ...look, ...write),
        ...each(["accessprofiles", "businessroles", "stores"], ...look, ...write, "grant"),
        targets: [...look, ...write, "grant", "approve", "complete"],
        provisioningtasks: [...look, ...write],
        approvals: [...look, "create", "delete"],
      },
    ],
  ];

  test.each(expected)("%s", async (role, verbs) => {
    const kubeconfig = await cluster.user(`only-${role}`, [], namespace);
    await bind(cluster, `only-${role}`, role);
    await waitFor(async () => [expect(await rightsOf(kubeconfig, namespace)).toEqual(lines(verbs))]);
    expect(await rightsOf(kubeconfig, "elsewhere")).toEqual([]);
  });

  test.each([
    ["view", "rollcall-viewer"],
    ["edit", "rollcall-editor"],
    ["admin", "rollcall-admin"],
  ])("Kubernetes' own %s has those of %s", async (role, shipped) => {
    const rights = async (name: string) => {
      const { stdout } = await cluster.kubectl(["get", "clusterrole", name, "-o", "json"]);
      return JSON.parse(stdout).rules as object[];
    };
    await waitFor(async () => [
      expect(await rights(role)).toEqual(expect.arrayContaining(await rights(shipped))),
    ]);
  });
});

const everyone = {
  kind: "BusinessRole",
  spec: { members: { when: "true" }, accessProfiles: [{ name: "mail" }] },
} as const;
const forAda = {
  kind: "Grant",
  spec: { identity: { name: "ada" }, businessRole: { name: "board" } },
} as const;
const ada = { kind: "Identity", spec: { userName: "ada" } } as const;

describe("an editor", () => {
  test("writes identities, and gives no access", async () => {
    const ed = await somebody("ed", "rollcall-editor");
    expect(await ed.apply("ada", ada)).toBe("");
    expect(await ed.apply("everyone", everyone)).toContain('user "ed" would give access');
    expect(await ed.apply("ada-board", forAda)).toContain(
      'the verb "grant" on businessroles.rollcall.dev "board"',
    );
  });

  test("changes no store, no target, and approves nothing", async () => {
    const ed = await somebody("ed2", "rollcall-editor");
    const { spec } = { spec: { csv: { file: "a.csv" } } };
    expect(await ed.apply("badges", { kind: "Store", spec })).toContain("cannot patch resource");
    expect(await approve(ed, "a", "ed2")).toContain('cannot create resource "approvals"');
  });

  test("takes access away by deleting", async () => {
    const boss = await somebody("boss", "rollcall-admin");
    const ed = await somebody("ed3", "rollcall-editor");
    expect(await boss.apply("away", forAda)).toBe("");
    expect(await ed.request("DELETE", pathOf("Grant", "away"))).toBe("");
  });
});

test("a viewer reads, and reads alone", async () => {
  const vera = await somebody("vera", "rollcall-viewer");
  expect(await vera.request("GET", pathOf("Identity"))).toBe("");
  expect(await vera.request("GET", pathOf("Identity", "", "elsewhere"))).toContain("forbidden");
  expect(await vera.apply("eve", { kind: "Identity", spec: { userName: "eve" } })).toContain(
    "cannot patch resource",
  );
  expect(await vera.request("GET", `/api/v1/namespaces/${namespace}/secrets`)).toContain("forbidden");
});

test("an administrator of the namespace gives access there, and nowhere else", async () => {
  const mia = await somebody("mia", "rollcall-admin");
  expect(await mia.apply("everyone", everyone)).toBe("");
  expect(await mia.request("POST", pathOf("BusinessRole", "", "elsewhere"), {})).toContain("forbidden");
});

/** Makes an Approval of a hold of target `directory`. */
function approve(who: Person, name: string, approver: string, target = "directory"): Promise<Outcome> {
  return who.request("POST", pathOf("Approval"), {
    apiVersion: "rollcall.dev/v1alpha1",
    kind: "Approval",
    metadata: { name },
    spec: { hold: { target, hash: "a".repeat(64) }, approver },
  });
}

describe("an approver", () => {
  test("approves in their own name", async () => {
    const carol = await somebody("carol", "rollcall-approver");
    expect(await approve(carol, "own", "carol")).toBe("");
    expect(await approve(carol, "other", "boss")).toContain(
      'user "carol" cannot approve as "boss": spec.approver must be the user who creates the Approval',
    );
  });

  test("approves for the targets that are theirs", async () => {
    await cluster.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: one-target, namespace: ${namespace} }
rules:
  - { apiGroups: [rollcall.dev], resources: [approvals], verbs: [create] }
  - { apiGroups: [rollcall.dev], resources: [targets], resourceNames: [badges], verbs: [approve] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: one-target, namespace: ${namespace} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: one-target }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: dan }]
`);
    const dan = await person("dan", await cluster.user("dan", [], namespace));
    opened.push(dan);
    await waitFor(async () => (await approve(dan, "badges", "dan", "badges")) === "");
    expect(await approve(dan, "directory", "dan")).toContain(
      'user "dan" would approve a hold, which needs the verb "approve" on targets.rollcall.dev "directory" in namespace "acme": ClusterRoles rollcall-approver and rollcall-admin have it',
    );
  });

  test("changes no Approval that stands, not even an administrator does", async () => {
    const { code, stderr } = await cluster.kubectl([
      ...["-n", namespace, "patch", "approval", "own", "--type=merge"],
      ...["-p", '{"spec":{"approver":"boss"}}'],
    ]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/for good|cannot approve as/),
    });
  });
});

test("the API server finds no fault with the types of any policy", async () => {
  const policies = async (): Promise<Policy[]> => {
    const { stdout } = await cluster.kubectl(["get", "validatingadmissionpolicy", "-o", "json"]);
    return JSON.parse(stdout).items;
  };
  await waitFor(
    async () => (await policies()).every(({ status }) => status.observedGeneration !== undefined),
    {
      what: "the policies' types are checked",
    },
  );
  expect((await policies()).map(({ status }) => status.typeChecking?.expressionWarnings ?? [])).toEqual(
    Array(8).fill([]),
  );
});

interface Policy {
  readonly status: {
    readonly observedGeneration?: number;
    readonly typeChecking?: { readonly expressionWarnings?: readonly object[] };
  };
}
