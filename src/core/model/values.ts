/**
 * Attribute values as every store sees them: a list of texts. A connector turns its own types into this form and back:
 * numbers in plain decimals, booleans as "true"/"false", timestamps in RFC 3339 UTC, binary as base64.
 * An absent attribute and one without values are the same thing: the empty list.
 */
export type Values = readonly string[];

/** Values by attribute name, the name spelled as the store's schema spells it. */
export type Attributes = Readonly<Record<string, Values>>;

/** One attribute's values before and after. */
export interface AttributeDelta {
  readonly name: string;
  readonly before: Values;
  readonly after: Values;
  /** Masked wherever it is shown or kept; hashed under the state's key. */
  readonly sensitive?: boolean;
  /** The expression, where another store still has to assign the value: shown and hashed in its place. */
  readonly pending?: string;
  /** The expression, where another store assigned the value that is there by now: a plan made before showed the expression. */
  readonly assigned?: string;
  /** Its values name other accounts of the same target. */
  readonly reference?: boolean;
}

/** How two values of an attribute are found equal (RFC 4517 §4.2 for directories; a collation for databases). */
export type Matching =
  | "caseExact"
  | "caseIgnore" // case, leading, trailing and repeated spaces do not matter
  | "distinguishedName"
  | "integer"
  | "boolean"
  | "telephone"
  | "time" // RFC 3339: the same moment, however it is written
  | "binary";

/** What the store's schema says of one attribute. The planner compares, checks and orders by it. */
export interface AttributeSchema {
  readonly name: string;
  readonly matching: Matching;
  readonly multiValued: boolean;
  /** A person or the store keeps it; mapping it is an error. */
  readonly readOnly: boolean;
  /** An account cannot be without it. */
  readonly required: boolean;
  /** Characters a value may have at most; absent when the store sets no limit. */
  readonly maxLength?: number;
  /** Holds a secret (a password hash, a key): never read, never mapped. */
  readonly secret: boolean;
  /**
   * The values that a value brings with it, all by their normalised forms: stores add or leave out those as they like, and both are the same
   * (RFC 4512 §2.4.1: the superclasses of an object class).
   */
  readonly implies?: ReadonlyMap<string, readonly string[]>;
}

/** What a store says of its accounts, read once when a target connects and again when the store changes. */
export interface StoreSchema {
  /** Keyed by `attributeKey(name)`. */
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  /** Whether `Mail` and `mail` are one attribute. */
  readonly attributeNames: "caseIgnore" | "caseExact";
  /** How an account's name is compared and written: a distinguished name (RFC 4514), or plain text. */
  readonly nameMatching: "distinguishedName" | "caseExact" | "caseIgnore";
  /** Milliseconds for which a store may not show what was just written; absence younger than this is not drift. */
  readonly lag: number;
  /** Whether an entitlement must keep at least one member (RFC 4519 groupOfNames). */
  readonly entitlementNeedsMember: boolean;
}

/** One list for all that have none: a plan of everybody holds it a million times. */
export const noValues: Values = Object.freeze([]);

/** An attribute's values; none where it is absent, whatever its name (`toString` is one, too). */
export function valuesOf(attributes: Attributes, name: string): Values {
  return Object.hasOwn(attributes, name) ? (attributes[name] as Values) : noValues;
}

/** The key of an attribute name in `StoreSchema.attributes`. */
export function attributeKey(schema: Pick<StoreSchema, "attributeNames">, name: string): string {
  return schema.attributeNames === "caseIgnore" ? name.toLowerCase() : name;
}
