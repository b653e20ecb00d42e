import type { EntitlementRecord } from "../../core/model/account.ts";
import type { Call, Membership, StoreChange } from "../contract.ts";
import { Tally } from "../files/tally.ts";
import type { HeldAttribute } from "./blocks.ts";
import { type Entries, refused } from "./entries.ts";

/** The entitlements of one reading: those that somebody holds, and those that the target names. */
export class Held {
  readonly #settled: Entries;
  readonly #held: HeldAttribute;
  #records: ReadonlyMap<string, EntitlementRecord> | undefined;

  constructor(settled: Entries, held: HeldAttribute) {
    this.#settled = settled;
    this.#held = held;
  }

  /** By name. To know them takes a reading of all accounts, the first time. */
  async records(call: Call): Promise<ReadonlyMap<string, EntitlementRecord>> {
    if (this.#records === undefined) {
      const tally = new Tally(this.#held.names);
      for await (const page of this.#holdings(call))
        for (const [name, member] of page) tally.add(name, member);
      this.#records = tally.records();
    }
    return this.#records;
  }

  async *members(entitlements: readonly string[], call: Call): AsyncGenerator<readonly Membership[]> {
    const wanted = new Set(entitlements);
    for await (const page of this.#holdings(call))
      yield page.flatMap(([entitlement, member]) =>
        wanted.has(entitlement) ? [{ entitlement, member }] : [],
      );
  }

  async *#holdings(call: Call): AsyncGenerator<readonly (readonly [name: string, member: string])[]> {
    const { shape } = this.#settled.reading;
    for await (const page of this.#settled.rows(call)) {
      const accounts = page.filter((row) => shape.isAccount(row));
      yield accounts.flatMap((row) => {
        const names = new Set(row.values(this.#held.attribute));
        return [...names].map((name) => [name, shape.anchorOf(row)] as const);
      });
    }
  }
}

/** Accounts are given an entitlement, and lose it; `known` are those that there are. */
export function changeHeld(
  change: Extract<StoreChange, { kind: "members" }>,
  entries: Entries,
  { attribute }: HeldAttribute,
  known: ReadonlySet<string>,
): undefined {
  const name = change.entitlement ?? change.name;
  if (!known.has(name))
    throw refused("NotFound", name, "there is no such entitlement; list it under entitlements.names");
  const missing = change.add.find(({ anchor }) => entries.account(anchor) === undefined);
  if (missing !== undefined)
    throw refused("NotFound", missing.name, `it is not in the file, and cannot hold ${name}`);
  const edit = (anchor: string, edited: (held: ReadonlySet<string>) => ReadonlySet<string>) => {
    const entry = entries.account(anchor);
    if (entry?.now === undefined) return;
    const held = new Set(entry.now.values(attribute));
    entries.edit(entry, new Map([[attribute, [...edited(held)]]]));
  };
  for (const { anchor } of change.add) edit(anchor, (held) => held.union(new Set([name])));
  for (const { anchor } of change.remove) edit(anchor, (held) => held.difference(new Set([name])));
}
