import { randomInt } from "node:crypto";
import type { Certificates } from "./certificates.ts";

export const suffix = "DC=ad,DC=example,DC=test";
const managedDn = `OU=Rollcall,${suffix}`;

export const sambaAccounts = {
  suffix,
  realm: "ad.example.test",
  managedDn,
  peopleDn: `OU=People,${managedDn}`,
  groupsDn: `OU=Groups,${managedDn}`,
  disabledDn: `OU=Disabled,${managedDn}`,
  adminDn: `CN=Administrator,CN=Users,${suffix}`,
  adminPassword: "Admin-Passw0rd!",
  serviceDn: `CN=svc-rollcall,CN=Users,${suffix}`,
  serviceName: "svc-rollcall@ad.example.test",
  servicePassword: "Service-Passw0rd!",
  readerDn: `CN=svc-reader,CN=Users,${suffix}`,
  readerPassword: "Reader-Passw0rd!",
} as const;

/** A domain of its own: two directories with the same SID would be one. */
export function randomDomainSid(): string {
  const part = () => randomInt(1_000_000, 0xffffffff);
  return `S-1-5-21-${part()}-${part()}-${part()}`;
}

export function provisionArguments(
  folder: string,
  address: string,
  domainSid: string,
  host: string,
): string[] {
  return [
    "domain",
    "provision",
    // Without an own file the machine's would be merged in.
    "--configfile=/dev/null",
    `--targetdir=${folder}`,
    "--realm=AD.EXAMPLE.TEST",
    "--domain=ADEX",
    "--server-role=dc",
    "--dns-backend=NONE",
    "--use-rfc2307",
    `--adminpass=${sambaAccounts.adminPassword}`,
    `--host-name=${host}`,
    `--host-ip=${address}`,
    `--domain-sid=${domainSid}`,
    // Extended attributes in a file: not every file system that tests run on has them.
    `--option=posix:eadb=${folder}/eadb.tdb`,
    `--option=interfaces=${address}/8`,
    "--option=bind interfaces only=yes",
  ];
}

/**
 * LDAP alone, on one loopback address. A network of eight bits is what makes Samba take that address. Nothing is synced to the disk,
 * since a test's data need not outlive the machine.
 */
export function sambaConfig(
  folder: string,
  address: string,
  { certificateFile, keyFile, ca }: Certificates,
  host: string,
): string {
  return `[global]
netbios name = ${host.toUpperCase()}
realm = AD.EXAMPLE.TEST
workgroup = ADEX
server role = active directory domain controller
server services = ldap
interfaces = ${address}/8
bind interfaces only = yes
private dir = ${folder}/private
lock directory = ${folder}
state directory = ${folder}/state
cache directory = ${folder}/cache
pid directory = ${folder}
ncalrpc dir = ${folder}/ncalrpc
ntp signd socket directory = ${folder}/ntp_signd
winbindd socket directory = ${folder}/winbindd
posix:eadb = ${folder}/eadb.tdb
ldb:nosync = true
old password allowed period = 0
tls enabled = yes
tls keyfile = ${keyFile}
tls certfile = ${certificateFile}
tls cafile = ${ca.path}
`;
}

/** Schema ids, and that of a right (MS-ADTS §5.1.3.2.1). */
const ids = {
  user: "bf967aba-0de6-11d0-a285-00aa003049e2",
  group: "bf967a9c-0de6-11d0-a285-00aa003049e2",
  resetPassword: "00299570-246d-11d0-a768-00aa006e0529",
} as const;

/** What docs/connectors/active-directory.md says to delegate, to whoever has this SID. */
export function delegation(sid: string): string {
  const { user, group, resetPassword } = ids;
  const entries = [
    `CI;CCDC;${user};`,
    `CI;CCDC;${group};`,
    `CIIO;RPWPLCLORCSDDT;;${user}`,
    `CIIO;CR;${resetPassword};${user}`,
    `CIIO;RPWPLCLORCSDDT;;${group}`,
  ];
  return entries.map((entry) => `(OA;${entry};${sid})`).join("");
}

/** Relative identifiers that the controller will not come to on its own. */
const ownRid = 900_000_001;

/** The organizational units, a service account that may manage users and groups below one of them and nothing else, and one that may read. */
export function setupLdif(domainSid: string): string {
  const service = `${domainSid}-${ownRid}`;
  const { peopleDn, groupsDn, disabledDn, servicePassword, readerPassword } = sambaAccounts;
  return `dn: ${managedDn}
objectClass: organizationalUnit
nTSecurityDescriptor: D:${delegation(service)}

${[peopleDn, groupsDn, disabledDn].map((dn) => `dn: ${dn}\nobjectClass: organizationalUnit\n`).join("\n")}
${account("svc-rollcall", service, servicePassword)}
${account("svc-reader", `${domainSid}-${ownRid + 1}`, readerPassword)}`;
}

/** 66048: a normal account whose password never expires. */
function account(name: string, sid: string, password: string): string {
  return `dn: CN=${name},CN=Users,${suffix}
objectClass: user
sAMAccountName: ${name}
userPrincipalName: ${name}@${sambaAccounts.realm}
userAccountControl: 66048
objectSid: ${sid}
clearTextPassword:: ${Buffer.from(password, "utf16le").toString("base64")}
`;
}
