import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { chart, renderChart, runHelm, type Values } from "../../scripts/install/helm.ts";
import { installManifests } from "../../scripts/install/manifests.ts";
import { controllerCommand } from "../../src/cli/controller.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { blocksOf } from "../docs/blocks.ts";
import { makeFolder } from "../support/folder.ts";
import { binary } from "../support/kubernetes/binaries.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";

/** What the chart and manifests/install ask of a cluster, put to a real API server. */

const helm = binary("helm");
const manifests = join(import.meta.dirname, "../../manifests/install");
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.apply(`\n${await namespaceShipped()}`);
  for (const name of ["acme", "globex"]) await cluster.namespace(name);
});
afterAll(() => cluster?.stop());

/** The first of what outlives Rollcall. Its label makes the API server refuse pods that are not restricted. */
async function namespaceShipped(): Promise<string> {
  const [namespace] = (await readFile(join(manifests, "kept.yaml"), "utf8"))
    .split("---\n")
    .filter((document) => document.includes("kind: Namespace"));
  return namespace ?? "";
}

const postgres = { state: { type: "Postgres", postgres: { secretName: "rollcall-postgres" } } };
const ldaps = { to: [{ ipBlock: { cidr: "10.0.0.0/24" } }], ports: [{ port: 636 }] };
const operator = {
  serviceMonitor: { enabled: true },
  prometheusRule: { enabled: true, labels: { team: "iam" } },
};

const settings: [string, Values][] = [
  ["the default values", {}],
  ["two namespaces", { watch: { namespaces: ["acme", "globex"], selector: "team=platform" } }],
  ["all namespaces", { watch: { allNamespaces: true } }],
  ["Postgres", postgres],
  ["three replicas", { ...postgres, replicas: 3 }],
  ["Secrets by name", { secrets: { names: ["corp-directory", "warehouse"] } }],
  ["a claim that exists", { state: { sqlite: { existingClaim: "mine" } } }],
  ["a claim of a class", { state: { sqlite: { storageClassName: "fast", size: "10Gi" } } }],
  ["the read API over TLS", { api: { tlsSecretName: "rollcall-tls" } }],
  [
    "a network policy",
    { networkPolicy: { enabled: true, stores: [ldaps], apiServer: { cidrs: ["10.1.0.1/32"] } } },
  ],
  [
    "nothing of what a cluster has once",
    { crds: { install: false }, accessPolicies: { install: false }, clusterRoles: { install: false } },
  ],
  ["policies that only tell", { accessPolicies: { validationActions: ["Warn", "Audit"] } }],
  [
    "everything that a pod may be given",
    {
      image: { repository: "registry.example.org/rollcall", tag: "1.2.3", pullSecrets: ["pull"] },
      podAnnotations: { "example.org/a": "b" },
      podLabels: { team: "iam" },
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations: [{ key: "iam", operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      priorityClassName: "system-cluster-critical",
      odbcDrivers: ["PostgreSQL Unicode", "SQLite3"],
      extraEnv: [{ name: "ROLLCALL_ROOT", value: "/etc/rollcall/files" }],
      extraVolumes: [{ name: "files", configMap: { name: "files" } }],
      extraVolumeMounts: [{ name: "files", mountPath: "/etc/rollcall/files" }],
      serviceAccount: { annotations: { "example.org/role": "iam" } },
    },
  ],
];

const rendered = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.unknown().optional(),
});
const deployed = z.object({ template: z.object({ metadata: z.looseObject({}), spec: z.looseObject({}) }) });

const objectsOf = (yaml: string) =>
  parseAllDocuments(yaml).map((document) => rendered.parse(document.toJS()));
const render = async (values: Values) => objectsOf(await renderChart(helm, values));
const kindsOf = async (values: Values) => (await render(values)).map(({ kind }) => kind);
const dryRun = ["--dry-run=server", "--server-side", "--force-conflicts"];

describe("the chart with", () => {
  test.each(settings)("%s is taken by the API server without a warning", async (_, values) => {
    const yaml = await renderChart(helm, values);
    const ended = await cluster.kubectl(["apply", ...dryRun, "-f", "-"], { input: yaml });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
  });

  test.each(settings)("%s makes pods that a restricted namespace admits", async (_, values) => {
    const deployment = (await render(values)).find(({ kind }) => kind === "Deployment");
    const { metadata, spec } = deployed.parse(deployment?.spec).template;
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, name: "rollcall-x", namespace: "rollcall-system" },
      spec,
    };
    const ended = await cluster.kubectl(["create", "--dry-run=server", "-f", "-"], {
      input: JSON.stringify(pod),
    });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
  });
});

const containers = z.object({ containers: z.tuple([z.looseObject({ args: z.array(z.string()) })]) });

test.each(settings)(
  "the controller knows every argument that the chart gives it with %s",
  async (_, values) => {
    const deployment = (await render(values)).find(({ kind }) => kind === "Deployment");
    const [{ args }] = containers.parse(deployed.parse(deployment?.spec).template.spec).containers;
    const [command, ...rest] = args;
    expect(command).toBe(controllerCommand.name);
    expect(parseCommandLine(controllerCommand, rest).operands).toEqual([]);
  },
);

test("a pod that is not restricted would not be admitted there", async () => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "lax", namespace: "rollcall-system" },
    spec: { containers: [{ name: "lax", image: "lax" }] },
  };
  const { stderr } = await cluster.kubectl(["create", "--dry-run=server", "-f", "-"], {
    input: JSON.stringify(pod),
  });
  expect(stderr).toContain('violates PodSecurity "restricted:latest"');
});

test("helm lint finds nothing", async () => {
  const ended = await runHelm(helm, ["lint", "--strict", "--quiet", chart, "--kube-version", "1.36.0"]);
  expect(ended).toEqual({ code: 0, stdout: "", stderr: "" });
});

describe("the chart", () => {
  test("asks for the Prometheus operator's kinds only when told to", async () => {
    expect(await kindsOf({})).not.toContain("ServiceMonitor");
    const objects = await render({ monitoring: operator });
    const rules = objects.find(({ kind }) => kind === "PrometheusRule");
    const alerts = await readFile(join(chart, "files/alerts.yaml"), "utf8");
    expect(rules?.spec).toEqual(parseAllDocuments(alerts)[0]?.toJS());
    expect(objects.find(({ kind }) => kind === "ServiceMonitor")?.spec).toMatchObject({
      endpoints: [{ port: "metrics", interval: "30s" }],
    });
  });

  test("makes a disruption budget and spreads pods where there are several", async () => {
    expect(await kindsOf(postgres)).not.toContain("PodDisruptionBudget");
    expect(await kindsOf({ ...postgres, replicas: 2 })).toContain("PodDisruptionBudget");
  });

  test("gives Postgres's URL to the pod without showing it", async () => {
    const deployment = (await render(postgres)).find(({ kind }) => kind === "Deployment");
    expect(deployment?.spec).toMatchObject({
      strategy: { type: "RollingUpdate" },
      template: {
        spec: {
          containers: [
            {
              env: expect.arrayContaining([
                {
                  name: "ROLLCALL_STATE",
                  valueFrom: { secretKeyRef: { name: "rollcall-postgres", key: "url" } },
                },
              ]),
            },
          ],
        },
      },
    });
  });

  test.each<[string, Values, RegExp]>([
    [
      "several replicas on SQLite",
      { replicas: 2 },
      /cannot run several replicas on SQLite.*set replicas to 1, or state.type to Postgres/,
    ],
    [
      "Postgres without its URL",
      { state: { type: "Postgres" } },
      /cannot find Postgres: set state.postgres.secretName/,
    ],
    ["all namespaces and some", { watch: { allNamespaces: true, namespaces: ["a"] } }, /cannot watch both/],
    ["all Secrets and some", { secrets: { all: true, names: ["a"] } }, /cannot read both/],
    ["a misspelled value", { replica: 2 }, /additional properties 'replica' not allowed/],
    ["a misspelled part", { state: { sqllite: {} } }, /'sqllite' not allowed/],
    ["a text for a number", { replicas: "two" }, /replicas/],
    ["no such state", { state: { type: "MySQL" } }, /state\/type/],
    ["a namespace that cannot be", { watch: { namespaces: ["Acme"] } }, /watch\/namespaces/],
    ["a policy that does nothing", { accessPolicies: { validationActions: [] } }, /validationActions/],
  ])("refuses %s", async (_, values, why) => {
    await expect(renderChart(helm, values)).rejects.toThrow(why);
  });
});

describe("manifests/install", () => {
  test("is what the chart renders with its default values: npm run render", async () => {
    const files = await installManifests(helm);
    for (const [name, text] of files) expect(await readFile(join(manifests, name), "utf8"), name).toBe(text);
  });

  test("is taken by the API server as a kustomization", async () => {
    const ended = await cluster.kubectl(["apply", ...dryRun, "-k", manifests]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("is a base for the kustomization in docs/install.md", async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/install.md"), "utf8");
    const block =
      blocksOf(page).find(({ text }) => text.startsWith("# release/kustomization.yaml\n"))?.text ?? "";
    await using folder = await makeFolder("overlay");
    const base = relative(folder.path, manifests);
    const overlay = block.replace("../manifests/install", base);
    await writeFile(join(folder.path, "kustomization.yaml"), overlay);
    const ended = await cluster.kubectl(["apply", ...dryRun, "-k", folder.path, "-o", "yaml"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/image: registry.example.org\/rollcall:\d/);
    expect(ended.stdout).toMatch(/resourceNames:\s+- corp-directory\s+resources:\s+- secrets/);
  });
});
