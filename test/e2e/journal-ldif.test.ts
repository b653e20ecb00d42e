import { expect, test } from "vitest";
import { ldifConnector } from "../../src/connectors/ldif/ldif.ts";
import { person } from "../support/company.ts";
import { ldapmodify } from "../support/ldapmodify.ts";
import { type LdifEntry, ldapsearch } from "../support/ldapsearch.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import { openLdapAccounts } from "../support/openldap-ldif.ts";
import { rollcall } from "../support/rollcall-process.ts";

const { peopleDn, groupsDn, suffix, adminDn, adminPassword, serviceDn, servicePassword } = openLdapAccounts;

const target = {
  kind: "Target",
  name: "people",
  spec: {
    store: { name: "directory" },
    mode: "Enforce",
    allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
    accounts: {
      when: "true",
      name: { expression: `dn('uid', identity.userName, '${peopleDn}')` },
      attributes: {
        objectClass: { values: ["inetOrgPerson"], apply: "OnCreate" },
        cn: { expression: "identity.displayName" },
        sn: { expression: "identity.userName" },
        title: { expression: "identity.title" },
        initials: { value: "S.", sensitive: true },
      },
    },
    ldap: {
      bases: [peopleDn],
      disable: { attribute: { name: "employeeType", disabled: "Gone", enabled: "Here" } },
      groups: { base: groupsDn, filler: adminDn },
    },
    limits: { removals: { atLeast: 10 } },
  },
};

const access = {
  kind: "AccessProfile",
  name: "lab",
  spec: { target: { name: "people" }, entitlements: [{ name: "lab" }] },
};
const role = {
  kind: "BusinessRole",
  name: "staff",
  spec: { members: { when: "identity.department == 'Research'" }, accessProfiles: [{ name: "lab" }] },
};

const group = `dn: cn=lab,${groupsDn}\nobjectClass: groupOfNames\ncn: lab\nmember: ${adminDn}\n`;

test("the journal as LDIF makes of another directory what was made of the first, but for what was masked", async () => {
  await using first = await startOpenLdap({ ldif: group });
  await using second = await startOpenLdap({ ldif: group });
  const bind = { dn: serviceDn, password: { file: "service.password" } };
  const store = { ldap: { url: first.ldapsUrl, bind, ca: { file: "ca.crt" } } };
  await using place = await ManifestFolder.make(
    { kind: "Store", name: "directory", spec: store },
    ...[target, access, role],
    someone("ann"),
    someone("bob", { department: "Guests" }),
    someone("joerg", { userName: "Jörg, the 2nd", title: " <x>" }),
  );
  await place.writeFile("service.password", servicePassword);
  await place.writeFile("ca.crt", first.ca.text);
  const run = async (...words: string[]) => {
    const ended = await rollcall(...words);
    expect(ended).toEqual({ ...ended, code: 0 });
    return ended;
  };
  const apply = () => run("apply", ...place.words, "--init", "--yes");

  await apply();
  await place.write(someone("ann", { displayName: "Ann Ünsal", userName: "ann2" }), someone("bob"));
  await apply();
  await place.write(someone("bob", { lifecycle: { state: "Inactive" } }));
  await apply();
  const { stdout, stderr } = await run("journal", ...place.stateWords, "-o", "ldif", "--last", "500");
  await ldapmodify({ url: second.url, dn: adminDn, password: adminPassword }, stdout);
  const [one, other] = [await everything(first), await everything(second)];
  expect(other).toEqual(one.map(withoutInitials));
  expect(one.filter(({ attributes: { initials } }) => initials).length).toBe(3);
  expect(stdout).toContain("# initials is left out: its values were masked when they were written");
  expect(stdout).toMatch(/^# because BusinessRole staff/m);
  expect(stderr).toBe("");
});

test("the journal as LDIF behind an old file is the new file", async () => {
  const containers = [peopleDn, groupsDn].map((dn) => `dn: ${dn}\nobjectClass: organizationalUnit\n`);
  const old = [...containers, group].join("\n");
  const { initials: _, ...attributes } = target.spec.accounts.attributes;
  const id = { employeeNumber: { expression: "identity.employeeNumber", apply: "OnCreate" } };
  const { ldap, ...spec } = target.spec;
  const ldif = { ...ldap, id: "employeeNumber", objectClass: "inetOrgPerson" };
  await using place = await ManifestFolder.make(
    { kind: "Store", name: "directory", spec: { ldif: { file: "directory.ldif" } } },
    {
      ...target,
      spec: { ...spec, ldif, accounts: { ...spec.accounts, attributes: { ...attributes, ...id } } },
    },
    ...[access, role, someone("ann"), someone("bob")],
  );
  await place.writeFile("directory.ldif", old);
  const apply = async () =>
    expect(await rollcall("apply", ...place.words, "--init", "--yes")).toMatchObject({ code: 0 });
  await apply();
  await place.write(someone("ann", { userName: "Ünsal, Ann", employeeNumber: "E-ann" }));
  await place.write(someone("bob", { department: "Guests", lifecycle: { state: "Inactive" } }));
  await apply();
  const { stdout } = await rollcall("journal", ...place.stateWords, "-o", "ldif");
  await place.writeFile("replayed.ldif", `${old}\n${stdout}`);
  const names = Object.keys({ ...attributes, ...id });
  const read = async (file: string) => {
    const store = ldifConnector.storeSchema.parse({ file });
    const environment = { path: (name: string) => place.at(name), secret: async () => "" };
    const connector = ldifConnector
      .connect(store, environment)
      .target({ block: ldifConnector.targetSchema.parse(ldif), attributes: names });
    const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };
    const accounts = await connector.fetch(["E-ann", "E-bob"], call);
    const members = await Array.fromAsync(connector.memberships([`cn=lab,${groupsDn}`], call));
    return { accounts: accounts.map(({ version: __, ...account }) => account), members: members.flat() };
  };
  const now = await read("directory.ldif");
  expect(await read("replayed.ldif")).toEqual(now);
  expect(now).toMatchObject({ accounts: [{ enabled: true }, { enabled: false }], members: [{}] });
});

function someone(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  return person(name, { displayName: name, title: "Staff", ...spec });
}

async function everything({ url }: OpenLdap): Promise<LdifEntry[]> {
  const login = { url, dn: adminDn, password: adminPassword };
  const entries = await ldapsearch(login, suffix, "(|(uid=*)(cn=lab))");
  return entries
    .map(({ dn, attributes }) => ({
      dn,
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, values]) => [name, [...values].sort()]),
      ),
    }))
    .sort((a, b) => (a.dn < b.dn ? -1 : 1));
}

function withoutInitials({ dn, attributes: { initials: _, ...attributes } }: LdifEntry): LdifEntry {
  return { dn, attributes };
}
