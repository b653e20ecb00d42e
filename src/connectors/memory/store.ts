import { canonicalJson, sha256 } from "../../core/model/hash.ts";
import { normalise } from "../../core/model/matching.ts";
import { type Attributes, attributeKey, type Values } from "../../core/model/values.ts";
import type { MemoryAccount, MemoryContent, MemoryEntitlement } from "./content.ts";
import type { MemoryFaults } from "./faults.ts";
import type { MemoryOptions } from "./options.ts";
import { MemoryPasswords } from "./passwords.ts";

/**
 * A directory in memory. It keeps names unique and takes a deleted account out of its entitlements, as directories do; the
 * methods are somebody else's hands on it, and count as no write of the connector's. A version is a digest of the content.
 */
export class MemoryStore {
  readonly options: MemoryOptions;
  fingerprint: string;
  /** Replace at any time. */
  faults: MemoryFaults = {};
  /** The changes that the connector was given. */
  writes = 0;
  readonly passwords = new MemoryPasswords();
  /** The connector's calls, by name. */
  readonly calls = new Map<string, number>();
  #accounts = new Map<string, MemoryAccount>();
  #deleted = new Map<string, MemoryAccount>();
  #entitlements = new Map<string, MemoryEntitlement>();
  #accountNames = new Map<string, string>();
  #entitlementNames = new Map<string, string>();
  #hiddenUntil = new Map<string, number>();
  #versions = new WeakMap<MemoryAccount | MemoryEntitlement, string>();
  #marker: string | undefined;
  #next = 1;

  constructor(options: MemoryOptions = {}) {
    this.options = options;
    this.fingerprint = options.fingerprint ?? "memory";
  }

  get accounts(): ReadonlyMap<string, MemoryAccount> {
    return this.#accounts;
  }

  /** Those that were deleted, by anchor; see `formerly`. */
  get deleted(): ReadonlyMap<string, MemoryAccount> {
    return this.#deleted;
  }

  get entitlements(): ReadonlyMap<string, MemoryEntitlement> {
    return this.#entitlements;
  }

  get next(): number {
    return this.#next;
  }

  nameKey(name: string): string {
    return normalise(this.options.nameMatching ?? "distinguishedName", name);
  }

  attributeKey(name: string): string {
    return attributeKey({ attributeNames: this.options.attributeNames ?? "caseExact" }, name);
  }

  account(name: string): MemoryAccount | undefined {
    return this.#accounts.get(this.#accountNames.get(this.nameKey(name)) ?? "");
  }

  entitlement(name: string): MemoryEntitlement | undefined {
    return this.#entitlements.get(this.#entitlementNames.get(this.nameKey(name)) ?? "");
  }

  /** Throws when the name is taken. */
  addAccount(name: string, attributes: Attributes = {}, enabled = true): MemoryAccount {
    if (this.account(name) !== undefined) throw new Error(`cannot add the account ${name}: it exists`);
    const keyed = Object.entries(attributes).map(
      ([key, values]) => [this.attributeKey(key), values] as const,
    );
    const account = { anchor: this.#anchor(), name, enabled, attributes: withoutEmpty(keyed) };
    this.putAccount(account);
    return account;
  }

  /** Sets what is given and leaves the rest; no values clear an attribute. */
  editAccount(name: string, edit: Partial<Omit<MemoryAccount, "anchor">>): void {
    const account = found(this.account(name), `account ${name}`);
    const changed = Object.entries(edit.attributes ?? {}).map(
      ([key, values]) => [this.attributeKey(key), values] as const,
    );
    this.putAccount({
      ...account,
      ...edit,
      attributes: withoutEmpty([...Object.entries(account.attributes), ...changed]),
    });
  }

  removeAccount(name: string): void {
    this.dropAccount(found(this.account(name), `account ${name}`).anchor);
  }

  /** `members` are names of accounts. */
  addEntitlement(
    name: string,
    members: readonly string[] = [],
    attributes: Attributes = {},
  ): MemoryEntitlement {
    if (this.entitlement(name) !== undefined)
      throw new Error(`cannot add the entitlement ${name}: it exists`);
    const anchors = members.map((member) => found(this.account(member), `account ${member}`).anchor);
    const entitlement = { anchor: this.#anchor(), name, attributes, members: new Set(anchors) };
    this.putEntitlement(entitlement);
    return entitlement;
  }

  addMember(entitlement: string, account: string): void {
    this.#editMembers(entitlement, (members) => members.add(found(this.account(account), account).anchor));
  }

  removeMember(entitlement: string, account: string): void {
    this.#editMembers(entitlement, (members) => members.delete(found(this.account(account), account).anchor));
  }

  removeEntitlement(name: string): void {
    const { anchor } = found(this.entitlement(name), `entitlement ${name}`);
    this.#entitlements.delete(anchor);
    this.#entitlementNames.delete(this.nameKey(name));
    this.#marker = undefined;
  }

  /** Adds or replaces by anchor. The name must not be another's. */
  putAccount(account: MemoryAccount): void {
    const before = this.#accounts.get(account.anchor);
    if (before !== undefined) this.#accountNames.delete(this.nameKey(before.name));
    this.#deleted.delete(account.anchor);
    this.#accounts.set(account.anchor, account);
    this.#accountNames.set(this.nameKey(account.name), account.anchor);
    this.#marker = undefined;
  }

  dropAccount(anchor: string): void {
    const account = this.#accounts.get(anchor);
    if (account === undefined) return;
    this.#accounts.delete(anchor);
    this.passwords.drop(anchor);
    this.#deleted.set(anchor, account);
    this.#accountNames.delete(this.nameKey(account.name));
    for (const entitlement of this.#entitlements.values()) {
      if (!entitlement.members.has(anchor)) continue;
      this.putEntitlement({ ...entitlement, members: entitlement.members.difference(new Set([anchor])) });
    }
    this.#marker = undefined;
  }

  /** Whether somebody can log in to the account with this password. */
  login(name: string, password: string): boolean {
    const account = this.account(name);
    return account?.enabled === true && this.passwords.isOf(account.anchor, password);
  }

  putEntitlement(entitlement: MemoryEntitlement): void {
    this.#entitlements.set(entitlement.anchor, entitlement);
    this.#entitlementNames.set(this.nameKey(entitlement.name), entitlement.anchor);
    this.#marker = undefined;
  }

  /** Replaces everything, as a restored backup does. */
  restore(content: MemoryContent): void {
    for (const map of [
      this.#accounts,
      this.#deleted,
      this.#entitlements,
      this.#accountNames,
      this.#entitlementNames,
    ])
      map.clear();
    this.passwords.restore(content.passwords ?? []);
    for (const account of content.accounts) this.putAccount(account);
    for (const account of content.deleted) this.#deleted.set(account.anchor, account);
    for (const entitlement of content.entitlements) this.putEntitlement(entitlement);
    this.#next = content.next;
    this.#marker = undefined;
  }

  version(record: MemoryAccount | MemoryEntitlement): string {
    let version = this.#versions.get(record);
    if (version === undefined) {
      version = sha256(
        canonicalJson("members" in record ? { ...record, members: [...record.members].sort() } : record),
      );
      this.#versions.set(record, version);
    }
    return version;
  }

  /** Over all versions, kept until something changes. */
  marker(): string {
    this.#marker ??= sha256(
      [...this.#accounts.values(), ...this.#entitlements.values()]
        .map((record) => this.version(record))
        .sort()
        .join(),
    );
    return this.#marker;
  }

  /** Keeps a new account from being shown for as long as the store lags. */
  hide(anchor: string): void {
    const { lag, now } = this.options;
    if (lag !== undefined && now !== undefined) this.#hiddenUntil.set(anchor, now() + lag);
  }

  shows(account: MemoryAccount): boolean {
    const until = this.#hiddenUntil.get(account.anchor);
    if (until !== undefined && this.options.now!() < until) return false;
    return this.faults.hides?.(account.name) !== true;
  }

  #anchor(): string {
    return `#${this.#next++}`;
  }

  #editMembers(name: string, edit: (members: Set<string>) => unknown): void {
    const entitlement = found(this.entitlement(name), `entitlement ${name}`);
    const members = new Set(entitlement.members);
    edit(members);
    this.putEntitlement({ ...entitlement, members });
  }
}

/** An attribute without values is no attribute; of two entries the later one counts. */
export function withoutEmpty(entries: readonly (readonly [string, Values])[]): Attributes {
  return Object.fromEntries([...new Map(entries)].filter(([, values]) => values.length > 0));
}

function found<T>(record: T | undefined, what: string): T {
  if (record === undefined) throw new Error(`cannot find the ${what} in the memory store`);
  return record;
}
