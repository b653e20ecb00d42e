export interface Ds389Options {
  /** Commits reach the disk before they are answered, as in production. Default: no, which is quicker. */
  readonly fsync?: boolean;
  /** Attributes of its configuration to set, by entry: `{ "cn=USN,cn=plugins,cn=config": { "nsslapd-pluginEnabled": "off" } }`. */
  readonly settings?: Settings;
  /** More entries to start with, as LDIF; they are loaded offline, so memberOf is not filled for them. */
  readonly ldif?: string;
  /** The service account has no rights yet, nor limits of its own. */
  readonly withoutRights?: boolean;
  /** More access rules for the suffix. A `deny` wins over every `allow`. */
  readonly rules?: readonly string[];
}

export type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>;

const suffix = "dc=example,dc=org";

export const ds389Accounts = {
  suffix,
  peopleDn: `ou=people,${suffix}`,
  groupsDn: `ou=groups,${suffix}`,
  adminDn: "cn=Directory Manager",
  adminPassword: "admin-secret",
  serviceDn: `cn=rollcall,${suffix}`,
  servicePassword: "rollcall-secret",
  readerDn: `cn=reader,${suffix}`,
  readerPassword: "reader-secret",
} as const;

export interface Ds389Place {
  readonly folder: string;
  /** Where its configuration is. */
  readonly config: string;
  readonly port: number;
  readonly tlsPort: number;
  /** Who it runs as: it does not start without knowing. */
  readonly user: string;
}

/** What `dscreate` fills the package's template with, and what of its plugins and policies a test has a use for. */
export function configurationOf(template: string, place: Ds389Place, options: Ds389Options): string {
  const { folder, config, port, user } = place;
  const fills: Readonly<Record<string, string>> = {
    schema_dir: `${config}/schema`,
    config_dir: config,
    cert_dir: config,
    lock_dir: `${folder}/run`,
    run_dir: `${folder}/run`,
    tmp_dir: `${folder}/run`,
    ldif_dir: `${folder}/run`,
    bak_dir: `${folder}/run`,
    inst_dir: `${folder}/run`,
    ldapi: `${folder}/run/ldapi`,
    log_dir: `${folder}/log`,
    db_dir: `${folder}/data`,
    db_home_dir: `${folder}/data`,
    db_lib: "bdb",
    fqdn: "localhost",
    ds_port: String(port),
    ds_user: user,
    rootdn: ds389Accounts.adminDn,
    ds_passwd: `{CLEAR}${ds389Accounts.adminPassword}`,
    ds_suffix: suffix,
    ldapi_enabled: "off",
    ldapi_autobind: "off",
  };
  const filled = template.replace(/%(\w+)%/g, (_, name: string) => fills[name] ?? "");
  const all = [settingsOf(place, options), options.settings ?? {}].flatMap((part) => Object.entries(part));
  return all.reduce(
    (ldif, [dn, values]) => setIn(ldif, dn, values),
    `${filled.trimEnd()}\n\n${backend(folder)}`,
  );
}

function settingsOf({ tlsPort }: Ds389Place, { fsync }: Ds389Options): Settings {
  const on = { "nsslapd-pluginEnabled": "on" };
  return {
    "cn=config": {
      "nsslapd-listenhost": "127.0.0.1",
      "nsslapd-securelistenhost": "127.0.0.1",
      "nsslapd-security": "on",
      "nsslapd-secureport": String(tlsPort),
      "nsslapd-accesslog-logging-enabled": "off",
      "nsslapd-pwpolicy-local": "on",
      passwordCheckSyntax: "on",
      passwordMinLength: "8",
      passwordLockout: "on",
      passwordMaxFailure: "3",
      passwordHistory: "on",
      passwordInHistory: "3",
    },
    "cn=config,cn=ldbm database,cn=plugins,cn=config": {
      "nsslapd-db-durable-transaction": fsync ? "on" : "off",
    },
    "cn=USN,cn=plugins,cn=config": on,
    "cn=MemberOf Plugin,cn=plugins,cn=config": {
      ...on,
      memberOfGroupAttr: "member",
      memberOfAttr: "memberOf",
      memberOfAutoAddOC: "nsMemberOf",
    },
    "cn=referential integrity postoperation,cn=plugins,cn=config": on,
    // It would refuse uids and mail addresses beyond ASCII.
    "cn=7-bit check,cn=plugins,cn=config": { "nsslapd-pluginEnabled": "off" },
  };
}

const backend = (folder: string) => `dn: cn=userroot,cn=ldbm database,cn=plugins,cn=config
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userroot
nsslapd-suffix: ${suffix}
nsslapd-directory: ${folder}/data/userroot

dn: cn="${suffix}",cn=mapping tree,cn=config
objectClass: extensibleObject
objectClass: nsMappingTree
cn: "${suffix}"
nsslapd-state: backend
nsslapd-backend: userroot
`;

/** Replaces attributes of one entry of an LDIF text; the entry must be there. */
function setIn(ldif: string, dn: string, values: Readonly<Record<string, string>>): string {
  const entries = ldif.split(/\n\n+/);
  const at = entries.findIndex((entry) => entry.split("\n")[0]?.toLowerCase() === `dn: ${dn}`.toLowerCase());
  if (at < 0) throw new Error(`cannot set ${Object.keys(values)}: there is no entry ${dn}`);
  const names = new Set(Object.keys(values).map((name) => name.toLowerCase()));
  const kept = entries[at]!.trimEnd()
    .split("\n")
    .filter((line) => !names.has(line.split(":")[0]!.toLowerCase()));
  entries[at] = [...kept, ...Object.entries(values).map(([name, value]) => `${name}: ${value}`)].join("\n");
  return entries.join("\n\n");
}

const serviceAccount = (name: string, password: string) => `
dn: cn=${name},${suffix}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: ${name}
userPassword: ${password}
pwdPolicySubentry: cn=services,ou=policies,${suffix}
`;

const service = `userdn="ldap:///${ds389Accounts.serviceDn}"`;

/**
 * Anonymous clients see the containers and nothing in them, as of OpenLDAP. The service account has what docs/connectors/ldap.md
 * says it needs, and no more.
 */
const suffixRules = (rules: readonly string[]) =>
  [
    `(targetfilter="(objectClass=domain)")(targetattr!="aci")(version 3.0; acl "see the suffix"; allow (read, search, compare) userdn="ldap:///anyone";)`,
    `(targetfilter="(objectClass=organizationalUnit)")(targetattr!="aci")(version 3.0; acl "see the containers"; allow (read, search, compare) userdn="ldap:///anyone";)`,
    `(targetattr!="userPassword")(version 3.0; acl "read"; allow (read, search, compare) userdn="ldap:///${ds389Accounts.readerDn}";)`,
    ...rules,
  ]
    .map((rule) => `aci: ${rule}\n`)
    .join("");

const containerRules = `aci: (targetattr!="aci || userPassword")(version 3.0; acl "keep accounts"; allow (read, search, compare, write, add, delete) ${service};)
aci: (targetattr="userPassword")(version 3.0; acl "set passwords"; allow (write, add) ${service};)
aci: (targetattr="userPassword")(version 3.0; acl "change one's own"; allow (write) userdn="ldap:///self";)
`;

const serviceLimits = `nsPagedSizeLimit: -1
nsPagedLookThroughLimit: -1
nsLookThroughLimit: -1
nsTimeLimit: -1
`;

/** The entries it starts with. Service accounts have a policy of their own: a test's wrong password must not lock them out. */
export function entriesOf({ ldif = "", rules = [], withoutRights = false }: Ds389Options = {}): string {
  const [rights, limits] = withoutRights ? ["", ""] : [containerRules, serviceLimits];
  return `dn: ${suffix}
objectClass: domain
dc: example
${suffixRules(rules)}
dn: ou=people,${suffix}
objectClass: organizationalUnit
ou: people
${rights}
dn: ou=groups,${suffix}
objectClass: organizationalUnit
ou: groups
${rights}
dn: ou=policies,${suffix}
objectClass: organizationalUnit
ou: policies

dn: cn=services,ou=policies,${suffix}
objectClass: ldapSubentry
objectClass: passwordPolicy
cn: services
${serviceAccount("rollcall", ds389Accounts.servicePassword)}${limits}${serviceAccount("reader", ds389Accounts.readerPassword)}
${ldif}`;
}
