import type { Certificates } from "./certificates.ts";

export interface OpenLdapOptions {
  /** Commits reach the disk before they are answered, as in production. Default: `dbnosync`, which is quicker. */
  readonly fsync?: boolean;
  /**
   * Limits by DN, in slapd.conf's words (slapd-config(5), olcLimits), for example
   * `{ "cn=reader,dc=example,dc=org": "size=500 size.prtotal=unlimited" }`: 500 entries a page, any number of pages.
   */
  readonly limits?: Readonly<Record<string, string>>;
  /** Access rules that come before its own. */
  readonly access?: readonly string[];
  /** More entries to start with, as LDIF; they are loaded offline, so memberOf is not filled for them. */
  readonly ldif?: string;
}

const suffix = "dc=example,dc=org";

export const openLdapAccounts = {
  suffix,
  peopleDn: `ou=people,${suffix}`,
  groupsDn: `ou=groups,${suffix}`,
  adminDn: `cn=admin,${suffix}`,
  adminPassword: "admin-secret",
  serviceDn: `cn=rollcall,${suffix}`,
  servicePassword: "rollcall-secret",
  readerDn: `cn=reader,${suffix}`,
  readerPassword: "reader-secret",
} as const;

/**
 * The server's cn=config. Anonymous clients see the containers and nothing in them: to one that has lost its login without noticing,
 * the directory looks empty, and no error says otherwise.
 */
export function configLdif(folder: string, certificates: Certificates, options: OpenLdapOptions): string {
  const { adminDn, adminPassword, serviceDn } = openLdapAccounts;
  const limits = Object.entries(options.limits ?? {}).map(
    ([dn, limit]) => `olcLimits: dn.exact="${dn}" ${limit}`,
  );
  const database = [options.fsync ? "olcDbNoSync: FALSE" : "olcDbNoSync: TRUE", ...limits].join("\n");
  return `dn: cn=config
objectClass: olcGlobal
cn: config
olcSizeLimit: unlimited
olcTLSCACertificateFile: ${certificates.ca.path}
olcTLSCertificateFile: ${certificates.certificateFile}
olcTLSCertificateKeyFile: ${certificates.keyFile}

dn: cn=module{0},cn=config
objectClass: olcModuleList
cn: module{0}
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb
olcModuleLoad: memberof
olcModuleLoad: refint
olcModuleLoad: syncprov
olcModuleLoad: ppolicy

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif
include: file:///etc/ldap/schema/cosine.ldif
include: file:///etc/ldap/schema/nis.ldif
include: file:///etc/ldap/schema/inetorgperson.ldif

dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcRootDN: cn=admin,cn=config
olcRootPW: ${adminPassword}

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcSuffix: ${suffix}
olcRootDN: ${adminDn}
olcRootPW: ${adminPassword}
olcDbDirectory: ${folder}/data
olcDbMaxSize: 4294967296
${database}
olcDbIndex: objectClass eq
olcDbIndex: entryCSN,entryUUID eq
olcDbIndex: uid,mail,cn eq,sub
olcDbIndex: employeeNumber eq
olcDbIndex: member,memberOf eq
${(options.access ?? []).map((rule) => `olcAccess: ${rule}\n`).join("")}olcAccess: to attrs=userPassword by dn.exact="${serviceDn}" write by self write by anonymous auth by * none
olcAccess: to dn.regex="^(ou=[^,]+,)?${suffix}$" by dn.exact="${serviceDn}" write by * read
olcAccess: to * by dn.exact="${serviceDn}" write by users read by anonymous auth

dn: olcOverlay={0}memberof,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcMemberOfConfig
olcOverlay: {0}memberof
olcMemberOfDangling: ignore
olcMemberOfRefInt: TRUE
olcMemberOfGroupOC: groupOfNames
olcMemberOfMemberAD: member
olcMemberOfMemberOfAD: memberOf

dn: olcOverlay={1}refint,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcRefintConfig
olcOverlay: {1}refint
olcRefintAttribute: member
olcRefintAttribute: manager
olcRefintAttribute: owner
olcRefintNothing: ${adminDn}

dn: olcOverlay={2}ppolicy,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: {2}ppolicy
olcPPolicyDefault: cn=default,ou=policies,${suffix}
olcPPolicyHashCleartext: TRUE
olcPPolicyUseLockout: TRUE

dn: olcOverlay={3}syncprov,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcSyncProvConfig
olcOverlay: {3}syncprov
olcSpCheckpoint: 100 10
olcSpSessionlog: 10000
`;
}

const serviceAccount = (name: string, password: string) => `
dn: cn=${name},${suffix}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: ${name}
userPassword: ${password}
pwdPolicySubentry: cn=services,ou=policies,${suffix}
`;

/** The entries it starts with. Service accounts have a policy of their own: a test's wrong password must not lock them out. */
export const baseLdif = `dn: ${suffix}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,${suffix}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${suffix}
objectClass: organizationalUnit
ou: groups

dn: ou=policies,${suffix}
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,${suffix}
objectClass: pwdPolicy
objectClass: device
cn: default
pwdAttribute: userPassword
pwdMinLength: 8
pwdCheckQuality: 1
pwdMaxFailure: 3
pwdLockout: TRUE
pwdInHistory: 3

dn: cn=services,ou=policies,${suffix}
objectClass: pwdPolicy
objectClass: device
cn: services
pwdAttribute: userPassword
${serviceAccount("rollcall", openLdapAccounts.servicePassword)}${serviceAccount("reader", openLdapAccounts.readerPassword)}`;
