import type { Holding } from "../core/model/link.ts";
import type { State } from "../state/state.ts";
import type { Writes } from "./ledger.ts";

/** What a plan reads of what is remembered of accounts. */
export type Memory = Pick<State, "linksOf" | "holdings" | "formerAccounts">;

/** What will be remembered of accounts once this is written: a plan writes nothing, and shows what is done after it. */
export function foreseen(state: Memory, writes: Writes): Memory {
  const unlinked = new Set(writes.unlink.map(({ identity }) => identity));
  const links = new Map(writes.links.map((link) => [link.identity, link]));
  const dropped = new Set(writes.dropHoldings.map(keyOf));
  const written = new Set(writes.holdings.map(keyOf));
  return {
    async linksOf(target, identities) {
      const known = await state.linksOf(target, identities);
      const asked = new Set(identities);
      const isKept = ({ identity }: { readonly identity: string }) =>
        !unlinked.has(identity) && !links.has(identity);
      return [...known.filter(isKept), ...writes.links.filter(({ identity }) => asked.has(identity))];
    },
    async formerAccounts(target, identities) {
      const known = await state.formerAccounts(target, identities);
      const asked = new Set(identities);
      const isKept = ({ identity }: { readonly identity: string }) => !unlinked.has(identity);
      return [
        ...known.filter(isKept),
        ...writes.formerAccounts.filter(({ identity }) => asked.has(identity)),
      ];
    },
    async holdings(target, of) {
      const known = await state.holdings(target, of);
      const asked = new Set("identities" in of ? of.identities : of.entitlements);
      const isAsked = ({ identity, entitlement }: Holding) =>
        asked.has("identities" in of ? identity : entitlement);
      const isKept = (holding: Holding) =>
        !unlinked.has(holding.identity) && !dropped.has(keyOf(holding)) && !written.has(keyOf(holding));
      return [...known.filter(isKept), ...writes.holdings.filter(isAsked)];
    },
  };
}

function keyOf({ identity, entitlement }: Pick<Holding, "identity" | "entitlement">): string {
  return JSON.stringify([identity, entitlement]);
}
