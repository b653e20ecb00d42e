import type { IdentityAccess } from "../core/access/access.ts";
import { decide } from "../core/access/decide.ts";
import { type AccessModel, accessModel } from "../core/access/model.ts";
import { type DesiredAccount, desiredAccount } from "../core/desired/desired.ts";
import { accountNameOf, type Surroundings } from "../core/desired/evaluate.ts";
import type { TargetModel } from "../core/desired/target-model.ts";
import { type AccountView, Unresolved } from "../core/expression/context.ts";
import { identityValue } from "../core/expression/identity-value.ts";
import { identityId } from "../core/kinds/identity-id.ts";
import type { InForce, Snapshot } from "../core/kinds/resource.ts";
import type { Reason } from "../core/model/change.ts";
import type { Attributes } from "../core/model/values.ts";
import type { HeldItem } from "../state/state.ts";
import type { LinkIndex } from "./link-index.ts";

/** A target as decisions about it need it. */
export interface DesireTarget {
  readonly model: TargetModel;
  readonly index: LinkIndex;
  /** What `unique()` chose, by identity, and whether somebody else has a value. */
  readonly decided: (identity: string) => Attributes;
  readonly isTaken: (identity: string, key: string, candidate: string) => boolean;
}

/** Answers, for one snapshot, what should be of each identity in each target. */
export class Desires {
  readonly snapshot: Snapshot;
  readonly #access: AccessModel;
  #byId: ReadonlyMap<string, InForce<"Identity">> | undefined;
  readonly #targets: ReadonlyMap<string, DesireTarget>;
  readonly #timers: Map<string, number>;

  /** `timers` is kept up to date: when time alone changes a decision, by identity (ms). */
  constructor(snapshot: Snapshot, targets: ReadonlyMap<string, DesireTarget>, timers: Map<string, number>) {
    this.#timers = timers;
    this.snapshot = snapshot;
    this.#access = accessModel(snapshot);
    this.#targets = targets;
  }

  *identities(): Generator<string> {
    for (const { resource } of this.snapshot.objects.Identity.values()) yield identityId(resource);
  }

  identity(id: string): InForce<"Identity"> | undefined {
    // Most are known by the name of their object: an edit of one of them is not to cost a look at all.
    const named = this.snapshot.objects.Identity.get(id);
    if (named && identityId(named.resource) === id) return named;
    this.#byId ??= new Map(
      this.snapshot.objects.Identity.values().map((each) => [identityId(each.resource), each]),
    );
    return this.#byId.get(id);
  }

  access(id: string, now: number): IdentityAccess | undefined {
    const identity = this.identity(id);
    if (!identity) return undefined;
    const decision = decide(
      this.#access,
      identity,
      identityValue(identity.resource.name, identity.resource.spec),
      now,
    );
    if (decision.changesAt !== undefined) this.#timers.set(id, decision.changesAt);
    return decision;
  }

  /** `access` may be given where it was decided already, for another target. */
  desire(target: string, id: string, now: number, access = this.access(id, now)): DesiredAccount {
    const identity = this.identity(id);
    const at = this.#targets.get(target);
    // An account whose identity was never heard of in this snapshot: unknown is not no (law 4).
    if (!identity || !access || !at)
      return { presence: "Held", reason: `the manifests do not say who ${id} is` };
    return desiredAccount(
      at.model,
      identity,
      access,
      this.snapshot.policyChangedAt,
      this.#surroundings(at, identity, id, now),
    );
  }

  /**
   * Whether it rests on what could not be read, or is unknown, that this change is not to be made now: it proves nothing then (law 4).
   * What something gives that is valid and there is wanted for sure, whatever else is unknown.
   */
  isUnsure(target: string, { identity, entitlementName }: HeldItem, now: number): boolean {
    const access = this.access(identity, now);
    if (!access || this.identity(identity)?.standing.status === "Held") return true;
    const { targets, unknown } = access;
    const given = [...(targets.get(target)?.entitlements.values() ?? [])];
    const account = targets.get(target)?.account ?? [];
    const givers =
      entitlementName === undefined
        ? account
        : given.filter(({ ref }) => ref.name === entitlementName).flatMap(({ reasons }) => reasons);
    if (givers.some((chain) => !chain.some((reason) => this.#isHeld(reason)))) return false;
    if (unknown.all.length > 0 || unknown.accounts.has(target) || unknown.entitlements.has(target))
      return true;
    const chains = [...account, ...given.flatMap(({ reasons }) => reasons)];
    return chains.flat().some((reason) => this.#isHeld(reason));
  }

  #isHeld({ source, name }: Reason): boolean {
    if (source !== "BusinessRole" && source !== "AccessProfile" && source !== "Grant") return false;
    return this.snapshot.objects[source].get(name)?.standing.status === "Held";
  }

  #surroundings(at: DesireTarget, identity: InForce<"Identity">, id: string, now: number): Surroundings {
    return {
      identity: identityValue(identity.resource.name, identity.resource.spec),
      account: (target) => this.#accountIn(target, id),
      accountOf: (name) => this.#accountOf(at, name, now),
      isTaken: (key, candidate) => at.isTaken(id, key, candidate),
      decided: at.decided(id),
    };
  }

  #accountIn(target: string, id: string): AccountView | undefined {
    const at = this.#targets.get(target);
    // Not known is not the same as not there: what depends on it is held (law 4).
    if (!at) throw new Unresolved(`the accounts of Target/${target} are not known now`);
    const link = at.index.of(id);
    return link && { name: link.name, anchor: link.anchor, attributes: {} };
  }

  #accountOf(at: DesireTarget, name: string, now: number): ReturnType<Surroundings["accountOf"]> {
    const identity = this.snapshot.objects.Identity.get(name);
    if (!identity) return { held: `Identity/${name} does not exist` };
    const id = identityId(identity.resource);
    const link = at.index.of(id);
    const access = this.access(id, now);
    const due = access && !access.inactive && (access.targets.get(at.model.name)?.account.length ?? 0) > 0;
    if (!due) return link ? { identity: id, name: link.name } : null;
    const wanted = accountNameOf(at.model, this.#surroundings(at, identity, id, now));
    if (wanted !== undefined) return { identity: id, name: wanted };
    return link
      ? { identity: id, name: link.name }
      : { held: `the account of Identity/${name} has no name yet` };
  }
}
