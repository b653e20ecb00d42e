import type { AttributeSchema, Matching } from "../../core/model/values.ts";
import { isSecret } from "./secrets.ts";
import type { LdapEntry } from "./wire.ts";

/** How a value travels: as text, or in a form of LDAP's own that the model writes otherwise (see values.ts). */
export type Form = "text" | "binary" | "boolean" | "time";

/** How values of one attribute travel, where none of the forms is it. */
export interface Codec {
  /** Undefined for a value that stands for none. */
  decode(value: Buffer): string | undefined;
  /** Undefined for what cannot be written. */
  encode(value: string): string | undefined;
  /** What to write in the place of no value. */
  readonly none: string;
  /** What a value is, for who gives another: `it is a time; give it as …`. */
  readonly is: string;
}

/** What the server's subschema says of an attribute type (RFC 4512 §4.1.2), with what it inherits from its SUP. */
export interface LdapAttribute extends AttributeSchema {
  readonly form: Form;
  /** Takes the place of the form. */
  readonly codec?: Codec;
  /** Whether single values can be added and deleted: they cannot be told apart without an equality rule. */
  readonly hasEquality: boolean;
  /** What it is called on the wire: certificates must be asked for with `;binary` (RFC 4523 §2). */
  readonly transfer: string;
}

export interface ObjectClass {
  readonly must: readonly string[];
  readonly may: readonly string[];
}

export interface Subschema {
  /** By each of its names, in lower case. */
  readonly attributes: ReadonlyMap<string, LdapAttribute>;
  /** What an object class and its superiors require and allow, by each of its names, in lower case. */
  classOf(name: string): ObjectClass;
}

type Definition = ReadonlyMap<string, readonly string[]>;

const syntaxes: Readonly<Record<string, Form | "certificate">> = {
  "1.3.6.1.4.1.1466.115.121.1.4": "binary",
  "1.3.6.1.4.1.1466.115.121.1.5": "binary",
  "1.3.6.1.4.1.1466.115.121.1.7": "boolean",
  "1.3.6.1.4.1.1466.115.121.1.8": "certificate",
  "1.3.6.1.4.1.1466.115.121.1.9": "certificate",
  "1.3.6.1.4.1.1466.115.121.1.10": "certificate",
  "1.3.6.1.4.1.1466.115.121.1.23": "binary",
  "1.3.6.1.4.1.1466.115.121.1.24": "time",
  "1.3.6.1.4.1.1466.115.121.1.28": "binary",
  "1.3.6.1.4.1.1466.115.121.1.40": "binary",
  "1.3.6.1.4.1.1466.115.121.1.49": "certificate",
};

const matchings: Readonly<Record<string, Matching>> = {
  caseignorematch: "caseIgnore",
  caseignoreia5match: "caseIgnore",
  caseignorelistmatch: "caseIgnore",
  objectidentifiermatch: "caseIgnore",
  numericstringmatch: "telephone",
  telephonenumbermatch: "telephone",
  distinguishednamematch: "distinguishedName",
  uniquemembermatch: "distinguishedName",
  integermatch: "integer",
  booleanmatch: "boolean",
  generalizedtimematch: "time",
};

/**
 * Reads a subschema entry. What it cannot read of a definition is left out. `bySyntax` says how values of a syntax match, by its
 * OID, for servers whose definitions name no rule; `added` are classes that the server adds to entries as it needs them.
 */
export function readSubschema(
  entry: LdapEntry,
  bySyntax: Readonly<Record<string, Matching>> = {},
  added: readonly string[] = [],
): Subschema {
  const attributes = new Map<string, LdapAttribute>();
  const types = index(entry, "attributetypes");
  for (const [name, definition] of types) attributes.set(name, attribute(definition, types, bySyntax));
  const classes = index(entry, "objectclasses");
  const objectClass = attributes.get("objectclass");
  if (objectClass !== undefined)
    attributes.set("objectclass", { ...objectClass, implies: superiors(classes, added) });
  return { attributes, classOf: (name) => collect(name, classes, new Set()) };
}

function index(entry: LdapEntry, attribute: string): Map<string, Definition> {
  const byName = new Map<string, Definition>();
  for (const value of entry.attributes.get(attribute) ?? []) {
    const definition = readDefinition(value.toString());
    for (const name of [...(definition.get("oid") ?? []), ...(definition.get("NAME") ?? [])])
      byName.set(name.toLowerCase(), definition);
  }
  return byName;
}

/** A description as RFC 4512 §4.1 writes it: `( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )`. Words without a value are present with none. */
export function readDefinition(text: string): Definition {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|[()$]|[^\s()$']+/g) ?? [];
  const definition = new Map<string, string[]>([["oid", [tokens[1] ?? ""]]]);
  let values: string[] | undefined;
  let depth = 0;
  for (const token of tokens.slice(2)) {
    if (token === "(") depth++;
    else if (token === ")") depth--;
    else if (token === "$") continue;
    else if (depth === 0 && /^[A-Z][A-Z-]*$/.test(token)) {
      values = [];
      definition.set(token, values);
    } else values?.push(token.startsWith("'") ? token.slice(1, -1) : token);
  }
  return definition;
}

function attribute(
  definition: Definition,
  types: ReadonlyMap<string, Definition>,
  bySyntax: Readonly<Record<string, Matching>>,
): LdapAttribute {
  const names = definition.get("NAME") ?? definition.get("oid")!;
  const name = names[0]!;
  const syntax = inherited(definition, types, "SYNTAX")?.replace(/\{.*$/, "") ?? "";
  const equality = inherited(definition, types, "EQUALITY")?.toLowerCase();
  const matching = equality === undefined ? bySyntax[syntax] : matchings[equality];
  const kind = syntaxes[syntax] ?? "text";
  const form = kind === "certificate" ? "binary" : kind;
  return {
    name,
    matching: matching ?? (form === "binary" ? "binary" : "caseExact"),
    multiValued: !definition.has("SINGLE-VALUE"),
    readOnly: definition.has("NO-USER-MODIFICATION"),
    required: false,
    secret: [...names, ...(definition.get("SUP") ?? [])].some(isSecret),
    form,
    hasEquality: equality !== undefined || matching !== undefined,
    transfer: kind === "certificate" ? `${name};binary` : name,
  };
}

function inherited(
  definition: Definition,
  types: ReadonlyMap<string, Definition>,
  word: string,
): string | undefined {
  const seen = new Set<Definition>();
  for (let at: Definition | undefined = definition; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const found = at.get(word)?.[0];
    if (found !== undefined) return found;
    at = types.get(at.get("SUP")?.[0]?.toLowerCase() ?? "");
  }
  return undefined;
}

function collect(name: string, classes: ReadonlyMap<string, Definition>, seen: Set<string>): ObjectClass {
  const definition = classes.get(name.toLowerCase());
  if (definition === undefined || seen.has(name.toLowerCase())) return { must: [], may: [] };
  seen.add(name.toLowerCase());
  const superiors = (definition.get("SUP") ?? []).map((superior) => collect(superior, classes, seen));
  const all = (word: "MUST" | "MAY", of: "must" | "may") => [
    ...new Set([...(definition.get(word) ?? []), ...superiors.flatMap((superior) => superior[of])]),
  ];
  return { must: all("MUST", "must"), may: all("MAY", "may") };
}

/** The names of each class's superiors, and what the server may have added, by the class's names, all in lower case. */
function superiors(
  classes: ReadonlyMap<string, Definition>,
  added: readonly string[],
): Map<string, readonly string[]> {
  const above = (name: string, seen: ReadonlySet<string>): string[] =>
    (classes.get(name)?.get("SUP") ?? []).flatMap((superior) => {
      const one = superior.toLowerCase();
      return seen.has(one) ? [] : [one, ...above(one, new Set([...seen, one]))];
    });
  const implied = added.map((name) => name.toLowerCase());
  return new Map(
    [...classes.keys()].map((name) => [name, [...new Set([...above(name, new Set([name])), ...implied])]]),
  );
}
