import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { company, person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { installRelease, Organisation, warnings } from "../../support/kubernetes/organisation.ts";
import { waitFor } from "../../support/wait.ts";
import type { Manifest } from "../../support/world.ts";

/** Objects that are larger, more, older or stranger than usual. */

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, ["older", "larger"]);
});
afterAll(() => cluster?.stop());

const crd = new URL("../../../crds/rollcall.dev_identities.yaml", import.meta.url);
const lax = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

const strange = person("zoe", { userName: { first: "zoe" } });

/** The definition of Identity, as it is or as an older one that took anything. Resolves when the API server goes by it. */
async function define(spec?: object): Promise<void> {
  const definition = parse(await readFile(crd, "utf8"));
  if (spec) {
    const schema = definition.spec.versions[0].schema.openAPIV3Schema;
    schema.properties.spec = spec;
    delete schema["x-kubernetes-validations"];
  }
  await cluster.apply(`---\n${stringify(definition)}`);
  const { name, ...rest } = strange;
  const input = stringify({
    apiVersion: "rollcall.dev/v1alpha1",
    metadata: { name: `another-${name}` },
    ...rest,
  });
  const words = ["create", "--dry-run=server", "--namespace=older", "-f", "-"];
  await waitFor(async () => ((await cluster.kubectl(words, { input })).code === 0) === (spec !== undefined), {
    what: "the definition is in force",
  });
}

const quick = company({
  limits: { settle: "1s", removals: { percent: 50, atLeast: 2 } },
  schedule: { every: "1h" },
});

/** What `Ready` says of an object. */
async function ready(organisation: Organisation, name: string): Promise<string> {
  const path = '{.status.conditions[?(@.type=="Ready")]}';
  const text = await organisation.must("get", name, "-o", `jsonpath=${path}`);
  const { status, reason, message } = JSON.parse(text || "{}");
  return `${status} ${reason}: ${message}`;
}

test("an Identity that a newer definition would refuse is held as it was, and says so; the others live on", async () => {
  await define(lax);
  await using organisation = await Organisation.make(cluster, "older", ...quick);
  const huge = person("huge", { unheardOf: "x".repeat(1_000_000) });
  await organisation.apply(...["alice", "bob", "carol"].map((name) => person(name)), strange);
  await organisation.createMany([huge]);
  const first = await organisation.start();
  await organisation.haveAccounts("alice", "bob", "carol");
  const before = await organisation.account("alice");
  await organisation.apply(person("alice", { department: "" }));
  await waitFor(async () => (await ready(organisation, "identity/alice")).startsWith("False Invalid"));
  await organisation.must(
    "patch",
    "identity/alice",
    "--subresource=status",
    "--type=merge",
    "-p",
    '{"status":null}',
  );
  await organisation.must(
    "patch",
    "identity/zoe",
    "--subresource=status",
    "--type=merge",
    "-p",
    '{"status":null}',
  );
  expect(await first.end("SIGTERM")).toBe(0);
  await define();
  const controller = await organisation.start();
  await organisation.apply(person("dave"));
  await organisation.delete("identity/bob");
  await organisation.haveAccounts("dave");
  await waitFor(async () => (await organisation.account("bob"))?.enabled === false, { what: "bob has left" });
  expect(await organisation.account("alice")).toEqual(before);
  expect(await organisation.account("zoe")).toBeUndefined();
  const valid =
    /^False Invalid: Identity\/alice is not valid: .*department.*; its last valid version stays in force$/;
  await waitFor(async () => valid.test(await ready(organisation, "identity/alice")), {
    what: "alice is held",
  });
  // Of one whose fields are of other types the API server takes no status from anybody who applies: the log alone tells.
  await controller.logged("invalid manifest", { name: "zoe", field: "spec.userName" });
  // What the newer definition does not know is gone with it.
  await organisation.haveAccounts("huge");
  await organisation.apply(person("alice", { department: "Sales" }));
  await waitFor(async () => (await ready(organisation, "identity/alice")).startsWith("True"), {
    what: "alice is well",
  });
  expect((await organisation.account("alice"))?.attributes.department).toEqual(["Sales"]);
  expect(await controller.end("SIGTERM")).toBe(0);
});

test("an Identity of a megabyte, with dots in its name, and with 70 accounts is as well as any other", async () => {
  await using organisation = await Organisation.make(cluster, "larger");
  const [store, target] = company({ schedule: { every: "1h" } }) as [Manifest, Manifest];
  const numbers = Array.from({ length: 70 }, (_, index) => 100 + index);
  const objects = numbers.flatMap((number): Manifest[] => [
    { ...store, name: `s${number}`, spec: { memory: { file: `s${number}.json` } } },
    { ...target, name: `t${number}`, spec: { ...target.spec, store: { name: `s${number}` } } },
  ]);
  for (const number of numbers) await writeFile(organisation.at(`s${number}.json`), "{}");
  const placed = objects.map(({ kind, name, spec }) => ({
    ...{ apiVersion: "rollcall.dev/v1alpha1", kind, spec },
    metadata: { name, namespace: "larger" },
  }));
  await cluster.apply(`---\n${placed.map((each) => JSON.stringify(each)).join("\n---\n")}\n`);
  const attributes = Object.fromEntries(
    Array.from({ length: 240 }, (_, index) => [`a${index}`, ["x".repeat(4_096)]]),
  );
  await organisation.createMany([person("ada.lovelace.example", { userName: "ada", attributes })]);
  const controller = await organisation.start();
  const identity = "identity/ada.lovelace.example";
  await organisation.must("wait", "--for=jsonpath={.status.summary}=70/70", "--timeout=120s", identity);
  const { status } = await organisation.object<{ status: { accounts: object[] } }>(identity);
  expect(status.accounts).toHaveLength(64);
  expect(warnings(controller)).toEqual([]);
  expect(await controller.end("SIGTERM")).toBe(0);
});
