import { normaliseName } from "../../core/model/distinguished-name.ts";
import type { Call } from "../contract.ts";
import type { Connection } from "./connection.ts";
import { type Dialect, observed } from "./dialect.ts";
import { addedClasses, ds389, matchingBySyntax } from "./dialect-389.ts";
import { general } from "./dialect-general.ts";
import { openLdap } from "./dialect-openldap.ts";
import { denied, texts } from "./entry.ts";
import { passwordModifyOid } from "./password.ts";
import { readOne } from "./search.ts";
import { readSubschema, type Subschema } from "./subschema.ts";
import type { LdapEntry } from "./wire.ts";

/** What a server says of itself (RFC 4512 §5.1), and its schema. */
export interface Server {
  /** For people: `OpenLDAP`, `389 Project 389-Directory/2.3.1`. */
  readonly name: string;
  readonly namingContexts: readonly string[];
  /** OIDs of the controls and extended operations it offers. */
  readonly offers: ReadonlySet<string>;
  readonly subschema: Subschema;
  readonly dialect: Dialect;
  /** The entry that we are logged in as. */
  readonly boundAs: string;
}

const rootAttributes = [
  "namingContexts",
  "supportedControl",
  "supportedExtension",
  "subschemaSubentry",
  "vendorName",
  "vendorVersion",
  "structuralObjectClass",
  "nsBackendSuffix",
  "changeLog",
];

/** Reads it all, or all but the schema. */
export async function readServer(
  connection: Connection,
  boundAs: string,
  call: Call,
  schema: Subschema | undefined,
): Promise<Server> {
  const root = await readOne(connection, "", rootAttributes, call);
  if (root === undefined) throw denied("read the root DSE", "its attributes");
  const namingContexts = suffixesOf(root);
  const is389 = texts(root, "nsBackendSuffix").length > 0;
  const top = await readSuffix(connection, namingContexts, call);
  const dialect = is389 ? ds389(shownBy(top, "entryUSN")) : csnOrStamp(top);
  const offers = new Set([...texts(root, "supportedControl"), ...texts(root, "supportedExtension")]);
  return {
    name: nameOf(root),
    namingContexts,
    offers,
    subschema: schema ?? (await readSchema(connection, root, is389, call)),
    dialect: offers.has(passwordModifyOid) ? dialect : withoutPasswords(dialect),
    boundAs,
  };
}

async function readSchema(
  connection: Connection,
  root: LdapEntry,
  is389: boolean,
  call: Call,
): Promise<Subschema> {
  const [subentry] = texts(root, "subschemaSubentry");
  const schema = subentry && (await readOne(connection, subentry, ["attributeTypes", "objectClasses"], call));
  if (!schema || texts(schema, "attributeTypes").length === 0)
    throw denied("read the schema", subentry ?? "cn=Subschema");
  return is389 ? readSubschema(schema, matchingBySyntax, addedClasses) : readSubschema(schema);
}

function withoutPasswords({ password: _, ...dialect }: Dialect): Dialect {
  return dialect;
}

/** Where entries are; a changelog holds none. */
function suffixesOf(root: LdapEntry): string[] {
  const changelogs = new Set(texts(root, "changeLog").map(normaliseName));
  const contexts = texts(root, "namingContexts").filter((context) => !changelogs.has(normaliseName(context)));
  return contexts.toSorted();
}

/** The first suffix that can be read, with what tells one dialect from another. */
async function readSuffix(
  connection: Connection,
  suffixes: readonly string[],
  call: Call,
): Promise<LdapEntry | undefined> {
  for (const suffix of suffixes) {
    const entry = await readOne(connection, suffix, [...observed(openLdap), "entryUSN"], call);
    if (entry !== undefined && entry.attributes.size > 0) return entry;
  }
  return undefined;
}

/** Entries without entryCSN are another server's than OpenLDAP, or access rules hide it. */
function csnOrStamp(suffix: LdapEntry | undefined): Dialect {
  return shownBy(suffix, "entryUUID") && !shownBy(suffix, "entryCSN") ? general() : openLdap;
}

function shownBy(entry: LdapEntry | undefined, attribute: string): boolean {
  return entry !== undefined && texts(entry, attribute).length > 0;
}

function nameOf(root: LdapEntry): string {
  if (texts(root, "structuralObjectClass")[0] === "OpenLDAProotDSE") return "OpenLDAP";
  return [...texts(root, "vendorName"), ...texts(root, "vendorVersion")].join(" ") || "LDAP server";
}

/**
 * The suffixes' anchors: made when the directory was, kept by restarts, backups and replicas of it, and never those of another one.
 */
export async function readFingerprint(connection: Connection, server: Server, call: Call): Promise<string> {
  if (server.namingContexts.length === 0)
    throw denied("tell which directory this is", "namingContexts of the root DSE");
  const anchor = server.dialect.anchor.attribute;
  const suffixes = await Promise.all(
    server.namingContexts.map(async (context) => {
      const suffix = await readOne(connection, context, [anchor], call);
      return `${context}=${(suffix && texts(suffix, anchor)[0]) ?? ""}`;
    }),
  );
  if (suffixes.every((suffix) => suffix.endsWith("=")))
    throw denied("tell which directory this is", `${anchor} of ${server.namingContexts.join(", ")}`);
  return suffixes.join("; ");
}
