import { beforeEach, describe, expect, test } from "vitest";
import { BoardWorld } from "../../../test/support/board-world.ts";
import { company, dn, person } from "../../../test/support/company.ts";
import { StoreError } from "../../connectors/errors.ts";
import type { IdentityStatus } from "../../core/kinds/status.ts";

const minutes = (count: number) => count * 60_000;
let world: BoardWorld;

beforeEach(() => {
  world = new BoardWorld();
  world.put(...company(), person("alice"), person("bob", { department: "Sales" }));
});

const everything = [
  ...["Identity/alice", "Identity/bob", "Target/people", "Store/directory"],
  ...["AccessProfile/lab", "BusinessRole/research"],
];

describe("the board", () => {
  test("writes the status of each object once, and nothing when a pass finds nothing", async () => {
    await world.run();
    expect(new Set(world.takeWrites())).toEqual(new Set(everything));
    expect(everything.map((key) => world.ready(key))).toEqual([
      ...["True Converged", "True Converged", "True Converged", "True Reachable"],
      ...["True Accepted", "True Accepted"],
    ]);
    for (let passes = 0; passes < 3; passes++) {
      world.now += minutes(15);
      await world.run();
    }
    expect(world.takeWrites()).toEqual([]);
  });

  test("tells of the accounts of an identity, and of what it holds", async () => {
    await world.run();
    expect(world.status<IdentityStatus>("Identity/alice")?.accounts).toMatchObject([
      { target: "people", state: "Enabled", name: dn("alice"), entitlements: 1 },
    ]);
    expect(world.status<IdentityStatus>("Identity/bob")?.accounts).toMatchObject([{ entitlements: 0 }]);
  });

  test("looks at those alone whom an edit touches", async () => {
    await world.run();
    world.takeWrites();
    world.put(person("alice", { title: "Professor" }));
    await world.run({ pass: false });
    expect(world.takeWrites()).toEqual(["Identity/alice"]);
    world.put(person("bob"));
    await world.run({ pass: false });
    expect(world.takeWrites()).toEqual(["Identity/bob"]);
    expect(world.status<IdentityStatus>("Identity/bob")).toMatchObject({ observedGeneration: 2 });
    expect(world.status<IdentityStatus>("Identity/bob")?.accounts).toMatchObject([{ entitlements: 1 }]);
  });

  test("hands nothing on twice while the first has not arrived", async () => {
    world.arrives = false;
    await world.run();
    expect(new Set(world.takeWrites())).toEqual(new Set(everything));
    await world.run();
    expect(world.takeWrites()).toEqual([]);
  });

  test("says of which generation it speaks where a newer one is there already, and nothing of an object made anew", async () => {
    world.alter("Identity/alice", { generation: 2 });
    world.alter("Identity/bob", { uid: "of another bob" });
    await world.run();
    expect(world.status("Identity/alice")?.observedGeneration).toBe(1);
    expect(world.takeWrites()).not.toContain("Identity/bob");
  });

  test("writes nothing anew after a restart, and leaves what was said until it knows better", async () => {
    await world.run();
    world.takeWrites();
    world.restart();
    await world.run();
    expect(world.takeWrites()).toEqual([]);
    expect(world.events.map(({ reason }) => reason)).not.toContain("Progressing");
  });

  test("sees now and then to what somebody else wrote over ours", async () => {
    await world.run();
    world.takeWrites();
    world.writeStatus("Identity/bob", { summary: "9/9" });
    await world.run();
    expect(world.takeWrites()).toEqual([]);
    world.now += minutes(11);
    await world.run();
    expect(world.takeWrites()).toEqual(["Identity/bob"]);
  });

  test("hands on again what was dropped", async () => {
    world.arrives = false;
    await world.run();
    for (const { dropped } of world.writes.splice(0)) dropped?.();
    world.arrives = true;
    world.now += minutes(11);
    await world.run();
    expect(new Set(world.takeWrites())).toEqual(new Set(everything));
  });

  test("makes later what could not be made while the state was away", async () => {
    world.stateFails = "the database is away";
    await world.run();
    expect(world.failures).toEqual(["the database is away"]);
    expect(world.ready("Identity/alice")).toBeUndefined();
    world.stateFails = undefined;
    await world.run();
    expect(world.ready("Identity/alice")).toBe("True Converged");
  });

  test("writes nothing any longer that waits when another process may lead", async () => {
    world.arrives = false;
    await world.run();
    expect(world.writes[0]?.seen()).toBeDefined();
    world.leads = false;
    expect(world.writes.map(({ seen }) => seen())).toEqual(world.writes.map(() => undefined));
  });

  test("makes nothing once it is closed", async () => {
    const board = await world.board();
    await board.close();
    await world.run();
    expect(world.takeWrites()).toEqual([]);
  });
});

describe("what was edited is told of once it was run, and not by what an older run found", () => {
  const observed = (key: string) => world.status(key)?.observedGeneration;

  test("an identity, where the board was slow to tell of that run", async () => {
    await world.run();
    world.meanwhile = async () => {
      world.put(person("alice", { department: "Sales" }));
      await world.read();
    };
    await world.work();
    await world.idle();
    expect(observed("Identity/alice")).toBe(1);
    await world.work();
    await world.idle();
    expect(observed("Identity/alice")).toBe(2);
  });

  test("an identity, where somebody asks for another target meanwhile", async () => {
    const guests = { kind: "Target", name: "guests", spec: { ...company()[1]!.spec } };
    const accounts = { when: "identity.userType == 'Guest'", name: { expression: "identity.userName" } };
    world.put({ ...guests, spec: { ...guests.spec, accounts } });
    await world.run();
    world.put(person("alice", { department: "Sales" }));
    await world.read();
    await world.work({}, "guests");
    await world.idle();
    expect(observed("Identity/alice")).toBe(1);
    await world.work({}, "people");
    await world.idle();
    expect(observed("Identity/alice")).toBe(2);
  });

  test("a target, its store, and what gives access", async () => {
    const edited = ["Target/people", "Store/directory", "AccessProfile/lab", "BusinessRole/research"];
    await world.run();
    world.put(...company());
    await world.read();
    await world.idle();
    expect(edited.map(observed)).toEqual([1, 1, 1, 1]);
    await world.work();
    await world.idle();
    expect(edited.map(observed)).toEqual([2, 2, 2, 2]);
    expect(edited.map((key) => world.ready(key))).toEqual([
      ...["True Converged", "True Reachable", "True Accepted", "True Accepted"],
    ]);
  });

  test("unless its store is away, which is all that is known", async () => {
    await world.run();
    world.store.faults = { call: () => Promise.reject(new StoreError("Unavailable", "cannot reach it")) };
    await world.run();
    world.put(person("alice", { department: "Sales" }), ...company().slice(2));
    await world.read();
    await world.idle();
    await world.work({}, "nobody");
    await world.idle();
    expect(world.ready("Identity/alice")).toBe("False StoreUnavailable");
    expect(observed("BusinessRole/research")).toBe(2);
  });

  test("unless its store is away while its target cannot be read, which is as far as anybody gets", async () => {
    await world.run();
    world.store.faults = { call: () => Promise.reject(new StoreError("Unavailable", "cannot reach it")) };
    await world.run();
    world.unread.set("Target", "no right to list targets");
    world.put(person("alice", { department: "Sales" }), ...company().slice(2));
    await world.read();
    // It is tried again when that is its turn, which may be minutes.
    await world.work({}, "nobody");
    await world.idle();
    expect(world.ready("Target/people")).toBe("False Held");
    expect(world.ready("Identity/alice")).toBe("False StoreUnavailable");
    expect(observed("BusinessRole/research")).toBe(2);
    world.unread.clear();
    await world.read();
    await world.idle();
    expect(world.ready("Target/people")).toBe("False StoreUnavailable");
  });

  const people = (file: string, more: object = {}) => {
    const columns = [{ name: "name", expression: "identity.userName" }];
    const spec = { identities: {}, format: "Csv", file, columns, ...more };
    return { kind: "Export", name: "people", spec };
  };
  const write = async (generation: number) => {
    const digest = `${world.objects.get("Export/people")?.metadata.uid}/${generation}`;
    const written = { rows: 2, sha256: "00".repeat(32) };
    const report = { name: "people", digest, at: world.now, milliseconds: 1, written, error: undefined };
    (await world.board()).tell({ kind: "Exported", report });
    await world.idle();
  };

  test("an export that could not be read for a while is what it was before", async () => {
    world.put(people("people.csv", { schedule: { every: "24h" } }));
    await world.run();
    await write(1);
    world.unread.set("Export", "no right to list exports");
    await world.run();
    expect(world.ready("Export/people")).toBe("False Held");
    world.unread.clear();
    await world.run();
    expect(world.ready("Export/people")).toBe("True Exported");
  });

  test("an export, whose file was written before", async () => {
    world.put(people("people.csv"));
    await world.run();
    await write(1);
    expect(world.ready("Export/people")).toBe("True Exported");
    world.put(people("everybody.csv"));
    await world.run();
    expect(world.ready("Export/people")).toBe("True Accepted");
    await write(1);
    expect(world.ready("Export/people")).toBe("True Accepted");
    await write(2);
    expect(world.ready("Export/people")).toBe("True Exported");
  });

  test("a pass that was asked for, though a status was being made just then", async () => {
    await world.run();
    world.takeWrites();
    const board = await world.board();
    const away = new StoreError("Unavailable", "cannot reach the store");
    world.store.faults = { call: () => Promise.reject(away) };
    world.meanwhile = async () => {
      await world.work();
      board.answered("Target", "people", "monday");
    };
    await world.read();
    await world.idle();
    const answered = world.writes.find(({ status }) => "lastHandledRequestedAt" in status);
    expect(answered?.status).toMatchObject({ conditions: [{ reason: "StoreUnavailable" }, {}, {}] });
  });
});

describe("of what is not well", () => {
  test("an object that is not valid says so before any run, its last valid version staying in force", async () => {
    await world.run();
    world.put(person("alice", { lifecycle: { end: "2026-02-30" } }));
    await world.run();
    expect(world.ready("Identity/alice")).toBe("False Invalid");
    expect(world.status<IdentityStatus>("Identity/alice")).toMatchObject({
      observedGeneration: 2,
      summary: "1/1",
    });
    world.put(person("alice"));
    await world.run();
    expect(world.ready("Identity/alice")).toBe("True Converged");
  });

  test("an object that is edited and not valid for the same reason says so of what it is now", async () => {
    const invalid = [{ lifecycle: { end: "2026-02-30" } }, { lifecycle: { end: "2026-02-30" }, title: "Dr" }];
    await world.run();
    for (const [index, spec] of invalid.entries()) {
      world.put(person("alice", spec), person("carol", spec));
      await world.run();
      expect(world.status("Identity/alice")?.observedGeneration).toBe(2 + index);
      expect(world.status("Identity/carol")?.observedGeneration).toBe(1 + index);
    }
    world.takeWrites();
    await world.run();
    expect(world.takeWrites()).toEqual([]);
  });

  test("a policy follows what it names: one that comes, and one that goes", async () => {
    const grant = {
      kind: "Grant",
      name: "wiki",
      spec: { identity: { name: "carol" }, accessProfile: { name: "lab" } },
    };
    world.put(grant);
    await world.run();
    expect(world.ready("Grant/wiki")).toBe("False ReferenceMissing");
    world.put(person("carol"));
    await world.run();
    expect(world.ready("Grant/wiki")).toBe("True Accepted");
    world.remove("Identity/carol");
    await world.run();
    expect(world.ready("Grant/wiki")).toBe("False ReferenceMissing");
  });

  test("nobody is ready before there is a Target, and everybody is looked at once it is run", async () => {
    const [store, target, ...others] = company();
    world = new BoardWorld();
    const guest = person("carol", { userType: "Guest", department: "Sales" });
    world.put(store!, ...others, person("alice"), guest);
    await world.run();
    const ready = () => ["Identity/alice", "Identity/carol"].map((key) => world.ready(key));
    expect(ready()).toEqual(["False NoTargets", "False NoTargets"]);
    world.put(target!);
    await world.run();
    expect(ready()).toEqual(["True Converged", "True NoAccounts"]);
  });

  test("nobody who is new or edited is ready where the only Target is deleted, and nothing is told of what was open there", async () => {
    world.store.faults = { refuse: () => new StoreError("Invalid", "cannot write it") };
    await world.run();
    expect(world.ready("Identity/alice")).toBe("False ChangesFailed");
    world.remove("Target/people");
    world.put(person("alice", { department: "Sales" }), person("carol"));
    await world.run();
    for (const name of ["alice", "carol"]) {
      expect(world.ready(`Identity/${name}`)).toBe("False NoTargets");
      expect(world.status<IdentityStatus>(`Identity/${name}`)).toMatchObject({ summary: "0/0" });
    }
  });

  test("who is edited while the only Target is suspended is not ready before it is run again", async () => {
    await world.run();
    world.put(...company({ suspend: true }), person("alice", { title: "Professor" }));
    await world.run();
    expect(world.ready("Identity/alice")).toBe("False NoTargets");
    expect(world.status<IdentityStatus>("Identity/alice")).toMatchObject({ summary: "1/1" });
    world.put(...company());
    await world.run();
    expect(world.ready("Identity/alice")).toBe("True Converged");
  });

  test("a suspended target keeps what was said of its accounts", async () => {
    await world.run();
    const before = world.status("Identity/alice");
    world.put(...company({ suspend: true }));
    await world.run();
    expect(world.ready("Target/people")).toBe("False Suspended");
    world.now += minutes(11);
    await world.run();
    expect(world.status("Identity/alice")).toEqual(before);
  });

  test("a store that is away changes no identity, and is told by one Event until it is back", async () => {
    await world.run();
    world.takeWrites();
    world.events.length = 0;
    world.store.faults = {
      call: () => Promise.reject(new StoreError("Unavailable", "cannot reach the store")),
    };
    for (let passes = 0; passes < 3; passes++) await world.run();
    expect(new Set(world.takeWrites())).toEqual(new Set(["Target/people", "Store/directory"]));
    world.store.faults = {};
    await world.run();
    expect(new Set(world.takeWrites())).toEqual(new Set(["Target/people", "Store/directory"]));
    expect(world.events.filter(({ object }) => object.kind === "Target").map(({ reason }) => reason)).toEqual(
      ["StoreUnavailable", "Converged"],
    );
  });

  test("five hundred held people make one Event of the target, and a few of their own", async () => {
    const people = Array.from({ length: 500 }, (_, index) => `p${index}`);
    world.put(...people.map((name) => person(name)));
    await world.run();
    world.events.length = 0;
    world.put(...people.map((name) => person(name, { lifecycle: { state: "Inactive" } })));
    await world.run();
    const kinds = Map.groupBy(world.events, ({ object }) => object.kind);
    expect(kinds.get("Target")?.map(({ reason }) => reason)).toEqual(["HoldWaiting"]);
    expect(kinds.get("Identity")?.length).toBeLessThanOrEqual(50);
    expect(world.ready("Identity/p499")).toBe("False HoldWaiting");
  });
});

test("a pass that was asked for is answered, and an Approval says what it came to", async () => {
  const hash = "3f2a".repeat(16);
  world.objects.set("Approval/yes", {
    apiVersion: "rollcall.dev/v1alpha1",
    kind: "Approval",
    metadata: {
      ...{ name: "yes", namespace: "acme", uid: "uid-yes", resourceVersion: "1", generation: 1 },
      creationTimestamp: "",
    },
    spec: { hold: { target: "people", hash }, approver: "ann" },
  });
  await world.run();
  const board = await world.board();
  board.approvals(new Map([["yes", "HoldGone"]]));
  board.answered("Target", "people", "monday");
  await board.idle();
  expect(world.ready("Approval/yes")).toBe("False HoldGone");
  expect(world.status("Target/people")).toMatchObject({ lastHandledRequestedAt: "monday" });
});

test("law 9: no status and no Event has the value of a sensitive attribute, whatever becomes of it", async () => {
  const secret = "correct horse battery staple";
  const [store, target, ...others] = company();
  const { accounts } = target!.spec as { accounts: { attributes: object } };
  const pin = { expression: "identity.attributes['pin']", sensitive: true };
  const attributes = { ...accounts.attributes, pin };
  world.put(
    store!,
    { ...target!, spec: { ...target!.spec, accounts: { ...accounts, attributes } } },
    ...others,
  );
  world.put(person("alice", { attributes: { pin: [secret] } }));
  await world.run();
  world.store.faults = {
    refuse: () => new StoreError("Invalid", "cannot write uid=alice: pin is not taken"),
  };
  world.put(person("alice", { attributes: { pin: [`${secret}, again`] } }));
  await world.run();
  expect(world.ready("Identity/alice")).toBe("False ChangesFailed");
  expect(JSON.stringify([world.writes.map(({ status }) => status), world.events])).not.toContain(secret);
});
