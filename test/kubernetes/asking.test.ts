import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openState } from "../../src/state/open.ts";
import { company, person } from "../support/company.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../support/kubernetes/organisation.ts";
import { waitFor } from "../support/wait.ts";
import type { Manifest } from "../support/world.ts";

/** What people ask of a controller by objects: Approvals, and passes by an annotation. */

const careful = { limits: { settle: "1s", removals: { percent: 0, atLeast: 0 } }, schedule: { every: "1h" } };
const staff = ["alice", "bob", "carol"];
const namespaces = ["approving", "refusing", "asking"];

let cluster: Cluster;
let organisation: Organisation;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, namespaces);
});

afterEach(() => organisation?.[Symbol.asyncDispose]());
afterAll(() => cluster?.stop());

async function atWork(namespace: string): Promise<void> {
  organisation = await Organisation.make(cluster, namespace);
  await organisation.applyOneByOne(...company(careful), ...staff.map((name) => person(name)));
  await organisation.start();
  await organisation.must("wait", "--for=condition=Ready", "--timeout=120s", "identity", "--all");
}

interface TargetObject {
  readonly status: { readonly holds?: readonly { readonly hash: string; readonly items: number }[] };
}

const approval = (name: string, hash: string): Manifest => ({
  kind: "Approval",
  name,
  spec: { hold: { target: "people", hash }, approver: "admin", reason: "they left" },
});

const holds = async () => (await organisation.object<TargetObject>("target/people")).status.holds ?? [];

/** The hold of so many changes. */
const held = (items: number) => waitFor(async () => (await holds()).find((hold) => hold.items === items));

const ready = (name: string, status: "True" | "False") =>
  organisation.must("wait", `--for=condition=Ready=${status}`, "--timeout=120s", `approval/${name}`);

/** Who approved what the journal has of removals. */
async function approvers(place: string): Promise<readonly (string | undefined)[]> {
  const state = await openState(place, { realm: "approving", mode: "read" });
  try {
    const lines = (await Array.fromAsync(state.journal({}))).flat();
    return lines
      .filter(({ operation }) => operation === "Disable" || operation === "Revoke")
      .map((line) => line.approvedBy);
  } finally {
    await state.close();
  }
}

test("an Approval lets pass what a limit holds, once, and the journal says who approved", async () => {
  await atWork("approving");
  await organisation.delete("identity/alice", "identity/bob");
  const hold = await held(4);
  expect((await organisation.must("describe", "target/people")).replace(/\s+/g, " ")).toContain(
    "HoldWaiting",
  );

  await organisation.apply(approval("leavers", hold.hash));
  await ready("leavers", "True");
  await waitFor(
    async () => (await organisation.store()).accounts.filter(({ enabled }) => !enabled).length === 2,
  );

  // What is revoked is so in a wave of its own, and journalled after that.
  const approvedBy = await waitFor(async () => {
    const all = await approvers(organisation.at("state/approving.db"));
    return all.length >= hold.items && all;
  });
  expect(approvedBy).toEqual(["admin", "admin", "admin", "admin"]);

  // Both come back, and leave once more: the same changes, which nobody has approved.
  await organisation.apply(person("alice"), person("bob"));
  await organisation.haveAccounts(...staff);
  await waitFor(async () => (await holds()).length === 0, { what: "what was held is told no longer" });
  await organisation.delete("identity/alice", "identity/bob");
  await held(4);
  expect((await organisation.store()).accounts.filter(({ enabled }) => !enabled)).toEqual([]);
});

test("an Approval of what is not held says so, and nobody can change one", async () => {
  await atWork("refusing");
  await organisation.apply(approval("nothing", "0".repeat(64)));
  await ready("nothing", "False");
  const change = await organisation.kubectl(
    ...["patch", "approval/nothing", "--type=merge", "-p", '{"spec":{"reason":"another"}}'],
  );
  expect(change.code).not.toBe(0);
  expect(change.stderr).toContain("an Approval is for good: make another one");
});

test("rollcall.dev/requestedAt on a Target or its Store has drift looked for at once", async () => {
  await atWork("asking");
  for (const object of ["target/people", "store/directory"]) {
    const content = await organisation.store();
    const accounts = content.accounts.map((each) => ({
      ...each,
      attributes: { ...each.attributes, department: ["Wrong"] },
    }));
    await organisation.writeStore({ ...content, accounts });
    await organisation.must("annotate", "--overwrite", object, `rollcall.dev/requestedAt=${object}`);
    await waitFor(
      async () => (await organisation.account("alice"))?.attributes.department?.[0] === "Research",
    );
  }
});
