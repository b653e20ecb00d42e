import type { IdentitySpec } from "../kinds/identity.ts";
import { exportTypes } from "./export-types.ts";

/**
 * What expressions see of an identity: every declared field, by name and CEL type. `dyn<string>` is a text or null; lists, maps and nested
 * objects are never null but empty, and `has()` finds nested objects and maps always. The table is the type checker's and the documentation's.
 */
export const identityTypes = {
  Identity: {
    id: "string",
    userName: "string",
    name: "Name",
    displayName: "dyn<string>",
    nickName: "dyn<string>",
    title: "dyn<string>",
    userType: "dyn<string>",
    preferredLanguage: "dyn<string>",
    locale: "dyn<string>",
    timezone: "dyn<string>",
    emails: "list<Entry>",
    phoneNumbers: "list<Entry>",
    addresses: "list<Address>",
    employeeNumber: "dyn<string>",
    costCenter: "dyn<string>",
    organization: "dyn<string>",
    division: "dyn<string>",
    department: "dyn<string>",
    /** The manager's Identity, by name. */
    manager: "dyn<string>",
    attributes: "map<string, list<string>>",
    lifecycle: "Lifecycle",
    externalIds: "list<ExternalId>",
  },
  Name: {
    formatted: "dyn<string>",
    familyName: "dyn<string>",
    givenName: "dyn<string>",
    middleName: "dyn<string>",
    honorificPrefix: "dyn<string>",
    honorificSuffix: "dyn<string>",
  },
  Entry: { value: "string", type: "dyn<string>", primary: "bool" },
  Address: {
    formatted: "dyn<string>",
    streetAddress: "dyn<string>",
    locality: "dyn<string>",
    region: "dyn<string>",
    postalCode: "dyn<string>",
    country: "dyn<string>",
    type: "dyn<string>",
    primary: "bool",
  },
  Lifecycle: { state: "dyn<string>", start: "dyn<string>", end: "dyn<string>", emergency: "dyn<string>" },
  ExternalId: { issuer: "string", subject: "string" },
  /** An account of the same identity in another target, as `account()` gives it. */
  Account: { name: "string", anchor: "dyn<string>", attributes: "map<string, list<string>>" },
} as const satisfies Record<string, Record<string, string>>;

/** Every type that is declared to the CEL library; those that others name come after them. */
export const viewTypes = {
  /** Whose account is exported: nobody's, perhaps. */
  Owner: { ...identityTypes.Identity, id: "dyn<string>", userName: "dyn<string>" },
  ...exportTypes,
  ...identityTypes,
} as const;

export type ViewName = keyof typeof viewTypes;
type Source = Readonly<Record<string, unknown>>;

export const emptyList: readonly never[] = Object.freeze([]);
const emptyMap: Source = Object.freeze({});

/** A read-only view of a plain object that the CEL library recognises by its class. Absent texts and lists read as undefined. */
class View {
  readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }
}

export type ViewClass = new (source: Source) => View;

/** The class behind each type; made once, from the table. */
export const viewClasses: Readonly<Record<ViewName, ViewClass>> = {
  Identity: viewClass("Identity"),
  Name: viewClass("Name"),
  Entry: viewClass("Entry"),
  Address: viewClass("Address"),
  Lifecycle: viewClass("Lifecycle"),
  ExternalId: viewClass("ExternalId"),
  Account: viewClass("Account"),
  Owner: viewClass("Owner"),
  StoreAccount: viewClass("StoreAccount"),
  LinkedAccount: viewClass("LinkedAccount"),
  Access: viewClass("Access"),
};

function viewClass(name: ViewName): ViewClass {
  const Class = class extends View {};
  for (const [field, type] of Object.entries(viewTypes[name])) {
    Object.defineProperty(Class.prototype, field, { get: getter(field, type) });
  }
  return Class;
}

function getter(field: string, type: string): (this: View) => unknown {
  const element = /^list<(.+)>$/.exec(type)?.[1] ?? type;
  if (!(element in viewTypes)) return memberGetter(field, type);
  return function (this: View) {
    const member = this.source[field];
    const Class = viewClasses[element as ViewName];
    if (Array.isArray(member)) return member.map((entry: Source) => new Class(entry));
    return element === type ? new Class((member as Source | undefined) ?? emptyMap) : undefined;
  };
}

function memberGetter(field: string, type: string): (this: View) => unknown {
  if (field === "manager") {
    return function (this: View) {
      return (this.source.manager as { name: string } | undefined)?.name;
    };
  }
  const absent = type.startsWith("map<") ? emptyMap : undefined;
  return function (this: View) {
    return this.source[field] ?? absent;
  };
}

/** An identity as expressions read it. Made once and used for every expression. */
export type IdentityValue = View & { readonly source: IdentitySpec & { readonly id: string } };

/** `name` is the object's name: the identity's `id` where the spec has none. */
export function identityValue(name: string, spec: IdentitySpec): IdentityValue {
  const source = spec.id === undefined ? { ...spec, id: name } : spec;
  return new viewClasses.Identity(source) as IdentityValue;
}

/** An identity as exports read it; undefined: all of it reads as absent. */
export function ownerValue(identity: IdentityValue | undefined): IdentityValue {
  return new viewClasses.Owner(identity?.source ?? emptyMap) as IdentityValue;
}

/** What a field reads as when it is absent; nested objects and maps never are. */
export function absentValue(type: string): unknown {
  if (type.startsWith("list<")) return emptyList;
  return type === "bool" ? false : null;
}

/** The value at a path of `Expression.reads`, undefined where it is absent. */
export function readPath(identity: IdentityValue, path: string): unknown {
  if (path === "*") return identity.source;
  const dot = path.indexOf(".");
  if (dot < 0) return (identity.source as Source)[path];
  const outer = (identity.source as Source)[path.slice(0, dot)] as Source | undefined;
  const key = path.slice(dot + 1);
  return outer !== undefined && Object.hasOwn(outer, key) ? outer[key] : undefined;
}
