import { mkdir, readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { company, person } from "../support/company.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../support/kubernetes/organisation.ts";
import { waitFor } from "../support/wait.ts";

/** Exports on a real API server, the controller running as the chart's ServiceAccount. */

const organisations: Organisation[] = [];
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, ["written", "asked", "refused"]);
});

afterEach(async () => {
  for (const organisation of organisations.splice(0)) await organisation[Symbol.asyncDispose]();
});

afterAll(() => cluster?.stop());

interface Stored {
  readonly status?: {
    readonly rows?: number;
    readonly sha256?: string;
    readonly lastSuccess?: string;
    readonly lastHandledRequestedAt?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

const exported = (spec: Record<string, unknown>) => ({
  kind: "Export",
  name: "people",
  spec: {
    target: { name: "people" },
    format: "JsonLines",
    file: "exports/people.jsonl",
    when: "has(identity.userName)",
    columns: [{ name: "user", expression: "identity.userName" }],
    ...spec,
  },
});

async function running(namespace: string, spec: Record<string, unknown>): Promise<Organisation> {
  const acme = await Organisation.make(cluster, namespace, ...company({}), person("ada"));
  organisations.push(acme);
  await mkdir(acme.at("exports"));
  await acme.start();
  await acme.haveAccounts("ada");
  await acme.apply(exported(spec));
  return acme;
}

const statusOf = async (acme: Organisation) => (await acme.object<Stored>("export/people")).status ?? {};
const ready = (acme: Organisation, status: string) =>
  acme.must("wait", `--for=condition=Ready=${status}`, "--timeout=120s", "export/people");
const textOf = (acme: Organisation) => readFile(acme.at("exports/people.jsonl"), "utf8");

test("an Export is written on its schedule, and its columns tell what and when", async () => {
  const acme = await running("written", { schedule: { every: "1s" } });
  await ready(acme, "True");
  expect(await textOf(acme)).toBe('{"user":"ada"}\n');
  const [head, row] = (await acme.must("get", "exports")).split("\n");
  expect(head).toMatch(/^NAME +TARGET +FORMAT +FILE +READY +ROWS +LAST SUCCESS +AGE$/);
  expect(row).toMatch(/^people +people +JsonLines +exports\/people\.jsonl +True +1 +\d+m?s +\d+m?s$/);
  await acme.apply(person("bob"));
  await waitFor(async () => (await textOf(acme)) === '{"user":"ada"}\n{"user":"bob"}\n');
  await waitFor(async () => (await statusOf(acme)).rows === 2);
  await acme.delete("export/people");
  await waitFor(async () => !(await acme.kubectl("get", "export/people")).stdout.includes("people"));
  expect(await textOf(acme)).toContain("bob");
});

test("an Export without a schedule is written when the annotation asks for it", async () => {
  const acme = await running("asked", {});
  await ready(acme, "True");
  expect((await statusOf(acme)).conditions).toMatchObject([{ reason: "Accepted" }]);
  await expect(textOf(acme)).rejects.toThrow("ENOENT");
  await acme.must("annotate", "export", "people", "rollcall.dev/requestedAt=monday");
  await waitFor(async () => (await statusOf(acme)).lastHandledRequestedAt === "monday");
  const status = await statusOf(acme);
  expect(status).toMatchObject({ rows: 1, conditions: [{ type: "Ready", reason: "Exported" }] });
  expect(status.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await textOf(acme)).toBe('{"user":"ada"}\n');
});

test("an Export that cannot be written says why, and the API server refuses what has no shape", async () => {
  const acme = await running("refused", { file: "../people.jsonl", schedule: { every: "1h" } });
  await acme.must("wait", "--for=condition=Stalled=True", "--timeout=120s", "export/people");
  expect((await statusOf(acme)).conditions?.[0]).toMatchObject({
    reason: "ExportRefused",
    message: expect.stringContaining("cannot write ../people.jsonl: it lies outside"),
  });
  await acme.apply(exported({ schedule: { every: "1h" } }));
  await ready(acme, "True");
  const both = acme.apply(exported({ identities: {} }));
  await expect(both).rejects.toThrow("must set exactly one of target, identities");
  await expect(acme.apply(exported({ file: "people.yaml" }))).rejects.toThrow("spec.file");
});
