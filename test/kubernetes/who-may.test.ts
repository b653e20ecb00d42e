import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installChart } from "../support/kubernetes/chart.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { waitFor } from "../support/wait.ts";
import { grantCases, profileCases, roleCases } from "./who-may/access-cases.ts";
import { type AccessCase, names, self } from "./who-may/case.ts";
import { allow, namespace, type Person, person } from "./who-may/people.ts";
import { identityCases, storeCases, targetCases } from "./who-may/wiring-cases.ts";

/** Who may give access: the chart's ValidatingAdmissionPolicies on a real API server, met by people of each right. */

let cluster: Cluster;
let admin: Person;
const opened: Person[] = [];
let count = 0;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.namespace("rollcall-system");
  await cluster.namespace(namespace);
  await installChart(cluster);
  admin = await person("admin", cluster.kubeconfig);
  const kinds = ["identities", "businessroles", "accessprofiles", "grants", "stores", "targets"];
  const verbs = ["create", "get", "update", "patch", "delete"];
  await allow(
    cluster,
    { group: "writers" },
    kinds.map((resource) => ({ resource, verbs })),
  );
  const writer = await somebodyWith([]);
  await Promise.all(
    [roleCases, profileCases, grantCases, targetCases, storeCases, identityCases]
      .flat()
      .map(({ before, after, needs }) =>
        !before && needs
          ? waitFor(
              async () => (await writer.apply("probe", after, { dryRun: true })).includes('the verb "grant"'),
              {
                what: `the policy for ${after.kind} is in force`,
              },
            )
          : undefined,
      ),
  );
});

afterAll(async () => {
  for (const who of opened) await who[Symbol.asyncDispose]();
  await admin?.[Symbol.asyncDispose]();
  await cluster?.stop();
});

/** Somebody who may write every kind and has the verb `grant` on these (`plural/name`, or `plural` for all of them). */
async function somebodyWith(granted: readonly string[]): Promise<Person> {
  const name = `writer-${++count}`;
  const rules = granted.map((each) => {
    const [resource = "", only] = each.split("/");
    return { resource, verbs: ["grant"], ...(only && { names: [only] }) };
  });
  if (rules.length > 0) await allow(cluster, { user: name }, rules);
  const who = await person(name, await cluster.user(name, ["writers"], namespace));
  opened.push(who);
  return who;
}

const words = (need: string) => {
  const [plural, name] = need.split("/");
  return `needs the verb "grant" on ${plural}.rollcall.dev "${name}" in namespace "${namespace}": ClusterRole rollcall-admin has it`;
};

async function meets({ before, after, needs = [] }: AccessCase) {
  const name = `case-${++count}`;
  if (before) expect(await admin.apply(name, before)).toBe("");
  const rights = needs.map((need) => need.replace(self, name));
  for (const missing of rights) {
    const who = await somebodyWith(rights.filter((right) => right !== missing));
    const refusal = words(missing);
    await waitFor(async () => (await who.apply(name, after, { dryRun: true })).includes(refusal), {
      what: refusal,
    });
  }
  const who = await somebodyWith(rights);
  await waitFor(async () => [expect(await who.apply(name, after, { dryRun: true })).toBe("")], {
    what: `whoever has grant on ${rights.join(" and ") || "nothing"} may do it`,
  });
}

const title = ({ edit, needs }: AccessCase) =>
  `${edit} needs ${needs ? `grant on ${needs.join(" and ").replace(self, "itself")}` : "no more than writing it"}`;
const table = (cases: readonly AccessCase[]) =>
  cases.map((each): [string, AccessCase] => [title(each), each]);

describe("a BusinessRole", () => {
  test.each(table(roleCases))("%s", (_, each) => meets(each));

  const many = (count: number, when = "true") => {
    const all = Array.from({ length: count }, (_, index) => `profile-${index}`);
    return { kind: "BusinessRole" as const, spec: { members: { when }, accessProfiles: names(...all) } };
  };
  const each = many(64).spec.accessProfiles.map(({ name }) => `accessprofiles/${name}`);

  test("with 24 profiles is within what the API server can check", async () => {
    const who = await somebodyWith(each);
    await waitFor(async () => (await who.apply("most", many(24), { dryRun: true })) === "");
  });

  test("with more at once is refused to whoever has the right on each by name, with the way out", async () => {
    const who = await somebodyWith(each);
    await waitFor(async () => (await who.apply("most", many(24))) === "");
    expect(await who.apply("more", many(25))).toContain(
      'would give access by more than 24 accessprofiles in one change: give it by 24 at a time, or leave it to somebody with the verb "grant" on all',
    );
    expect(await who.apply("most", many(48))).toBe("");
    expect(await who.apply("most", many(48, "false"))).toContain("more than 24 accessprofiles");
  });

  test("with the most profiles there can be is for whoever has the right on all of them", async () => {
    const who = await somebodyWith(["accessprofiles"]);
    await waitFor(async () => (await who.apply("full", many(64))) === "");
    expect(await who.apply("full", many(64, "false"))).toBe("");
  });
});

describe("an AccessProfile", () => {
  test.each(table(profileCases))("%s", (_, each) => meets(each));

  test("with the most entitlements there can be is within what the API server can check", async () => {
    const entitlements = Array.from({ length: 256 }, (_, index) => ({
      name: `group-${index}-${"x".repeat(200)}`,
    }));
    const full = { kind: "AccessProfile" as const, spec: { target: { name: "directory" }, entitlements } };
    expect(await admin.apply("full", full)).toBe("");
    const who = await somebodyWith([]);
    expect(await who.apply("full", { ...full, spec: { ...full.spec, description: "All." } })).toBe("");
    const other = { ...full.spec, entitlements: [...entitlements.slice(1), { name: "admins" }] };
    expect(await who.apply("full", { ...full, spec: other })).toContain(words("targets/directory"));
  });
});

describe("a Grant", () => {
  test.each(table(grantCases))("%s", (_, each) => meets(each));
});

describe("a Target", () => {
  test.each(table(targetCases))("%s", (_, each) => meets(each));
});

describe("a Store", () => {
  test.each(table(storeCases))("%s", (_, each) => meets(each));
});

describe("an Identity", () => {
  test.each(table(identityCases))("%s", (_, each) => meets(each));
});

describe("whatever the way of writing", () => {
  const standing = {
    kind: "Grant",
    spec: { identity: { name: "ada" }, accessProfile: { name: "mail" } },
  } as const;
  const toEve = { ...standing.spec, identity: { name: "eve" } };
  const object = { apiVersion: "rollcall.dev/v1alpha1", kind: "Grant", spec: toEve };
  const patch = (type: string, body: object) => [
    "patch",
    "grant",
    "ways",
    `--type=${type}`,
    "-p",
    JSON.stringify(body),
  ];

  test.each<[string, string[], object?]>([
    ["create", ["create", "-f", "-"], { ...object, metadata: { name: "other" } }],
    [
      "create with a generated name",
      ["create", "-f", "-"],
      { ...object, metadata: { generateName: "other-" } },
    ],
    ["replace", ["replace", "-f", "-"], { ...object, metadata: { name: "ways" } }],
    ["replace by deleting", ["replace", "--force", "-f", "-"], { ...object, metadata: { name: "ways" } }],
    ["a merge patch", patch("merge", { spec: { identity: { name: "eve" } } })],
    ["a JSON patch", patch("json", [{ op: "replace", path: "/spec/identity/name", value: "eve" }])],
  ])("%s gives no access without the right", async (_, args, input) => {
    expect(await admin.apply("ways", standing)).toBe("");
    const kubeconfig = await cluster.user(`way-${++count}`, ["writers"], namespace);
    const { code, stderr } = await cluster.kubectl(args, {
      as: kubeconfig,
      ...(input && { input: JSON.stringify(input) }),
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(words("accessprofiles/mail")),
    });
  });

  test("writing the status changes nothing of the access", async () => {
    expect(await admin.apply("ways", standing)).toBe("");
    await allow(cluster, { user: "statuses" }, [{ resource: "grants/status", verbs: ["get", "patch"] }]);
    const kubeconfig = await cluster.user("statuses", ["writers"], namespace);
    const write = [...patch("merge", { spec: { identity: { name: "eve" } } }), "--subresource=status"];
    await waitFor(async () => (await cluster.kubectl(write, { as: kubeconfig })).code === 0);
    const { stdout } = await cluster.kubectl([
      "get",
      "grant",
      "ways",
      "-n",
      namespace,
      "-o",
      "jsonpath={.spec.identity.name}",
    ]);
    expect(stdout).toBe("ada");
  });
});

describe("where the controller reads by labels alone", () => {
  const grants = grantCases.find(({ before, needs }) => before && !needs)!.after;
  const labels = { team: "platform" };

  test("a label is worth the access of what it is put on", async () => {
    expect(await admin.apply("unseen", grants)).toBe("");
    const writer = await somebodyWith([]);
    expect(await writer.apply("unseen", { ...grants, labels }, { dryRun: true })).toBe("");

    await installChart(cluster, { watch: { selector: "team=platform" } });
    await waitFor(async () =>
      (await writer.apply("unseen", { ...grants, labels }, { dryRun: true })).includes(
        words("accessprofiles/mail"),
      ),
    );
    const granter = await somebodyWith(["accessprofiles/mail"]);
    await waitFor(async () => (await granter.apply("unseen", { ...grants, labels })) === "");
    expect(await writer.apply("unseen", { ...grants, labels })).toBe("");
  });
});
