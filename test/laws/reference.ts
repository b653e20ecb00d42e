import type { MemoryStore } from "../../src/connectors/memory/store.ts";
import type { World } from "../support/world.ts";
import { people } from "./history.ts";

/** What the naive reference says of one identity. */
export interface Claim {
  readonly identity: string;
  readonly says: string;
  readonly holds: (store: MemoryStore) => boolean;
}

interface Spec {
  readonly department: string;
  readonly emails: readonly { readonly value: string }[];
  readonly lifecycle?: { readonly state?: string; readonly emergency?: string };
}

/** The naive reference planner: what the manifests of the test company say, in as few and as obvious lines as can be. */
export function expected(world: World): readonly Claim[] {
  const role = world.manifests.get("BusinessRole/research")!.spec as {
    members: { when: string };
    accessProfiles: { name: string }[];
  };
  return people.flatMap((who): Claim[] => {
    const spec = world.manifests.get(`Identity/${who}`)?.spec as Spec | undefined;
    const name = `uid=${who},ou=people,dc=example,dc=org`;
    const active = spec !== undefined && spec.lifecycle?.state !== "Inactive";
    const claim = (says: string, holds: Claim["holds"]): Claim => ({ identity: who, says, holds });
    if (!active)
      return [claim(`${who} has no account that works`, (store) => store.account(name)?.enabled !== true)];
    const isMember = (store: MemoryStore, group: string) =>
      store.entitlement(group)?.members.has(store.account(name)?.anchor ?? "") === true;
    const due =
      role.members.when === `identity.department == '${spec.department}'`
        ? role.accessProfiles.map((profile) => profile.name)
        : [];
    const enabled = spec.lifecycle?.emergency !== "Disable";
    return [
      claim(
        `${who} has an account ${enabled ? "that works" : "that is disabled"}`,
        (store) => enabled === (store.account(name)?.enabled ?? !enabled) || !enabled,
      ),
      claim(
        `${who}'s mail is ${spec.emails[0]?.value}`,
        (store) => !enabled || store.account(name)?.attributes.mail?.[0] === spec.emails[0]?.value,
      ),
      ...due.map((group) =>
        claim(
          `${who} is in ${group}`,
          (store) => !enabled || !world.manifests.has(`AccessProfile/${group}`) || isMember(store, group),
        ),
      ),
    ];
  });
}
