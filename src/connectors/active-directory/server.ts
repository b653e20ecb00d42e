import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Connection } from "../ldap/connection.ts";
import { denied, texts } from "../ldap/entry.ts";
import { and, equals, or } from "../ldap/filter.ts";
import { readOne, searchPages } from "../ldap/search.ts";
import type { Server } from "../ldap/server.ts";
import type { Subschema } from "../ldap/subschema.ts";
import type { LdapEntry } from "../ldap/wire.ts";
import { dialectOf } from "./dialect.ts";
import type { ActiveDirectoryStore } from "./schema.ts";
import { decodeSid } from "./sid.ts";
import { signsOf } from "./signs.ts";
import { readAggregate } from "./subschema.ts";

/** What says that a server is a controller of Active Directory (MS-ADTS §3.1.1.3.4.3.1). */
const activeDirectory = "1.2.840.113556.1.4.800";

const rootAttributes = [
  "defaultNamingContext",
  "subschemaSubentry",
  "dsServiceName",
  "dnsHostName",
  "supportedCapabilities",
  "supportedControl",
  "vendorName",
  // The SIDs of whoever asks.
  "tokenGroups",
];

const aggregate = ["attributeTypes", "objectClasses", "dITContentRules", "extendedAttributeInfo"];

/** Reads what one controller says of itself, the schema where none is given, and whom it takes us for. */
export async function readServer(
  connection: Connection,
  adminAccounts: ActiveDirectoryStore["adminAccounts"],
  call: Call,
  known: Subschema | undefined,
): Promise<Server> {
  const root = await readOne(connection, "", rootAttributes, call);
  if (root === undefined) throw denied("read the root DSE", "its attributes");
  if (!texts(root, "supportedCapabilities").includes(activeDirectory))
    throw new StoreError(
      "Invalid",
      "cannot use this server: it is no domain controller of Active Directory; use the ldap connector for it",
    );
  const [subschema, settings, self] = await Promise.all([
    known ?? readNamed(connection, root, "subschemaSubentry", aggregate, call).then(readAggregate),
    readNamed(connection, root, "dsServiceName", ["invocationId"], call),
    readSelf(connection, root, call),
  ]);
  const [invocationId] = settings.attributes.get("invocationid") ?? [];
  if (invocationId === undefined) throw denied(`read ${settings.dn}`, "invocationId");
  return {
    name: nameOf(root),
    namingContexts: texts(root, "defaultNamingContext"),
    offers: new Set(texts(root, "supportedControl")),
    subschema,
    dialect: dialectOf(invocationId.toString("base64url"), signsOf(adminAccounts)),
    boundAs: self ?? "",
  };
}

/** The domain's SID: the same at all its controllers, and no other domain's. */
export async function readFingerprint(connection: Connection, server: Server, call: Call): Promise<string> {
  const [domain = ""] = server.namingContexts;
  const entry = await readOne(connection, domain, ["objectSid"], call);
  const [sid] = entry?.attributes.get("objectsid") ?? [];
  if (sid === undefined) throw denied("tell which domain this is", `objectSid of ${domain}`);
  return `Active Directory: ${decodeSid(sid)}`;
}

function nameOf(root: LdapEntry): string {
  const [vendor] = texts(root, "vendorName");
  const [host = ""] = texts(root, "dnsHostName");
  return `${vendor?.startsWith("Samba") ? "Samba" : "Active Directory"} at ${host}`;
}

/** The entry whose name the root DSE tells by this attribute. */
async function readNamed(
  connection: Connection,
  root: LdapEntry,
  attribute: string,
  wanted: readonly string[],
  call: Call,
): Promise<LdapEntry> {
  const [dn = ""] = texts(root, attribute);
  const entry = dn === "" ? undefined : await readOne(connection, dn, wanted, call);
  if (entry === undefined) throw denied(`read the ${attribute}`, dn || attribute);
  return entry;
}

/** Our own account: the one user among the SIDs of our session, which lists our groups too. Undefined where it is of another domain. */
async function readSelf(connection: Connection, root: LdapEntry, call: Call): Promise<string | undefined> {
  const sids = root.attributes.get("tokengroups") ?? [];
  if (sids.length === 0)
    throw denied("tell which account we are logged in as", "tokenGroups of the root DSE");
  const [base = ""] = texts(root, "defaultNamingContext");
  const filter = and(equals("objectClass", "user"), or(sids.map((sid) => equals("objectSid", sid))));
  const query = { base, scope: "sub", filter, attributes: ["objectSid"] } as const;
  for await (const [self] of searchPages(connection, query, 1, call)) if (self) return self.dn;
  return undefined;
}
