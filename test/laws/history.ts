import fc from "fast-check";
import type { MemoryStore } from "../../src/connectors/memory/store.ts";
import { person } from "../support/company.ts";
import type { World } from "../support/world.ts";

export const people = ["ann", "bob", "cid", "dee", "eva", "fay"] as const;
const departments = ["Research", "Sales", "Plant"] as const;
const minute = 60_000;

/** One thing that happens: to the manifests, to the store behind our back, to the process, to the clock; or a run. */
export type Step =
  | { readonly do: "declare"; readonly who: string; readonly department: string; readonly mail: number }
  | { readonly do: "vanish" | "deactivate" | "break" | "mend" | "emergency"; readonly who: string }
  | { readonly do: "hire everybody" | "half the folder" | "whole folder" | "lose half" }
  | { readonly do: "roles unread" | "roles read" | "taken away and made anew" }
  | {
      readonly do: "role";
      readonly department: string;
      readonly profiles: readonly string[];
      readonly broken: boolean;
    }
  | { readonly do: "profile"; readonly name: string; readonly gone: boolean }
  | {
      readonly do: "outside edit" | "outside delete" | "outside disable" | "outside join" | "outside leave";
      readonly who: string;
    }
  | { readonly do: "outside protect" | "outside unprotect"; readonly who: string }
  | { readonly do: "stranger"; readonly number: number }
  | { readonly do: "wait"; readonly minutes: number }
  | { readonly do: "apply" | "apply shown" | "approve" | "restart" }
  | {
      readonly do: "refuse" | "lose answers" | "cut scans" | "lose deliveries" | "kill";
      readonly after: number;
    };

const who = fc.constantFrom(...people);
const department = fc.constantFrom(...departments);
const after = fc.nat(6);

/** Things that happen, runs among them often enough. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("declare" as const), who, department, mail: fc.nat(2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("vanish", "deactivate", "break", "mend", "emergency"), who }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("half the folder", "whole folder", "lose half") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("roles unread", "roles read", "taken away and made anew") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("role" as const),
      department,
      profiles: fc.subarray(["lab", "tools"]),
      broken: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("profile" as const),
      name: fc.constantFrom("lab", "tools"),
      gone: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "outside edit",
        "outside delete",
        "outside disable",
        "outside join",
        "outside leave",
      ),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("outside protect", "outside unprotect"), who }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stranger" as const), number: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      minutes: fc.constantFrom(-60, 0, 1, 30, 600, 2000),
    }),
  },
  { weight: 9, arbitrary: fc.record({ do: fc.constantFrom("apply", "apply shown", "approve", "restart") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("refuse", "lose answers", "cut scans", "lose deliveries", "kill"),
      after,
    }),
  },
) as fc.Arbitrary<Step>;

/** A history: most begin with a company at work, for there is more to break then. */
export const history: fc.Arbitrary<Step[]> = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.array(step, { minLength: 4, maxLength: 24 }))
  .map(([old, steps]) => (old === 0 ? steps : [{ do: "hire everybody" }, { do: "apply" }, ...steps]));

/** What goes wrong in the next run, counted down. */
export interface Faults {
  refuse: number | undefined;
  loseAnswers: number | undefined;
  cutScans: number | undefined;
  /** Where passwords are delivered to. */
  loseDeliveries: number | undefined;
  kill: number | undefined;
}

/** Does what is not a run. */
export function happen(world: World, faults: Faults, next: Step): void {
  const { store } = world;
  const key = "who" in next ? `Identity/${next.who}` : "";
  const name = "who" in next ? `uid=${next.who},ou=people,dc=example,dc=org` : "";
  const account = store.account(name);
  switch (next.do) {
    case "declare":
      world.invalid.delete(key);
      world.put(
        person(next.who, {
          department: next.department,
          emails: [{ value: `${next.who}${next.mail}@example.org` }],
          attributes: { ssn: [`SECRET-${next.who}`] },
        }),
      );
      break;
    case "hire everybody":
      for (const each of people)
        happen(world, faults, { do: "declare", who: each, department: "Research", mail: 0 });
      break;
    case "vanish":
      world.remove(key);
      break;
    case "deactivate":
      if (world.manifests.has(key)) world.edit(key, { lifecycle: { state: "Inactive" } });
      break;
    case "emergency":
      if (world.manifests.has(key)) world.edit(key, { lifecycle: { emergency: "Disable" } });
      break;
    case "break":
      if (world.manifests.has(key)) world.invalid.set(key, "broken on purpose");
      break;
    case "mend":
      world.invalid.delete(key);
      break;
    case "half the folder":
      world.complete = { ok: false, reason: "a merge is under way" };
      break;
    case "whole folder":
      world.complete = { ok: true };
      break;
    case "lose half":
      world.remove(...people.slice(0, people.length / 2).map((each) => `Identity/${each}`));
      break;
    case "roles unread":
      world.unread.set("BusinessRole", "forbidden");
      break;
    case "roles read":
      world.unread.clear();
      break;
    case "taken away and made anew":
      world.origin = `${Number(world.origin ?? 0) + 1}`;
      world.remove(...people.slice(0, people.length / 2).map((each) => `Identity/${each}`));
      break;
    case "role":
      // Nobody has a title: it errs for everybody.
      world.edit("BusinessRole/research", {
        members: {
          when: next.broken
            ? `identity.title.startsWith('x')`
            : `identity.department == '${next.department}'`,
        },
        accessProfiles: next.profiles.map((profile) => ({ name: profile })),
      });
      break;
    case "profile":
      if (next.gone) world.remove(`AccessProfile/${next.name}`);
      else
        world.put({
          kind: "AccessProfile",
          name: next.name,
          spec: { target: { name: "people" }, entitlements: [{ name: next.name, ensure: true }] },
        });
      break;
    case "outside edit":
      if (account)
        store.editAccount(name, { attributes: { mail: ["wrong@example.org"], note: [`note ${world.now}`] } });
      break;
    case "outside delete":
      if (account) store.removeAccount(name);
      break;
    case "outside disable":
      if (account) store.editAccount(name, { enabled: false });
      break;
    case "outside protect":
      if (account) store.editAccount(name, { protected: "it has administrative rights" });
      break;
    case "outside unprotect":
      if (account) store.editAccount(name, { protected: undefined });
      break;
    case "outside join":
      if (account) store.addMember("club", name);
      if (account && store.entitlement("lab")) store.addMember("lab", name);
      break;
    case "outside leave":
      if (account && store.entitlement("lab")) store.removeMember("lab", name);
      break;
    case "stranger":
      stranger(store, next.number);
      break;
    case "wait":
      world.now += next.minutes * minute;
      break;
    case "restart":
      world.restart();
      break;
    case "refuse":
      faults.refuse = next.after;
      break;
    case "lose answers":
      faults.loseAnswers = next.after;
      break;
    case "lose deliveries":
      faults.loseDeliveries = next.after;
      break;
    case "cut scans":
      faults.cutScans = next.after;
      break;
    case "kill":
      faults.kill = next.after;
      break;
    default:
      break;
  }
}

/** An account that nobody's manifest explains, in the groups that are ours and in one that is not. */
function stranger(store: MemoryStore, number: number): void {
  const name = `uid=stranger${number},ou=people,dc=example,dc=org`;
  if (store.account(name)) return;
  store.addAccount(name, { mail: [`stranger${number}@example.org`], department: ["Research"] });
  store.addMember("club", name);
  if (store.entitlement("lab")) store.addMember("lab", name);
}
