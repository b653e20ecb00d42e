import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KindName } from "../core/kinds/kinds.ts";
import type { InForce, Resource } from "../core/kinds/resource.ts";
import { KnownManifests } from "./known.ts";
import { type Resolved, resolve } from "./resolve.ts";
import type { Reading } from "./resources.ts";

describe("what is in force", () => {
  test("is what was read, when it is valid", () => {
    const { snapshot } = resolve(reading([identity("alice")]), known(), 5);
    expect(snapshot.objects.Identity.get("alice")).toMatchObject({ standing: { status: "Current" } });
    expect(snapshot.revision).toBe("r1");
  });

  test("is the last valid version of an object that became invalid", () => {
    const invalid = reading([], { "Identity/alice": "spec.userName is required" });
    const { snapshot } = resolve(invalid, known(identity("alice")), 5);
    expect(snapshot.objects.Identity.get("alice")).toEqual({
      resource: identity("alice"),
      standing: { status: "Held", reason: "spec.userName is required" },
    });
  });

  test("is unknown for an object that never was valid", () => {
    const { snapshot, changes } = resolve(reading([], { "Identity/alice": "broken" }), known(), 5);
    expect(snapshot.unknown).toEqual(new Map([["Identity/alice", "broken"]]));
    expect(snapshot.objects.Identity.size + changes.put.length).toBe(0);
  });

  test("keeps what an incomplete reading does not have, and says why", () => {
    const { snapshot } = resolve(incomplete("a merge is under way"), known(identity("alice")), 5);
    expect(snapshot.objects.Identity.get("alice")?.standing).toEqual({
      status: "Held",
      reason: "a merge is under way",
    });
  });

  test("keeps everybody when nothing at all is left", () => {
    const { snapshot } = resolve(reading([]), known(identity("alice"), identity("bob")), 5);
    expect(snapshot.objects.Identity.get("bob")?.standing).toEqual({
      status: "Held",
      reason: "no manifest is left where there were 2",
    });
  });

  test("vanished when a complete reading first missed it, until it is back", () => {
    const memory = known(identity("alice"), identity("bob"));
    const standing = (read: Reading, now: number) => {
      const { snapshot, changes } = resolve(read, memory, now);
      memory.apply(changes);
      return snapshot.objects.Identity.get("alice")?.standing;
    };
    expect(standing(reading([identity("bob")]), 5)).toEqual({ status: "Vanished", at: 5 });
    expect(standing(reading([identity("bob")]), 9)).toEqual({ status: "Vanished", at: 5 });
    expect(standing(reading([identity("bob"), identity("alice")]), 11)).toEqual({ status: "Current" });
    expect(standing(reading([identity("bob")]), 12)).toEqual({ status: "Vanished", at: 12 });
  });

  test("has vanished anew when an incomplete reading came in between: absence must be seen all the time", () => {
    const memory = known(identity("alice"), identity("bob"));
    for (const [read, now] of [
      [reading([identity("bob")]), 5],
      [incomplete("locked"), 6],
    ] as const) {
      memory.apply(resolve(read, memory, now).changes);
    }
    const { snapshot } = resolve(reading([identity("bob")]), memory, 9);
    expect(snapshot.objects.Identity.get("alice")?.standing).toEqual({ status: "Vanished", at: 9 });
  });
});

describe("a kind that could not be read", () => {
  const forbidden = (read: Reading) => ({ ...read, unread: new Map([["Identity" as const, "forbidden"]]) });

  test("keeps what was known of it in force, and lets the others be as read", () => {
    const { snapshot } = resolve(forbidden(reading([role("lab")])), known(identity("alice"), role("old")), 5);
    expect(snapshot.objects.Identity.get("alice")?.standing).toEqual({ status: "Held", reason: "forbidden" });
    expect(snapshot.objects.BusinessRole.get("old")?.standing).toEqual({ status: "Vanished", at: 5 });
    expect(snapshot.unread).toEqual(new Map([["Identity", "forbidden"]]));
  });

  test("gives no id away", () => {
    const read = forbidden(reading([identity("alice-smith", "E1")]));
    const { snapshot } = resolve(read, known(identity("alice", "E1")), 5);
    expect([...snapshot.objects.Identity.keys()]).toEqual(["alice"]);
  });
});

describe("an object that went with what held it", () => {
  const inOrigin = (origin: string, read: Reading) => ({
    ...read,
    origins: new Map([["Identity" as const, origin]]),
  });

  test("has not left: it stays in force until it is seen again", () => {
    const memory = known();
    const statusAfter = (read: Reading, now: number) => {
      const { snapshot, changes } = resolve(read, memory, now);
      memory.apply(changes);
      return snapshot.objects.Identity.get("alice")?.standing.status;
    };
    expect(statusAfter(inOrigin("crd-1", reading([identity("alice"), identity("bob")])), 1)).toBe("Current");
    expect(statusAfter(inOrigin("crd-2", reading([identity("bob")])), 2)).toBe("Held");
    expect(statusAfter(inOrigin("crd-2", reading([identity("bob"), identity("alice")])), 3)).toBe("Current");
    expect(statusAfter(inOrigin("crd-2", reading([identity("bob")])), 4)).toBe("Vanished");
  });
});

describe("an identity's id", () => {
  test("stays with the one that had it", () => {
    const both = reading([identity("alice", "E1"), identity("bob", "E1")]);
    const { snapshot } = resolve(both, known(identity("alice", "E1")), 5);
    expect(snapshot.objects.Identity.get("alice")?.standing.status).toBe("Current");
    expect([...snapshot.unknown.keys()]).toEqual(["Identity/bob"]);
    expect(snapshot.problems).toMatchObject([{ name: "bob", field: "spec.id" }]);
  });

  test("is given to none of two newcomers who claim it", () => {
    const { snapshot } = resolve(reading([identity("alice", "E1"), identity("bob", "E1")]), known(), 5);
    expect([...snapshot.unknown.keys()]).toEqual(["Identity/alice", "Identity/bob"]);
  });

  test("cannot change", () => {
    const changed = reading([{ ...identity("alice", "E2"), digest: "new" }]);
    const { snapshot } = resolve(changed, known(identity("alice", "E1")), 5);
    expect(snapshot.objects.Identity.get("alice")).toMatchObject({
      resource: { spec: { id: "E1" } },
      standing: { status: "Held", reason: expect.stringContaining("cannot change") },
    });
  });

  test("moves to an object of another name when the old one is gone: the same person", () => {
    const { snapshot, changes } = resolve(
      reading([identity("alice-smith", "E1")]),
      known(identity("alice", "E1")),
      5,
    );
    expect([...snapshot.objects.Identity.keys()]).toEqual(["alice-smith"]);
    expect(changes.remove).toEqual([{ kind: "Identity", name: "alice" }]);
  });

  test("does not move while it is not proven that the old object is gone", () => {
    const read = {
      ...reading([identity("alice-smith", "E1")]),
      complete: { ok: false, reason: "locked" } as const,
    };
    const { snapshot } = resolve(read, known(identity("alice", "E1")), 5);
    expect([...snapshot.objects.Identity.keys()]).toEqual(["alice"]);
  });
});

describe("a target", () => {
  const system = (kind: "Store" | "Target", name: string, connector: string) =>
    object(kind, name, {
      store: { name: "db" },
      block: { connector, config: {} },
      accounts: { name: { value: "x" }, match: [], adopt: "Never", attributes: {} },
    } as never);

  test("that does not fit its store keeps its last valid version", () => {
    const now = { ...system("Target", "app", "ldap"), digest: "new" };
    const { snapshot } = resolve(
      reading([system("Store", "db", "sql"), now]),
      known(system("Target", "app", "sql")),
      5,
    );
    expect(snapshot.objects.Target.get("app")).toMatchObject({
      resource: { spec: { block: { connector: "sql" } } },
      standing: { status: "Held", reason: expect.stringContaining("does not fit Store db") },
    });
    expect(snapshot.problems).toMatchObject([{ name: "app", field: "spec.ldap" }]);
  });
});

describe("the time of the last policy change", () => {
  test("is that of a role that came, changed or vanished, never an identity's", () => {
    const memory = known(identity("alice"));
    const at = (read: Reading, now: number) => {
      const { snapshot, changes } = resolve(read, memory, now);
      memory.apply(changes);
      return snapshot.policyChangedAt;
    };
    expect(at(reading([identity("alice"), role("lab")]), 5)).toBe(5);
    expect(at(reading([{ ...identity("alice"), digest: "2" }, role("lab")]), 6)).toBe(5);
    expect(at(reading([identity("alice"), { ...role("lab"), digest: "2" }]), 7)).toBe(7);
    expect(at(reading([identity("alice")]), 8)).toBe(8);
    expect(at(reading([identity("alice")]), 9)).toBe(8);
  });

  test("is none where an export came: it decides nothing about anybody's access", () => {
    const file = object("Export", "people", { file: "people.csv", columns: [] } as never);
    expect(resolve(reading([identity("alice"), file]), known(), 5).snapshot.policyChangedAt).toBe(0);
  });
});

describe("over any history of readings", () => {
  const history = fc.array(arbitraryReading(), { maxLength: 12 });

  test("nothing known is dropped, no absence is concluded from an incomplete reading, no id is held twice", () => {
    fc.assert(
      fc.property(history, (readings) => {
        const memory = known();
        for (const [now, read] of readings.entries()) {
          const before = [...memory.Identity.values()];
          const { snapshot, changes } = resolve(read, memory, now + 1);
          const objects = [...snapshot.objects.Identity.values()];
          for (const { resource } of before) {
            const replaced = changes.remove.some(({ name }) => name === resource.name);
            expect(replaced || snapshot.objects.Identity.has(resource.name)).toBe(true);
          }
          if (!read.complete.ok) expect(objects.filter(isVanished)).toEqual([]);
          const ids = objects.map(({ resource }) => resource.spec.id);
          expect(new Set(ids).size).toBe(ids.length);
          memory.apply(changes);
        }
      }),
    );
  });

  test("reading the same again changes nothing", () => {
    fc.assert(
      fc.property(history, arbitraryReading(), (readings, last) => {
        const memory = known();
        for (const [now, read] of [...readings, last].entries())
          memory.apply(resolve(read, memory, now + 1).changes);
        const again: Resolved = resolve(last, memory, 100);
        expect(again.changes).toEqual({ put: [], remove: [] });
      }),
    );
  });
});

function isVanished({ standing }: InForce): boolean {
  return standing.status === "Vanished";
}

function arbitraryReading(): fc.Arbitrary<Reading> {
  const object = fc.record({
    id: fc.constantFrom("E1", "E2", "E3"),
    digest: fc.constantFrom("1", "2"),
    state: fc.constantFrom("valid", "valid", "invalid", "missing"),
  });
  const complete = fc.constantFrom({ ok: true } as const, { ok: false, reason: "locked" } as const);
  return fc
    .tuple(fc.array(object, { minLength: 4, maxLength: 4 }), complete)
    .map(([objects, completeness]) => {
      const names = ["alice", "bob", "carol", "dave"];
      const inState = (state: string) => [...objects.entries()].filter(([, one]) => one.state === state);
      const valid = inState("valid").map(([index, { id, digest }]) => ({
        ...identity(names[index]!, id),
        digest: `${digest}${id}`,
      }));
      const invalid = inState("invalid").map(([index]) => [`Identity/${names[index]}`, "broken"]);
      return { ...reading(valid, Object.fromEntries(invalid)), complete: completeness };
    });
}

function reading(resources: readonly Resource[], invalid: Record<string, string> = {}): Reading {
  return {
    realm: "default",
    resources,
    answers: [],
    invalid: new Map(Object.entries(invalid)),
    problems: [],
    complete: { ok: true },
    unread: new Map(),
    origins: new Map(),
    revision: "r1",
  };
}

function incomplete(reason: string): Reading {
  return { ...reading([]), complete: { ok: false, reason } };
}

function known(...resources: Resource[]): KnownManifests {
  return new KnownManifests(resources.map((resource) => ({ resource, changedAt: 1 })));
}

function identity(name: string, id = name): Resource<"Identity"> {
  return object("Identity", name, { id, userName: name });
}

function role(name: string): Resource<"BusinessRole"> {
  return object("BusinessRole", name, { accessProfiles: [], requestable: false });
}

function object<K extends KindName>(kind: K, name: string, spec: Resource<K>["spec"]): Resource<K> {
  return { kind, name, spec, digest: `${kind}/${name}` };
}
