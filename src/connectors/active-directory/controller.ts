import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Connection } from "../ldap/connection.ts";
import { denied, texts } from "../ldap/entry.ts";
import { readOne } from "../ldap/search.ts";
import { decodeGuid } from "./guid.ts";
import { decodeUpToDateVector, type Sight } from "./replication.ts";

/** Of the root DSE (MS-ADTS §3.1.1.3.2, §3.1.1.3.4.3). */
const readOnlyController = "1.2.840.113556.1.4.1920";
const rootAttributes = [
  "dnsHostName",
  "dsServiceName",
  "defaultNamingContext",
  "highestCommittedUSN",
  "isSynchronized",
  "supportedCapabilities",
];

/** Which controller a session is with, and how far it is. */
export async function readController(connection: Connection, call: Call): Promise<Sight> {
  const root = await readOne(connection, "", rootAttributes, call);
  const [service] = root ? texts(root, "dsServiceName") : [];
  const [domain] = root ? texts(root, "defaultNamingContext") : [];
  if (root === undefined || service === undefined || domain === undefined)
    throw new StoreError(
      "Invalid",
      "cannot use this server: it is no domain controller of Active Directory; use the ldap connector for it",
    );
  const host = texts(root, "dnsHostName")[0] ?? service;
  if (texts(root, "isSynchronized")[0] === "FALSE")
    throw new StoreError(
      "Unavailable",
      `cannot use ${host} yet: it has not taken over the whole domain; wait for replication`,
    );
  const [settings, head] = await Promise.all([
    readOne(connection, service, ["invocationId"], call),
    readOne(connection, domain, ["objectGUID", "replUpToDateVector"], call),
  ]);
  const [invocationId] = settings?.attributes.get("invocationid") ?? [];
  const [guid] = head?.attributes.get("objectguid") ?? [];
  if (invocationId === undefined) throw denied(`read ${service}`, "invocationId");
  if (guid === undefined) throw denied(`read ${domain}`, "objectGUID");
  return {
    host,
    invocationId: decodeGuid(invocationId),
    usn: BigInt(texts(root, "highestCommittedUSN")[0] ?? "0"),
    domain: decodeGuid(guid),
    isReadOnly: texts(root, "supportedCapabilities").includes(readOnlyController),
    arrived: decodeUpToDateVector(head?.attributes.get("repluptodatevector")?.[0]),
  };
}

/** How far a controller has counted. */
export async function readUsn(connection: Connection, call: Call): Promise<bigint | undefined> {
  const root = await readOne(connection, "", ["highestCommittedUSN"], call);
  const [usn] = root ? texts(root, "highestCommittedUSN") : [];
  return usn === undefined ? undefined : BigInt(usn);
}
