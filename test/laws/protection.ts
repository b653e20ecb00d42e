import type { MemoryAccount, MemoryEntitlement } from "../../src/connectors/memory/content.ts";

interface Picture {
  readonly accounts: ReadonlyMap<string, MemoryAccount>;
  readonly entitlements: ReadonlyMap<string, MemoryEntitlement>;
}

/** What a run did to an account that the store protects: its record, or what it is a member of. */
export function touchedThoughProtected(before: Picture, after: Picture): string | undefined {
  const kept = [...before.accounts.values()].filter((account) => account.protected !== undefined);
  const groups = [...before.entitlements.keys(), ...after.entitlements.keys()];
  return kept.find(
    (account) =>
      after.accounts.get(account.anchor) !== account ||
      groups.some((group) => {
        const was = before.entitlements.get(group)?.members.has(account.anchor) ?? false;
        return was !== (after.entitlements.get(group)?.members.has(account.anchor) ?? false);
      }),
  )?.name;
}
