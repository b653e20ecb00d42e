import type { IdentityValue } from "../expression/identity-value.ts";
import type { InForce } from "../kinds/resource.ts";
import { type EntitlementRef, entitlementKey } from "../model/account.ts";
import type { Reason, ReasonChain } from "../model/change.ts";
import { getOrAdd } from "../model/maps.ts";
import { activity, inForce } from "./lifecycle.ts";
import type { AccessModel, Rule } from "./model.ts";

/** What one identity should have in one target. */
export interface TargetAccess {
  /** Why there should be an account; empty where nothing says so. */
  readonly account: ReasonChain[];
  readonly entitlements: Map<string, EntitlementAccess>;
}

export interface EntitlementAccess {
  readonly ref: EntitlementRef;
  readonly reasons: ReasonChain[];
  /** Set where a profile declares that the entitlement should exist. */
  readonly ensure?: { readonly attributes: Readonly<Record<string, readonly string[]>> };
}

/**
 * What is unknown for one identity, and so must be neither granted nor removed (law 4). Where it is known which targets or
 * entitlements it would have been, only those are held; a reference that dangles could be to anything: all are.
 */
export interface Unknowns {
  readonly all: string[];
  /** Reason by target: the account there may be due. */
  readonly accounts: Map<string, string>;
  /** Reason by target and entitlement key. */
  readonly entitlements: Map<string, Map<string, string>>;
}

/** Everything decided for one identity at one moment. */
export interface IdentityAccess {
  /** The proof that nothing is due: the identity has left, or has not begun. */
  readonly inactive: Reason | undefined;
  readonly emergency: boolean;
  /** When the identity's object vanished (ms). */
  readonly vanishedAt: number | undefined;
  readonly targets: Map<string, TargetAccess>;
  readonly unknown: Unknowns;
  /** When time alone changes this decision (ms). */
  readonly changesAt: number | undefined;
}

/** Decides for one identity what it should have everywhere, and why. Pure: `now` in ms. */
export function decide(
  model: AccessModel,
  identity: InForce<"Identity">,
  value: IdentityValue,
  now: number,
): IdentityAccess {
  const { name, spec } = identity.resource;
  const vanishedAt = identity.standing.status === "Vanished" ? identity.standing.at : undefined;
  const life = activity(spec, now);
  const decision = new Decision(model);
  if (vanishedAt !== undefined || !life.active) {
    const inactive: Reason = life.active
      ? { source: "Identity", name, detail: "is no longer declared" }
      : life.why;
    // A manifest that says "left" is proof by itself; settling is for what is merely missing.
    return decision.result({
      inactive,
      emergency: false,
      vanishedAt: life.active ? vanishedAt : undefined,
      changesAt: life.changesAt,
    });
  }
  for (const [target, rule] of model.birthrights) decision.birthright(target, rule, value);
  for (const [role, { rule }] of model.roles) if (rule) decision.roleByRule(role, rule, value);
  let changesAt = life.changesAt;
  for (const grant of model.grants.get(name) ?? []) {
    const span = inForce(grant.resource.spec, now);
    if (span.now) decision.grant(grant);
    changesAt = earlier(changesAt, span.changesAt);
  }
  return decision.result({
    inactive: undefined,
    emergency: life.emergency,
    vanishedAt: undefined,
    changesAt,
  });
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** Gathers what the sources of one identity give, chain by chain. */
class Decision {
  readonly #model: AccessModel;
  readonly #targets = new Map<string, TargetAccess>();
  readonly #unknown: Unknowns = { all: [], accounts: new Map(), entitlements: new Map() };

  constructor(model: AccessModel) {
    this.#model = model;
  }

  birthright(target: string, rule: Rule, value: IdentityValue): void {
    const answer = ask(rule, value);
    if (answer === true)
      this.#target(target).account.push([{ source: "Target", name: target, detail: "accounts.when" }]);
    else if (answer !== false)
      this.#unknown.accounts.set(target, `accounts.when of Target/${target}: ${answer.error}`);
  }

  roleByRule(name: string, rule: Rule, value: IdentityValue): void {
    const answer = ask(rule, value);
    if (answer === true) this.#role(name, [{ source: "BusinessRole", name, detail: "members.when" }]);
    else if (answer !== false)
      this.#roleUnknown(name, `members.when of BusinessRole/${name}: ${answer.error}`);
  }

  grant(grant: InForce<"Grant">): void {
    const { spec, name } = grant.resource;
    const from: Reason = { source: "Grant", name, ...(spec.reason ? { detail: spec.reason } : {}) };
    if (spec.businessRole) {
      const role = spec.businessRole.name;
      if (this.#model.roles.has(role)) this.#role(role, [from, { source: "BusinessRole", name: role }]);
      else this.#dangles(`Grant/${name}`, `BusinessRole/${role}`);
    } else if (spec.accessProfile) {
      this.#profile(spec.accessProfile.name, [from]);
    } else if (spec.entitlement) {
      const { target, ...ref } = spec.entitlement;
      this.#entitlement(target.name, ref, [from]);
    }
  }

  result(rest: Omit<IdentityAccess, "targets" | "unknown">): IdentityAccess {
    return { ...rest, targets: this.#targets, unknown: this.#unknown };
  }

  #role(name: string, chain: ReasonChain): void {
    for (const profile of this.#model.roles.get(name)?.role.resource.spec.accessProfiles ?? [])
      this.#profile(profile.name, chain);
  }

  #profile(name: string, chain: ReasonChain): void {
    const profile = this.#model.profiles.get(name);
    const giver = chain.at(-1);
    if (!profile) {
      this.#dangles(`${giver?.source}/${giver?.name}`, `AccessProfile/${name}`);
      return;
    }
    const { target, entitlements } = profile.resource.spec;
    const through: ReasonChain = [...chain, { source: "AccessProfile", name }];
    this.#target(target.name).account.push(through);
    for (const { ensure, attributes, ...ref } of entitlements)
      this.#entitlement(target.name, ref, through, ensure ? { attributes: attributes ?? {} } : undefined);
  }

  #entitlement(
    target: string,
    ref: EntitlementRef,
    chain: ReasonChain,
    ensure?: EntitlementAccess["ensure"],
  ): void {
    if (!this.#model.snapshot.objects.Target.has(target)) {
      this.#dangles(`${chain.at(-1)?.source}/${chain.at(-1)?.name}`, `Target/${target}`);
      return;
    }
    const access = this.#target(target);
    const key = entitlementKey(ref);
    const known = access.entitlements.get(key);
    if (known) known.reasons.push(chain);
    else access.entitlements.set(key, { ref, reasons: [chain], ...(ensure ? { ensure } : {}) });
    if (chain.at(-1)?.source === "Grant") access.account.push(chain);
  }

  #roleUnknown(name: string, reason: string): void {
    for (const { name: profileName } of this.#model.roles.get(name)?.role.resource.spec.accessProfiles ??
      []) {
      const profile = this.#model.profiles.get(profileName);
      if (!profile) {
        this.#dangles(`BusinessRole/${name}`, `AccessProfile/${profileName}`);
        continue;
      }
      const { target, entitlements } = profile.resource.spec;
      this.#unknown.accounts.set(target.name, reason);
      const held = getOrAdd(this.#unknown.entitlements, target.name, () => new Map());
      for (const ref of entitlements) held.set(entitlementKey(ref), reason);
    }
  }

  #dangles(from: string, to: string): void {
    const why = this.#model.snapshot.unknown.get(to);
    this.#unknown.all.push(
      why === undefined
        ? `${from} refers to ${to}, which does not exist`
        : `${from} refers to ${to}, which is invalid: ${why}`,
    );
  }

  #target(name: string): TargetAccess {
    return getOrAdd(this.#targets, name, () => ({ account: [], entitlements: new Map() }));
  }
}

function ask(rule: Rule, value: IdentityValue): boolean | { readonly error: string } {
  if ("error" in rule) return rule;
  const result = rule.evaluate({ identity: value });
  if (!result.ok) return { error: result.message };
  return result.value === true;
}
