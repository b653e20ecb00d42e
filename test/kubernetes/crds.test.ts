import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectors } from "../../src/connectors/registry.ts";
import { approvalKind } from "../../src/core/kinds/approval.ts";
import { kinds } from "../../src/core/kinds/kinds.ts";
import { manifestParser } from "../../src/core/kinds/parse.ts";
import { taskKind } from "../../src/core/kinds/provisioning-task.ts";
import { jsonSchema, unknownFields } from "../../src/core/kinds/schema.ts";
import type { ApiError, ClusterApi } from "../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../src/resources/kubernetes/open-cluster.ts";
import { retrying } from "../../src/resources/kubernetes/retry.ts";
import { corpus, type Sample } from "../support/corpus.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { blows, mangled } from "../support/mangle.ts";

type Manifest = Sample["value"] & { readonly spec: object };

const all = [...kinds(connectors), approvalKind, taskKind];
const specs = new Map(all.map(({ name, spec }) => [name as string, { spec, schema: jsonSchema(spec) }]));
const plurals = new Map(all.map(({ name, plural }) => [name as string, plural]));
const parser = manifestParser(connectors);
const hash = "3f2a".repeat(16);
let cluster: Cluster;
let api: ClusterApi;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.installCrds();
  api = await openCluster({ kubeconfig: cluster.kubeconfig, environment: {} });
});

afterAll(async () => {
  await api?.close();
  await cluster?.stop();
});

describe("the CRDs", () => {
  test("are accepted by a real API server without a warning, and again", async () => {
    for (let time = 1; time <= 2; time++) {
      const { code, stderr } = await cluster.kubectl(
        ["apply", "--server-side", "--force-conflicts", "--warnings-as-errors", "-f", crds],
        {},
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
  });

  test.each(all)("of $name have structural schemas, accepted names and no violation", async ({ plural }) => {
    const { stdout } = await cluster.kubectl(["get", "crd", `${plural}.rollcall.dev`, "-o", "json"]);
    const { status } = JSON.parse(stdout) as {
      status: { conditions: { type: string; status: string; message: string }[] };
    };
    const states = Object.fromEntries(status.conditions.map((each) => [each.type, each.status]));
    expect(states).toMatchObject({ Established: "True", NamesAccepted: "True" });
    expect(status.conditions.filter(({ type }) => type === "NonStructuralSchema")).toEqual([]);
  });

  test("explain every field to kubectl", async () => {
    for (const { plural } of all) {
      const { stdout } = await cluster.kubectl(["explain", `${plural}.spec`]);
      expect(stdout).toContain("FIELDS:");
      expect(stdout).not.toContain("<no description>");
    }
  });

  test("have each kind by its short name and in the category rollcall", async () => {
    for (const { short, plural } of all) {
      const { code, stdout } = await cluster.kubectl(["get", short, "-o", "name"]);
      expect({ plural, code, stdout }).toEqual({ plural, code: 0, stdout: "" });
    }
    expect((await cluster.kubectl(["get", "rollcall"])).code).toBe(0);
  });
});

describe("the API server's verdict on the corpus", () => {
  test.each(corpus("valid"))("is none against $title", async ({ value }) => {
    expect(await verdict(value)).toBeUndefined();
  });

  test.each(corpus("valid"))("on $title is the same when its defaults are filled in", async ({ value }) => {
    const answer = await create(value);
    expect(parser.parse(answer, "").problems).toEqual([]);
  });

  test.each(corpus("invalid").filter(({ value }) => value.kind !== "Approval"))(
    "is zod's on $title",
    async ({ value }) => {
      expect((await verdict(value)) === undefined).toBe(isValid(value));
    },
  );

  test("is zod's whatever is done to an object that was valid", async () => {
    const objects = fc.constantFrom(...corpus("valid").map(({ value }) => value as Manifest));
    await fc.assert(
      fc.asyncProperty(objects, blows, async (object, all) => {
        const value = { ...object, spec: mangled(object.spec, all) };
        expect((await verdict(value)) === undefined).toBe(isValid(value));
      }),
      { numRuns: 300 },
    );
  });
});

describe("an Approval", () => {
  const approval = (spec: object, name = "yes"): Sample["value"] =>
    ({ apiVersion: "rollcall.dev/v1alpha1", kind: "Approval", metadata: { name }, spec }) as Sample["value"];
  const good = {
    hold: { target: "corp", hash },
    approver: "joe",
    reason: "agreed with the head of research",
  };

  test("names a whole hash", async () => {
    expect(await verdict(approval(good))).toBeUndefined();
    const short = { ...good, hold: { target: "corp", hash: "3f2a9c12" } };
    expect((await verdict(approval(short)))?.message).toContain("spec.hold.hash");
  });

  test("is never changed afterwards, whoever it is that changes it", async () => {
    const path = `${pathOf("approvals")}/for-good`;
    await api.request({ method: "POST", path: pathOf("approvals"), body: approval(good, "for-good") });
    const change = (spec: object) =>
      api.request({
        method: "PATCH",
        path,
        contentType: "application/merge-patch+json",
        body: { spec },
      });
    for (const spec of [{ approver: "jim" }, { reason: null }, { hold: { target: "other" } }])
      await expect(change(spec)).rejects.toThrow("an Approval is for good: make another one");
  });
});

/** What the schemas can say: the head, zod's spec, and fields that are not known. */
function isValid(value: Sample["value"]): boolean {
  const kind = specs.get(value.kind);
  const { problems } = parser.parse({ ...value, spec: undefined }, "");
  const head = problems.filter(({ field }) => field !== "spec" && !field?.startsWith("spec."));
  const { spec } = value as { spec?: unknown };
  return (
    head.length === 0 &&
    kind !== undefined &&
    kind.spec.safeParse(spec).success &&
    unknownFields(kind.schema, spec).length === 0
  );
}

function create(value: Sample["value"]): Promise<unknown> {
  const path = pathOf(plurals.get(value.kind) ?? "identities");
  const query = { dryRun: "All", fieldValidation: "Strict" };
  // An answer that is no verdict is not taken for one.
  return retrying(() => api.request({ method: "POST", path, query, body: value }));
}

async function verdict(value: Sample["value"]): Promise<ApiError | undefined> {
  return create(value).then(
    () => undefined,
    (error: ApiError) => error,
  );
}

function pathOf(plural: string): string {
  return `/apis/rollcall.dev/v1alpha1/namespaces/default/${plural}`;
}

const crds = new URL("../../crds", import.meta.url).pathname;
