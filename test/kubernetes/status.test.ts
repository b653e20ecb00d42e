import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../support/kubernetes/organisation.ts";
import { onceQuiet } from "../support/kubernetes/quiet.ts";
import { waitFor } from "../support/wait.ts";

/** What people see of Rollcall with kubectl alone, on a real API server, the controller running as the chart's ServiceAccount. */

const namespaces = ["shown", "told", "owned", "shared", "idle", "restarted", "held", "wrong", "away"];
const organisations: Organisation[] = [];
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, namespaces);
});

afterEach(async () => {
  for (const organisation of organisations.splice(0)) await organisation[Symbol.asyncDispose]();
});

afterAll(() => cluster?.stop());

interface Stored {
  readonly metadata: {
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion: string;
    readonly managedFields: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly subresource?: string;
      readonly fieldsV1: Readonly<Record<string, unknown>>;
    }[];
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
      readonly lastTransitionTime: string;
    }[];
    readonly accounts?: readonly Readonly<Record<string, unknown>>[];
    readonly holds?: readonly { readonly hash: string; readonly items: number; readonly changes: string[] }[];
    readonly counts?: Readonly<Record<string, number>>;
    readonly summary?: string;
    readonly lastSuccess?: string;
  };
}

/** An organisation with its controller, as soon as its target was looked at. */
async function running(namespace: string, target: Record<string, unknown>, ...people: string[]) {
  const acme = await Organisation.make(cluster, namespace, ...company(target));
  organisations.push(acme);
  await acme.apply(...people.map((name) => person(name)));
  const controller = await acme.start();
  await ready(acme, "target/people");
  return { acme, controller };
}

/** Waits as people do. */
async function ready(acme: Organisation, name: string, status = "True"): Promise<void> {
  await acme.must("wait", `--for=condition=Ready=${status}`, "--timeout=120s", name);
}

/** An object once its conditions are these, as `Type=Status:Reason`. */
function told(acme: Organisation, name: string, ...conditions: string[]): Promise<Stored> {
  return waitFor(
    async () => {
      const object = await acme.object<Stored>(name);
      const now = object.status?.conditions?.map((each) => `${each.type}=${each.status}:${each.reason}`);
      if (JSON.stringify(now?.toSorted()) === JSON.stringify(conditions.toSorted())) return object;
      throw new Error(`it says ${now}`);
    },
    { what: `${name} says ${conditions}`, every: 100 },
  );
}

/** The columns' names and a row's cells, by the column's name: what kubectl prints is cut by the places of the names. */
async function rows(acme: Organisation, ...words: string[]): Promise<Record<string, string>[]> {
  const [head = "", ...lines] = (await acme.must("get", ...words)).trimEnd().split("\n");
  const columns = [...head.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], at: match.index }));
  return lines.map((line) =>
    Object.fromEntries(
      columns.map(({ name, at }, index) => [name, line.slice(at, columns[index + 1]?.at).trim()]),
    ),
  );
}

describe("kubectl", () => {
  test("shows in its columns who somebody is and how it stands, and why with -o wide", async () => {
    const { acme } = await running("shown", {}, "alice", "bob");
    await acme.apply(
      {
        kind: "Grant",
        name: "alice-lab",
        spec: { identity: { name: "alice" }, accessProfile: { name: "lab" } },
      },
      {
        kind: "Grant",
        name: "ghost",
        spec: { identity: { name: "nobody" }, businessRole: { name: "research" } },
      },
    );
    for (const name of ["grant/alice-lab", "identity/alice", "identity/bob", "store/directory"])
      await ready(acme, name);
    await ready(acme, "grant/ghost", "False");
    expect(await rows(acme, "identities")).toMatchObject([
      { NAME: "alice", USER: "alice", DEPARTMENT: "Research", READY: "True", ACCOUNTS: "1/1" },
      { NAME: "bob" },
    ]);
    expect(await rows(acme, "ident", "alice", "-o", "wide")).toMatchObject([
      { REASON: "Converged", MESSAGE: "1 account as declared: people" },
    ]);
    expect(await rows(acme, "targets", "-o", "wide")).toMatchObject([
      {
        ...{ NAME: "people", STORE: "directory", MODE: "Enforce", READY: "True" },
        ...{
          ACCOUNTS: "2",
          DRIFT: "0",
          HELD: "0",
          ORPHANS: "0",
          "LAST SUCCESS": expect.stringMatching(/s$/),
        },
        ...{ DRIFTED: "False", REASON: "Converged", MESSAGE: "2 accounts as declared" },
      },
    ]);
    expect(await rows(acme, "stores")).toMatchObject([
      {
        NAME: "directory",
        CONNECTOR: "memory",
        READY: "True",
        SUSPENDED: "false",
        SERVER: "memory:store.json",
      },
    ]);
    expect(await rows(acme, "grants", "-o", "wide")).toMatchObject([
      { NAME: "alice-lab", IDENTITY: "alice", GIVES: "lab", READY: "True" },
      { NAME: "ghost", IDENTITY: "nobody", GIVES: "research", READY: "False" },
    ]);
    expect((await acme.must("get", "rollcall")).match(/rollcall\.dev\/\S+/g)).toContain("rollcall.dev/alice");
  });

  test("waits for conditions, and describes what was done by one Event however much it was", async () => {
    const { acme } = await running("told", {}, "alice", "bob", "carol");
    await ready(acme, "identity/alice");
    const applied = await waitFor(async () =>
      (await acme.must("describe", "target", "people")).match(/Normal +Applied .*$/m),
    );
    expect(applied[0]).toMatch(/rollcall\.dev\/controller +4 creates, 3 grants$/);
    expect(await acme.must("events", "--for", "identity/alice")).not.toContain("Converged");
  });
});

describe("the fields of a status", () => {
  test("are the controller's, those of a spec its author's, and neither is in the other's way", async () => {
    const { acme } = await running("owned", {}, "alice");
    await ready(acme, "identity/alice");
    const { metadata } = JSON.parse(
      await acme.must("get", "identity/alice", "-o", "json", "--show-managed-fields"),
    ) as Stored;
    const ours = metadata.managedFields.filter(({ manager }) => manager === "rollcall");
    expect(ours).toMatchObject([{ operation: "Apply", subresource: "status" }]);
    expect(Object.keys(ours[0]!.fieldsV1)).toEqual(["f:status"]);
    const others = metadata.managedFields.filter(({ manager }) => manager !== "rollcall");
    expect(others.map(({ fieldsV1 }) => Object.keys(fieldsV1))).toEqual([["f:spec"]]);

    await acme.apply(person("alice", { title: "Professor" }));
    const edited = await waitFor(async () => {
      const object = await acme.object<Stored>("identity/alice");
      return object.status?.observedGeneration === 2 ? object : undefined;
    });
    expect(edited.status?.conditions).toMatchObject([
      { type: "Ready", status: "True", observedGeneration: 2 },
    ]);
  });

  test("that somebody else wrote are overwritten where they are ours, and left where they are not", async () => {
    const { acme } = await running("shared", {}, "alice");
    await ready(acme, "identity/alice");
    const { status } = await acme.object<Stored>("identity/alice");
    const time = "2026-01-01T00:00:00Z";
    const audited = {
      type: "Audited",
      status: "True",
      reason: "Quarterly",
      message: "",
      lastTransitionTime: time,
    };
    const patch = { status: { summary: "9/9", conditions: [...status!.conditions!, audited] } };
    await acme.must(
      ...["patch", "identity", "alice", "--subresource=status", "--type=merge", "--field-manager=auditor"],
      ...["-p", JSON.stringify(patch)],
    );
    await acme.apply(person("alice", { title: "Professor" }));
    const after = await waitFor(async () => {
      const object = await acme.object<Stored>("identity/alice");
      return object.status?.observedGeneration === 2 ? object.status : undefined;
    });
    expect(after).toMatchObject({ summary: "1/1" });
    expect(after.conditions?.map(({ type }) => type).toSorted()).toEqual(["Audited", "Ready"]);
  });
});

describe("a pass with nothing to do", () => {
  test("writes nothing to the API server, Lease renewals aside", async () => {
    const { acme, controller } = await running("idle", { schedule: { every: "200ms" } }, "alice", "bob");
    for (const name of ["identity/alice", "identity/bob", "businessrole/research", "accessprofile/lab"])
      await ready(acme, name);
    const url = await controller.ready();
    const passes = async () =>
      Number(
        (await (await fetch(`${url}/metrics`)).text()).match(
          /^controller_runtime_reconcile_total\{[^}]*success[^}]*\} (\d+)$/m,
        )?.[1],
      );
    const writes = async () =>
      Object.entries(await cluster.requests()).filter(([what]) => !what.endsWith(" leases"));
    const more = async () => {
      const first = await passes();
      await waitFor(async () => (await passes()) > first + 5, { what: "five more passes were made" });
    };
    const before = await onceQuiet(writes, more);
    const object = await acme.object<Stored>("target/people");
    await more();
    expect(await writes()).toEqual(before);
    expect(await acme.object<Stored>("target/people")).toEqual(object);
  });

  test("tells again what was told before a restart only where it differs", async () => {
    const { acme, controller } = await running("restarted", {}, "alice");
    const names = ["identity/alice", "target/people", "store/directory", "businessrole/research"];
    for (const name of names) await ready(acme, name);
    const versions = async () =>
      Promise.all(names.map(async (name) => (await acme.object<Stored>(name)).metadata.resourceVersion));
    const before = await versions();
    await controller.end("SIGTERM");
    await (await acme.start()).ready();
    await acme.apply(person("bob"));
    await ready(acme, "identity/bob");
    const [alice, , ...others] = await versions();
    expect([alice, ...others]).toEqual([before[0], ...before.slice(2)]);
  });
});

describe("what waits for somebody", () => {
  test("stalls the target with its hold, and the identities, until an Approval lets it pass", async () => {
    const limits = { settle: "1s", removals: { percent: 0, atLeast: 0, atMost: 0 } };
    const { acme } = await running("held", { limits }, "alice", "bob");
    await ready(acme, "identity/alice");
    await acme.apply(person("alice", { lifecycle: { state: "Inactive" } }));
    const target = await told(
      acme,
      "target/people",
      ...["Ready=False:HoldWaiting", "Stalled=True:HoldWaiting", "Drifted=True:Differs"],
    );
    const [hold] = target.status?.holds ?? [];
    expect(hold?.changes).toContain(`Disable ${dn("alice")}`);
    expect(hold?.changes).toContain(`Revoke lab: ${dn("alice")}`);
    const alice = await told(
      acme,
      "identity/alice",
      ...["Ready=False:HoldWaiting", "Stalled=True:HoldWaiting"],
    );
    expect(alice.status).toMatchObject({ summary: "0/1", accounts: [{ target: "people", state: "Held" }] });
    const warnings = () => acme.must("events", "--types=Warning", "--for", "target/people");
    await waitFor(async () => (await warnings()).includes("HoldWaiting"), { what: "an Event tells of it" });

    await acme.apply({
      kind: "Approval",
      name: "alice-leaves",
      spec: {
        hold: { target: "people", hash: hold?.hash },
        approver: "admin",
        reason: "she retires",
      },
    });
    await ready(acme, "approval/alice-leaves");
    await told(acme, "target/people", "Ready=True:Converged", "Drifted=False:InSync");
    const left = await told(acme, "identity/alice", "Ready=True:Converged");
    expect(left.status?.accounts).toMatchObject([{ state: "Disabled", name: dn("alice") }]);
  });

  test("is said of what is not valid, though the API server took it, and of what another one's store is", async () => {
    const { acme } = await running("wrong", { schedule: { every: "200ms" } }, "alice");
    await acme.apply(
      person("alice", { lifecycle: { start: "2026-02-01", end: "2026-01-31" } }),
      person("bob", { lifecycle: { end: "2026-02-30" } }),
    );
    for (const name of ["identity/alice", "identity/bob"]) {
      const object = await told(acme, name, "Ready=False:Invalid", "Stalled=True:Invalid");
      expect(object.status?.observedGeneration).toBe(object.metadata.generation);
    }
    expect((await rows(acme, "ident", "bob", "-o", "wide"))[0]?.MESSAGE).toMatch(
      /spec\.lifecycle\.end is no date of the calendar/,
    );
    await acme.writeStore({ fingerprint: "somebody else", accounts: [] });
    await told(acme, "store/directory", "Ready=False:StoreForeign", "Stalled=True:StoreForeign");
    const target = await told(
      acme,
      "target/people",
      ...["Ready=False:StoreForeign", "Stalled=True:StoreForeign", "Drifted=False:InSync"],
    );
    expect(target.status?.counts).toMatchObject({ linked: 1 });
  });

  test("is nobody while a store is away: its Target and Store say so, its identities keep what is known", async () => {
    const { acme } = await running("away", { schedule: { every: "200ms" } }, "alice");
    await ready(acme, "identity/alice");
    const alice = await acme.object<Stored>("identity/alice");
    const content = await acme.store();
    await acme.writeStore("not JSON" as never);
    await told(
      acme,
      "target/people",
      ...["Ready=False:StoreUnavailable", "Reconciling=True:StoreUnavailable", "Drifted=False:InSync"],
    );
    await told(acme, "store/directory", "Ready=False:StoreUnavailable", "Reconciling=True:StoreUnavailable");
    expect(await acme.object("identity/alice")).toEqual(alice);
    await acme.writeStore({ ...content });
    await told(acme, "target/people", "Ready=True:Converged", "Drifted=False:InSync");
    expect(await acme.object("identity/alice")).toEqual(alice);
  });
});
