import type { AccountRecord } from "../core/model/account.ts";
import { formerAccount, type Link } from "../core/model/link.ts";
import { unknownPassword } from "../core/model/password.ts";
import type { Attributes } from "../core/model/values.ts";
import { strongKeysOf } from "../core/plan/remember.ts";
import type { Intent } from "../state/state.ts";
import { entitlementName, isOursToSet } from "./intent-image.ts";
import { noWrites, put, type Writes } from "./ledger.ts";
import type { Parts } from "./parts.ts";
import type { TargetLane } from "./target-lane.ts";

/** What the store shows of an intent: whether it was done, and the account as it is. */
export interface LookedUp {
  /** With the anchor of its entitlement, where that was not known yet. */
  readonly intent: Intent;
  readonly done: boolean;
  readonly record?: AccountRecord;
  /** The store does not have the account that it is of, whatever it was to become. */
  readonly missing?: boolean;
}

/** What is to be remembered of changes that were found done in the store, by whomever: links, holdings, entitlements to watch. */
export class FoundDone {
  readonly #lane: TargetLane;
  readonly #known: Map<string, Link>;
  readonly #decided: (identity: string) => Attributes;
  readonly #links = new Map<string, Link>();
  readonly #writes = noWrites();

  /** Begins with the links of those whose intents these are. `decided`: what `unique()` chose for an account that was to be created. */
  static async of(
    { state }: Parts,
    lane: TargetLane,
    intents: readonly Intent[],
    decided: (identity: string) => Attributes = () => ({}),
  ): Promise<FoundDone> {
    const identities = [...new Set(intents.map(({ identity }) => identity))];
    return new FoundDone(lane, await state.linksOf(lane.model.name, identities), decided);
  }

  private constructor(lane: TargetLane, known: readonly Link[], decided: (identity: string) => Attributes) {
    this.#lane = lane;
    this.#known = new Map(known.map((link) => [link.identity, link]));
    this.#decided = decided;
  }

  /** The link as it is with what was found done so far. */
  linkOf(identity: string): Link | undefined {
    return this.#links.get(identity) ?? this.#known.get(identity);
  }

  add({ intent, done, record }: LookedUp): void {
    if (!done) return;
    const { target, identity, operation, entitlement } = intent;
    const writes = this.#writes;
    const link = this.linkOf(identity);
    if (operation === "Delete") {
      put(writes.unlink, { target, identity });
      const gone = link && formerAccount(link);
      if (gone) put(writes.formerAccounts, gone);
    } else if (operation === "Grant" && entitlement !== undefined) {
      const name = entitlementName(intent);
      put(writes.holdings, {
        target,
        identity,
        entitlement,
        name,
        origin: "Granted",
        reasons: intent.reasons,
      });
      // Watched from now on; no version is the one it has, so the next pass reads its members.
      put(writes.entitlements, { target, anchor: entitlement, name, version: "" });
    } else if (operation === "Revoke" && entitlement !== undefined)
      put(writes.dropHoldings, { target, identity, entitlement });
    else if (record) this.#links.set(identity, this.#linkAfter(intent, link, record));
  }

  writes(): Writes {
    return { ...this.#writes, links: [...this.#links.values()] };
  }

  /** Brings the lane's memory up to what the state now holds. */
  commit(): void {
    const { index, choices, entitlements } = this.#lane;
    const { unlink, links, entitlements: seen } = this.writes();
    for (const { identity } of unlink) index.drop(identity);
    for (const link of links) {
      index.put(link);
      choices.put(link.identity, link.decided);
    }
    for (const { target: _, ...each } of seen) entitlements.set(each.anchor, each);
  }

  /** The link after a change: `seen` and `desired` are left out, so that the account is read and compared. */
  #linkAfter(intent: Intent, link: Link | undefined, record: AccountRecord): Link {
    const base: Link = link ?? {
      target: intent.target,
      identity: intent.identity,
      anchor: record.anchor,
      name: record.name,
      origin: "Created",
      strongKeys: strongKeysOf(this.#lane.model, record),
      status: "Enabled",
      applied: {},
      decided: this.#decided(intent.identity),
      reasons: intent.reasons,
    };
    const { seen: _, desired: __, disabledAt, ...rest } = base;
    const isPrepared = intent.operation === "Create" && record.enabled === false;
    const isDisabled = intent.operation === "Disable" || isPrepared;
    const status = isDisabled ? "Disabled" : intent.operation === "Enable" ? "Enabled" : base.status;
    return {
      ...rest,
      anchor: record.anchor,
      name: record.name,
      status,
      ...(status === "Disabled" ? { disabledAt: disabledAt ?? intent.at } : {}),
      // The next plan sets another one: this one may have been lost on the way.
      ...(isOursToSet(intent) ? { password: unknownPassword } : {}),
    };
  }
}
