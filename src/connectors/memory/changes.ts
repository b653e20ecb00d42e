import { normalise } from "../../core/model/matching.ts";
import type { AttributeDelta, AttributeSchema, Values } from "../../core/model/values.ts";
import type { Member, NewPassword, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { MemoryAccount } from "./content.ts";
import { shortestPassword } from "./passwords.ts";
import { type MemoryStore, withoutEmpty } from "./store.ts";

type Change<K extends StoreChange["kind"]> = Extract<StoreChange, { kind: K }>;

/** What is known of an attribute whose schema was not declared. */
export function attributeSchema(store: MemoryStore, name: string): AttributeSchema | undefined {
  const { attributes } = store.options;
  const spelled = {
    name,
    matching: "caseIgnore",
    multiValued: true,
    readOnly: false,
    required: false,
    secret: false,
  } as const;
  if (attributes === undefined) return spelled;
  const key = store.attributeKey(name);
  const declared = Object.entries(attributes).find(([known]) => store.attributeKey(known) === key);
  return declared && { ...spelled, name: declared[0], ...declared[1] };
}

/** Makes one change as a whole, or throws a `StoreError` and makes nothing of it. */
export function applyChange(store: MemoryStore, change: StoreChange): Outcome {
  switch (change.kind) {
    case "create":
      return create(store, change);
    case "modify":
      return modify(store, change);
    case "delete":
      return remove(store, change);
    case "members":
      return changeMembers(store, change);
  }
}

function create(store: MemoryStore, change: Change<"create">): Outcome {
  checkName(store, change.name);
  const attributes = Object.entries(change.attributes);
  for (const [name, values] of attributes) checkValues(store, change.name, name, values);
  const keyed = withoutEmpty(attributes.map(([name, values]) => [store.attributeKey(name), values]));
  checkRequired(store, change.name, keyed);
  checkPassword(change.name, change.password);
  const former = store.deleted.get(change.formerly ?? "");
  const account = former
    ? {
        ...former,
        name: change.name,
        enabled: change.enabled,
        attributes: { ...former.attributes, ...keyed },
      }
    : store.addAccount(change.name, keyed, change.enabled);
  if (former) store.putAccount(account);
  store.passwords.set(account.anchor, change.password);
  store.hide(account.anchor);
  return done(store, change, account);
}

function modify(store: MemoryStore, change: Change<"modify">): Outcome {
  const account = store.accounts.get(change.anchor);
  if (account === undefined) throw new StoreError("NotFound", `cannot find the account ${change.name}`);
  checkExpected(store, change, account);
  const rename = change.rename ?? account.name;
  if (store.nameKey(rename) !== store.nameKey(account.name)) checkName(store, rename);
  const changed = change.attributes.map((delta) => {
    const key = store.attributeKey(delta.name);
    const values = afterDelta(store, account.attributes[key] ?? [], delta);
    checkValues(store, account.name, delta.name, values);
    return [key, values] as const;
  });
  const attributes = withoutEmpty([...Object.entries(account.attributes), ...changed]);
  checkRequired(store, account.name, attributes);
  checkPassword(account.name, change.password);
  store.passwords.set(account.anchor, change.password);
  const next = { ...account, name: rename, enabled: change.enabled ?? account.enabled, attributes };
  store.putAccount(next);
  return done(store, change, next);
}

function remove(store: MemoryStore, change: Change<"delete">): Outcome {
  const account = store.accounts.get(change.anchor);
  if (account !== undefined) checkExpected(store, change, account);
  store.dropAccount(change.anchor);
  return { id: change.id, ok: true, anchor: change.anchor, name: change.name };
}

function changeMembers(store: MemoryStore, change: Change<"members">): Outcome {
  const existing = store.entitlements.get(change.entitlement ?? "");
  if (change.create === undefined && existing === undefined) {
    throw new StoreError("NotFound", `cannot find the entitlement ${change.name}`);
  }
  if (change.create !== undefined && store.entitlement(change.name) !== undefined) {
    throw new StoreError("Conflict", `cannot create the entitlement ${change.name}: it exists`);
  }
  const refused = change.add.filter((member) => !store.accounts.has(member.anchor));
  const members = new Set([
    ...(existing?.members ?? []),
    ...change.add.map((member) => member.anchor),
  ]).difference(new Set([...refused, ...change.remove].map((member) => member.anchor)));
  if (store.options.entitlementNeedsMember && members.size === 0) {
    throw new StoreError(
      "Invalid",
      `cannot leave the entitlement ${change.name} without a member: it needs one`,
    );
  }
  const before = existing ?? store.addEntitlement(change.name, [], change.create?.attributes);
  const updated = (change.update ?? []).map((delta) => [delta.name, delta.after] as const);
  const attributes = withoutEmpty([...Object.entries(before.attributes), ...updated]);
  const next = { ...before, attributes, members };
  store.putEntitlement(next);
  const outcome = done(store, change, next);
  if (refused.length === 0) return outcome;
  return {
    ...outcome,
    refused: new Map(refused.map((member) => [store.nameKey(member.name), noAccount(member)])),
  };
}

function done(
  store: MemoryStore,
  change: StoreChange,
  record: Parameters<MemoryStore["version"]>[0],
): Extract<Outcome, { ok: true }> {
  return {
    id: change.id,
    ok: true,
    anchor: record.anchor,
    name: record.name,
    version: store.version(record),
  };
}

/** Adds and takes values rather than replacing them, so that values of others stay; one value takes the place of another. */
function afterDelta(store: MemoryStore, current: Values, delta: AttributeDelta): Values {
  const schema = attributeSchema(store, delta.name);
  if (schema?.multiValued === false) return delta.after;
  const matching = schema?.matching ?? "caseExact";
  const form = (value: string) => normalise(matching, value);
  const replaced = new Set([...delta.before, ...delta.after].map(form));
  return [...current.filter((value) => !replaced.has(form(value))), ...delta.after];
}

function checkName(store: MemoryStore, name: string): void {
  if (name === "" || name.includes("\0")) {
    throw new StoreError(
      "Invalid",
      `cannot name an account ${JSON.stringify(name)}: it is empty or has a NUL`,
    );
  }
  if (store.account(name) !== undefined) {
    throw new StoreError("Conflict", `cannot give an account the name ${name}: another one has it`);
  }
}

function checkValues(store: MemoryStore, account: string, name: string, values: Values): void {
  const schema = attributeSchema(store, name);
  const refuse = (cause: string) => new StoreError("Invalid", `cannot set ${name} of ${account}: ${cause}`);
  if (schema === undefined) throw refuse("the store has no such attribute; unmap it");
  if (schema.readOnly) throw refuse("it is read-only; unmap it");
  if (!schema.multiValued && values.length > 1) throw refuse("it takes one value; map one");
  const longest = schema.maxLength ?? Number.POSITIVE_INFINITY;
  if (values.some((value) => value.length > longest)) {
    throw refuse(`a value is longer than ${longest} characters; shorten it`);
  }
  if (values.some((value) => value.includes("\0"))) throw refuse("a value has a NUL; take it out");
}

function checkRequired(
  store: MemoryStore,
  account: string,
  attributes: Readonly<Record<string, Values>>,
): void {
  for (const [name, schema] of Object.entries(store.options.attributes ?? {})) {
    if (!schema.required || (attributes[store.attributeKey(name)]?.length ?? 0) > 0) continue;
    throw new StoreError("Invalid", `cannot keep ${account} without ${name}: it is required; map it`);
  }
}

/** The store's password policy. */
function checkPassword(account: string, password: NewPassword | undefined): void {
  if (password === undefined || password.value.length >= shortestPassword) return;
  throw new StoreError(
    "Invalid",
    `cannot set the password of ${account}: it has less than ${shortestPassword} characters; choose a longer one`,
  );
}

function checkExpected(
  store: MemoryStore,
  change: { readonly expect?: string },
  account: MemoryAccount,
): void {
  if (change.expect === undefined || store.options.capabilities?.expect === false) return;
  if (change.expect === store.version(account)) return;
  throw new StoreError(
    "Moved",
    `cannot change ${account.name}: it is no longer what was read; it is read again`,
  );
}

function noAccount(member: Member): StoreError {
  return new StoreError("NotFound", `cannot add ${member.name}: there is no such account`);
}
