import type { TargetModel } from "../desired/target-model.ts";
import { compile, isProblem } from "../expression/compile.ts";
import { identityValue } from "../expression/identity-value.ts";
import type { IdentitySpec } from "../kinds/identity.ts";
import { apiVersion, type KindName } from "../kinds/kinds.ts";
import { type AccountRecord, type EntitlementRef, entitlementKey } from "../model/account.ts";
import { askedFor, type Fields, reverse } from "./reverse.ts";

/** A manifest as it is to be written. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: KindName;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface ImportInput {
  readonly model: TargetModel;
  /** Accounts that no identity explains. */
  readonly records: readonly AccountRecord[];
  /** Who of them holds what. */
  readonly entitlements: readonly { readonly ref: EntitlementRef; readonly members: ReadonlySet<string> }[];
  /** By kind, the names that are taken. */
  readonly taken: (kind: KindName, name: string) => boolean;
  /** Profiles of this target that give one entitlement and nothing else, by `entitlementKey`. */
  readonly profiles: ReadonlyMap<string, string>;
}

export interface Imported {
  readonly documents: readonly Document[];
  /** Attributes that have values and that no field was found for, with how many accounts have them. */
  readonly unmapped: ReadonlyMap<string, number>;
  /** Accounts that are disabled: their identities are Inactive, and nothing is linked. */
  readonly disabled: number;
}

/** Writes identities, access profiles and grants that would bring these accounts about. Pure. */
export function buildManifests(input: ImportInput): Imported {
  const { model, records } = input;
  const naming = new Naming(input.taken);
  const unmapped = new Map<string, number>();
  const identities = new Map<string, Document>();
  const grants: Document[] = [];
  const profiles: Document[] = [];
  const rule = birthright(model);
  let account: string | undefined;
  for (const record of records) {
    const { fields, unmapped: missing } = reverse(model, record);
    for (const name of missing) unmapped.set(name, (unmapped.get(name) ?? 0) + 1);
    askedFor(model.spec.accounts.when ?? "", fields);
    const active = record.enabled !== false;
    if (!active) fields.lifecycle = { state: "Inactive" };
    else if (!isMatchable(model, record)) fields.links = [{ target: model.name, anchor: record.anchor }];
    const name = naming.name("Identity", String(fields.userName));
    identities.set(record.anchor, document("Identity", name, fields));
    if (!active || rule(name, fields)) continue;
    // Nothing else brings the account, so a profile without entitlements does.
    account ??= naming.name("AccessProfile", `${model.name}-account`);
    grants.push(grantOf(naming, name, account));
  }
  if (account !== undefined)
    profiles.push(document("AccessProfile", account, { target: { name: model.name }, entitlements: [] }));
  for (const { ref, members } of input.entitlements) {
    const holders = [...members].flatMap((anchor) => identities.get(anchor) ?? []);
    const active = holders.filter(({ spec }) => spec.lifecycle === undefined);
    if (active.length === 0) continue;
    const known = input.profiles.get(entitlementKey(ref));
    const profile = known ?? naming.name("AccessProfile", shortName(ref));
    if (known === undefined)
      profiles.push(
        document("AccessProfile", profile, { target: { name: model.name }, entitlements: [ref] }),
      );
    for (const holder of active) grants.push(grantOf(naming, holder.metadata.name, profile));
  }
  return {
    documents: [...identities.values(), ...profiles, ...grants],
    unmapped,
    disabled: records.filter(({ enabled }) => enabled === false).length,
  };
}

function document(kind: KindName, name: string, spec: Readonly<Record<string, unknown>>): Document {
  return { apiVersion, kind, metadata: { name }, spec };
}

function grantOf(naming: Naming, identity: string, profile: string): Document {
  const spec = { identity: { name: identity }, accessProfile: { name: profile }, reason: "imported" };
  return document("Grant", naming.name("Grant", `${identity}-${profile}`), spec);
}

/** Whether a rule of the target would find this account by itself: else the identity names it. */
function isMatchable(model: TargetModel, record: AccountRecord): boolean {
  return model.match.some(({ keys }) => keys.every((key) => record.attributes[key]?.length === 1));
}

function birthright({ spec }: TargetModel): (name: string, fields: Fields) => boolean {
  if (spec.accounts.when === undefined) return () => false;
  const compiled = compile(spec.accounts.when, { result: "bool" });
  if (isProblem(compiled)) return () => false;
  return (name, fields) => {
    const result = compiled.evaluate({ identity: identityValue(name, fields as unknown as IdentitySpec) });
    return result.ok && result.value === true;
  };
}

/** `lab` of `cn=lab,ou=groups,dc=example`. */
function shortName({ name }: EntitlementRef): string {
  return /^[^=,]+=([^,]+)/.exec(name)?.[1] ?? name;
}

/** Gives objects names that Kubernetes takes (RFC 1123) and that are not taken. */
class Naming {
  readonly #taken: ImportInput["taken"];
  readonly #given = new Set<string>();

  constructor(taken: ImportInput["taken"]) {
    this.#taken = taken;
  }

  name(kind: KindName, wanted: string): string {
    const plain = wanted
      .normalize("NFKD")
      .toLowerCase()
      .replace(/\p{M}/gu, "")
      .replace(/[^a-z0-9.]+/g, "-")
      .replace(/^[-.]+|[-.]+$/g, "")
      .slice(0, 200);
    const base = plain === "" ? "unnamed" : plain;
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base}-${number}`;
      if (this.#taken(kind, name) || this.#given.has(`${kind}/${name}`)) continue;
      this.#given.add(`${kind}/${name}`);
      return name;
    }
  }
}
