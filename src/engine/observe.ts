import type { Call, Connector } from "../connectors/contract.ts";
import type { SeenEntitlement } from "../state/state.ts";
import { breathing, eachInSlices } from "./breathe.ts";
import type { LinkIndex } from "./link-index.ts";

/** What a pass saw in a store: it only finds what may differ, and never writes. */
export interface Observation {
  /** The store's marker before it; undefined where there was none. */
  readonly marker: string | undefined;
  /** Linked identities whose record changed since it was found converged, or is not there any more. */
  readonly suspects: ReadonlySet<string>;
  /** Accounts that no identity explains, by anchor: their names. */
  readonly unlinked: ReadonlyMap<string, string>;
  readonly accounts: number;
  /** Entitlements whose members may have changed. */
  readonly entitlements: readonly SeenEntitlement[];
  readonly gone: readonly string[];
}

/** Scans a target completely. Throws, and concludes nothing, when the store did not answer completely. */
export async function observe(
  connector: Connector,
  { index, isClaimed }: { readonly index: LinkIndex; readonly isClaimed: (anchor: string) => boolean },
  seen: ReadonlyMap<string, SeenEntitlement>,
  call: Call,
  options: { readonly full: boolean; readonly marker: string | undefined },
): Promise<Observation> {
  const { marker } = options;
  const suspects = new Set<string>();
  const unlinked = new Map<string, string>();
  const found = new Set<string>();
  let accounts = 0;
  const breathe = breathing();
  for await (const page of connector.scan("accounts", call)) {
    for (const { anchor, version, name } of page) {
      accounts += 1;
      const link = index.at(anchor);
      if (!link) {
        if (!isClaimed(anchor)) unlinked.set(anchor, name);
        continue;
      }
      found.add(anchor);
      if (options.full || link.seen !== version) suspects.add(link.identity);
    }
    await breathe();
  }
  if (found.size < index.size)
    await eachInSlices(index.entries(), (link) => {
      if (!found.has(link.anchor)) suspects.add(link.identity);
    });
  return {
    ...{ marker, suspects, unlinked, accounts },
    ...(await observeEntitlements(connector, seen, call, options)),
  };
}

async function observeEntitlements(
  connector: Connector,
  seen: ReadonlyMap<string, SeenEntitlement>,
  call: Call,
  options: { readonly full: boolean },
): Promise<Pick<Observation, "entitlements" | "gone">> {
  if (!connector.capabilities.entitlements) return { entitlements: [], gone: [] };
  const entitlements: SeenEntitlement[] = [];
  const found = new Set<string>();
  for await (const page of connector.scan("entitlements", call))
    for (const sighting of page) {
      const known = seen.get(sighting.anchor);
      if (known) found.add(sighting.anchor);
      if (known && (options.full || known.version !== sighting.version)) entitlements.push(sighting);
    }
  const gone = [...seen.keys()].filter((anchor) => !found.has(anchor));
  return { entitlements, gone };
}
