import type { TargetModel } from "../desired/target-model.ts";
import { compile, isProblem } from "../expression/compile.ts";
import { identityValue } from "../expression/identity-value.ts";
import type { IdentitySpec } from "../kinds/identity.ts";
import { apiVersion, type KindName } from "../kinds/kinds.ts";
import { type EntitlementRef, entitlementKey } from "../model/account.ts";
import { examiner } from "./examine.ts";
import { type KeyInput, matcher, withoutDuplicates } from "./keys.ts";
import { Naming } from "./naming.ts";
import type { Remark } from "./remark.ts";
import { type Fields, nameValue } from "./reverse.ts";

/** A manifest as it is to be written. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: KindName;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A group, and who is in it. */
export interface HeldEntitlement {
  readonly ref: EntitlementRef;
  /** Anchors of those who are imported. */
  readonly members: ReadonlySet<string>;
  /** Why it may not be changed. */
  readonly protected: string | undefined;
}

export interface ImportInput extends KeyInput {
  /** Who of them holds what. */
  readonly entitlements: readonly HeldEntitlement[];
  /** By kind, the names that are taken. */
  readonly taken: (kind: KindName, name: string) => boolean;
  /** The names of the Identities there are, by user name, folded. */
  readonly declared: ReadonlyMap<string, string>;
  /** Profiles of this target that give one entitlement and nothing else, by `entitlementKey`. */
  readonly profiles: ReadonlyMap<string, string>;
}

export interface Imported {
  readonly documents: readonly Document[];
  /** Attributes that have values and that no field was found for, with how many accounts have them. */
  readonly unmapped: ReadonlyMap<string, number>;
  /** Accounts that are disabled: their identities are Inactive, and nothing is linked. */
  readonly disabled: number;
  readonly remarks: readonly Remark[];
}

/** Writes identities, access profiles and grants that would bring these accounts about. Pure; a generator, as planning is. */
export function* buildManifests(input: ImportInput): Generator<void, Imported> {
  const { model, records } = input;
  const examine = examiner(model, input.declared);
  const examined = [];
  for (const record of records) {
    examined.push(examine(record));
    yield;
  }
  const match = matcher(input);
  const out = new Writing(input);
  for (const one of withoutDuplicates(input, examined)) {
    const { omitted, record, fields, unmapped } = one;
    const isActive = record.enabled !== false;
    if (omitted) {
      // Whose identity is there and inactive is settled.
      if (isActive || omitted.kind !== "Declared") out.remarks.push(omitted);
    } else if (!isActive) out.inactive(fields, unmapped);
    else {
      const { pin, remark } = match(one);
      if (remark) out.remarks.push(remark);
      const links = pin ? { links: [{ target: model.name, anchor: record.anchor }] } : {};
      out.active(record.anchor, { ...fields, ...links }, unmapped);
    }
    yield;
  }
  for (const entitlement of input.entitlements) {
    out.entitlement(entitlement);
    yield;
  }
  return out.imported();
}

/** The manifests as they come to be. */
class Writing {
  readonly remarks: Remark[] = [];
  readonly #input: ImportInput;
  readonly #naming: Naming;
  readonly #isDue: (name: string, fields: Fields) => boolean;
  readonly #unmapped = new Map<string, number>();
  readonly #identities: Document[] = [];
  /** By anchor, the names of the identities of enabled accounts. */
  readonly #active = new Map<string, string>();
  readonly #profiles: Document[] = [];
  readonly #grants: Document[] = [];
  #account: string | undefined;

  constructor(input: ImportInput) {
    this.#input = input;
    this.#naming = new Naming(input.taken);
    this.#isDue = birthright(input.model);
  }

  inactive(fields: Fields, unmapped: readonly string[]): void {
    this.#identity({ ...fields, lifecycle: { state: "Inactive" } }, unmapped);
  }

  active(anchor: string, fields: Fields, unmapped: readonly string[]): void {
    const name = this.#identity(fields, unmapped);
    this.#active.set(anchor, name);
    if (this.#isDue(name, fields)) return;
    // Nothing else brings the account, so a profile without entitlements does.
    if (this.#account === undefined) this.#account = this.#profile(`${this.#input.model.name}-account`, []);
    this.#grant(name, this.#account);
  }

  entitlement({ ref, members, protected: why }: HeldEntitlement): void {
    const holders = [...members].flatMap((anchor) => this.#active.get(anchor) ?? []);
    if (holders.length === 0) return;
    if (why !== undefined) {
      this.remarks.push({ kind: "Protected", name: ref.name, detail: why });
      return;
    }
    const known = this.#input.profiles.get(entitlementKey(ref));
    const profile = known ?? this.#profile(nameValue(ref.name), [ref]);
    for (const holder of holders) this.#grant(holder, profile);
  }

  imported(): Imported {
    return {
      documents: [...this.#identities, ...this.#profiles, ...this.#grants],
      unmapped: this.#unmapped,
      disabled: this.#identities.length - this.#active.size,
      remarks: this.remarks,
    };
  }

  #identity(fields: Fields, unmapped: readonly string[]): string {
    for (const attribute of unmapped) this.#unmapped.set(attribute, (this.#unmapped.get(attribute) ?? 0) + 1);
    const name = this.#naming.name("Identity", String(fields.userName));
    this.#identities.push(document("Identity", name, fields));
    return name;
  }

  #profile(wanted: string, entitlements: readonly EntitlementRef[]): string {
    const name = this.#naming.name("AccessProfile", wanted);
    const target = { name: this.#input.model.name };
    this.#profiles.push(document("AccessProfile", name, { target, entitlements }));
    return name;
  }

  #grant(identity: string, profile: string): void {
    const spec = { identity: { name: identity }, accessProfile: { name: profile }, reason: "imported" };
    this.#grants.push(document("Grant", this.#naming.name("Grant", `${identity}-${profile}`), spec));
  }
}

function document(kind: KindName, name: string, spec: Readonly<Record<string, unknown>>): Document {
  return { apiVersion, kind, metadata: { name }, spec };
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
