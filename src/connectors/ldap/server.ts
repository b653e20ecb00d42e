import type { Call } from "../contract.ts";
import type { Connection } from "./connection.ts";
import type { Dialect } from "./dialect.ts";
import { openLdap } from "./dialect-openldap.ts";
import { denied, texts } from "./entry.ts";
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
];

export async function readServer(connection: Connection, boundAs: string, call: Call): Promise<Server> {
  const root = await readOne(connection, "", rootAttributes, call);
  if (root === undefined) throw denied("read the root DSE", "its attributes");
  const [subentry] = texts(root, "subschemaSubentry");
  const schema = subentry && (await readOne(connection, subentry, ["attributeTypes", "objectClasses"], call));
  if (!schema || texts(schema, "attributeTypes").length === 0)
    throw denied("read the schema", subentry ?? "cn=Subschema");
  return {
    name: nameOf(root),
    namingContexts: texts(root, "namingContexts").toSorted(),
    offers: new Set([...texts(root, "supportedControl"), ...texts(root, "supportedExtension")]),
    subschema: readSubschema(schema),
    dialect: openLdap,
    boundAs,
  };
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
  return `${server.name}: ${suffixes.join("; ")}`;
}
