import type { IdentityValue } from "../expression/identity-value.ts";
import type { InForce } from "../kinds/resource.ts";
import { type EntitlementRef, entitlementKey } from "../model/account.ts";
import type { Reason, ReasonChain } from "../model/change.ts";
import { sha256 } from "../model/hash.ts";
import { getOrAdd } from "../model/maps.ts";
import type { AccessByRule, EntitlementAccess, IdentityAccess, TargetAccess } from "./access.ts";
import { activity, inForce } from "./lifecycle.ts";
import { type AccessModel, type Answers, gives, type RuledBy } from "./model.ts";

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
  if (vanishedAt !== undefined || !life.active) {
    const inactive: Reason = life.active
      ? { source: "Identity", name, detail: "is no longer declared" }
      : life.why;
    return {
      ...nothing,
      inactive,
      emergency: life.emergency,
      // A manifest that says "left" is proof by itself; settling is for what is merely missing.
      vanishedAt: life.active ? vanishedAt : undefined,
      changesAt: life.changesAt,
    };
  }
  const answers = model.rules.evaluate(value);
  const granted: InForce<"Grant">[] = [];
  let changesAt = life.changesAt;
  for (const grant of model.grants.get(name) ?? []) {
    const span = inForce(grant.resource.spec, now);
    if (span.now) granted.push(grant);
    changesAt = earlier(changesAt, span.changesAt);
  }
  return {
    ...(granted.length > 0 ? gather(model, answers, granted) : byRules(model, answers)),
    inactive: undefined,
    emergency: life.emergency,
    vanishedAt: undefined,
    changesAt,
  };
}

const nothing: AccessByRule = {
  targets: new Map(),
  unknown: { all: [], accounts: new Map(), entitlements: new Map() },
};

function byRules(model: AccessModel, answers: Answers): AccessByRule {
  const known = model.decided.get(answers);
  if (known) return known;
  const made = gather(model, answers, []);
  model.decided.set(answers, made);
  return made;
}

function gather(model: AccessModel, answers: Answers, grants: readonly InForce<"Grant">[]): AccessByRule {
  const decision = new Decision(model);
  model.ruled.forEach((by, place) => {
    const answer = answers[place]!;
    if (!answer.ok) decision.unknown(by, answer.message);
    else if (answer.value) decision.give(by);
  });
  for (const by of model.broken) decision.unknown(by, by.error);
  for (const kind of givers) decision.unread(kind);
  for (const grant of grants) decision.grant(grant);
  return decision.result();
}

/** The kinds whose unseen objects could give something to anybody. */
const givers = ["BusinessRole", "Grant"] as const;

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** `TargetAccess` while it is being put together. */
interface Gathering {
  readonly account: ReasonChain[];
  readonly entitlements: Map<string, EntitlementAccess & { readonly reasons: ReasonChain[] }>;
}

/** Gathers what the sources of one identity give, chain by chain. */
class Decision {
  readonly #model: AccessModel;
  readonly #targets = new Map<string, Gathering>();
  readonly #unknown = {
    all: [] as string[],
    accounts: new Map<string, string>(),
    entitlements: new Map<string, Map<string, string>>(),
  };

  constructor(model: AccessModel) {
    this.#model = model;
  }

  give({ gives, name }: RuledBy): void {
    if (gives === "Role") this.#role(name, [{ source: "BusinessRole", name, detail: "members.when" }]);
    else this.#target(name).account.push([{ source: "Target", name, detail: "accounts.when" }]);
  }

  unknown({ gives, name }: RuledBy, error: string): void {
    if (gives === "Role") this.#roleUnknown(name, `members.when of BusinessRole/${name}: ${error}`);
    else this.#unknown.accounts.set(name, `accounts.when of Target/${name}: ${error}`);
  }

  unread(kind: (typeof givers)[number]): void {
    const why = this.#model.snapshot.unread.get(kind);
    if (why !== undefined) this.#unknown.all.push(`what every ${kind} gives is unknown: ${why}`);
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

  result(): AccessByRule {
    const targets = new Map<string, TargetAccess>();
    for (const [name, gathered] of this.#targets) {
      const target = this.#model.snapshot.objects.Target.get(name);
      if (target && !gives(target)) continue;
      const ordered = [...gathered.entitlements].sort(([a], [b]) => (a < b ? -1 : 1));
      const entitlementsHash = sha256(JSON.stringify(ordered)).slice(0, 16);
      targets.set(name, { ...gathered, entitlementsHash });
    }
    return { targets, unknown: this.#unknown };
  }

  #role(name: string, chain: ReasonChain): void {
    for (const profile of this.#model.roles.get(name)?.resource.spec.accessProfiles ?? [])
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
    for (const { name: profileName } of this.#model.roles.get(name)?.resource.spec.accessProfiles ?? []) {
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

  #target(name: string): Gathering {
    return getOrAdd(this.#targets, name, () => ({ account: [], entitlements: new Map() }));
  }
}
