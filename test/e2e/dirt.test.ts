import { describe, expect, test } from "vitest";
import { doubts, omissions } from "../../src/core/import/remark.ts";
import type { ImportDocument } from "../../src/report/import.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { ldifOf } from "../support/dirt/entry.ts";
import { dirtyGroups } from "../support/dirt/groups.ts";
import { dirtyPeople } from "../support/dirt/people.ts";
import { startDs389 } from "../support/ds389.ts";
import { ldapsearch } from "../support/ldapsearch.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { rollcall } from "../support/rollcall-process.ts";

const suffix = "dc=example,dc=org";
const peopleDn = `ou=people,${suffix}`;
const groupsDn = `ou=groups,${suffix}`;
const nobodyDn = `cn=nobody,${suffix}`;

const unit = (ou: string, at: string) => ({
  dn: `ou=${ou},${at}`,
  attributes: { objectClass: ["organizationalUnit"], ou: [ou] },
});

/** Years of dirt, and what an import ought to make of it. */
function dirt(size: number, takesAnyBytes: boolean) {
  const people = dirtyPeople(size, { people: peopleDn, takesAnyBytes });
  const places = { base: groupsDn, gone: peopleDn, filler: nobodyDn };
  const { groups, memberships, nestedGroups, unknownMembers } = dirtyGroups(people, places);
  const units = [unit("contractors", peopleDn), unit("a", groupsDn), unit("b", groupsDn)];
  const fated = (fate: string) => people.filter((person) => person.fate === fate).length;
  const doubtful = (doubt: string) => people.filter((person) => person.doubt === doubt).length;
  const remarks = new Map<string, number>([
    ...omissions.map((kind) => [kind, fated(kind)] as const),
    ...doubts.map((kind) => [kind, doubtful(kind)] as const),
    ["NestedGroup", nestedGroups],
    ["UnknownMember", unknownMembers],
  ]);
  return {
    ldif: ldifOf([...units, ...people, ...groups]),
    remarks: Object.fromEntries(remarks.entries().filter(([, count]) => count > 0)),
    imported: { links: fated("Linked"), memberships, disabled: fated("Inactive") },
  };
}

const manifests = ({ url, serviceDn }: DirectoryServer) => [
  {
    kind: "Store",
    name: "directory",
    spec: {
      ldap: { url, plaintext: "Allowed", bind: { dn: serviceDn, password: { file: "password" } } },
      boundary: { bases: [peopleDn, groupsDn] },
    },
  },
  {
    kind: "Target",
    name: "people",
    spec: {
      store: { name: "directory" },
      mode: "Enforce",
      accounts: {
        when: "identity.userType == 'Employee'",
        name: { expression: `dn('uid', identity.userName, '${peopleDn}')` },
        match: [{ keys: ["employeeNumber"], strong: true }, { keys: ["mail"] }],
        attributes: {
          objectClass: { values: ["inetOrgPerson"], apply: "OnCreate" },
          uid: { expression: "identity.userName" },
          cn: { expression: "identity.displayName" },
          sn: { expression: "identity.name.familyName" },
          givenName: { expression: "identity.name.givenName" },
          mail: { expression: "identity.emails.map(e, e.value)" },
          telephoneNumber: { expression: "identity.phoneNumbers.map(p, p.value)" },
          employeeNumber: { expression: "identity.employeeNumber" },
          departmentNumber: { expression: "identity.department" },
          title: { expression: "identity.title" },
        },
      },
      ldap: {
        bases: [peopleDn],
        groups: { base: groupsDn, filler: nobodyDn },
        disable: { attribute: { name: "employeeType", disabled: "Disabled" } },
      },
    },
  },
];

const directories = [
  { what: "OpenLDAP, 5,000 entries", size: 5_000, takesAnyBytes: false, start: startOpenLdap },
  {
    what: "389 Directory Server, 1,500 entries",
    size: 1_500,
    // As before it learnt to look at what it is given.
    takesAnyBytes: true,
    start: ({ ldif }: { ldif: string }) =>
      startDs389({ ldif, settings: { "cn=config": { "nsslapd-syntaxcheck": "off" } } }),
  },
];

describe.each(directories)("$what with years of dirt", ({ size, takesAnyBytes, start }) => {
  const { ldif, remarks, imported } = dirt(size, takesAnyBytes);

  test("are imported: the plan is empty, nothing is written, and what needs a person is counted", async () => {
    await using server = await start({ ldif });
    await using place = await ManifestFolder.make(...manifests(server));
    await place.writeFile("password", server.servicePassword);
    const login = { url: server.url, dn: server.adminDn, password: server.adminPassword };
    const dump = () => ldapsearch(login, suffix, "(objectClass=*)", "*", "+");
    const importTo = (folder: string) =>
      rollcall("import", "directory", ...place.words, "--to", place.at(folder), "-o", "json");
    const before = await dump();
    const first = await importTo("manifests/imported");
    expect(first.code, first.stderr).toBe(3);
    const document: ImportDocument = JSON.parse(first.stdout);
    expect(document).toMatchObject({ ...imported, changes: [], conflicts: [], problems: [] });
    expect(Object.fromEntries(document.remarks.map(({ kind, count }) => [kind, count]))).toEqual(remarks);
    await rollcall("apply", ...place.words, "--init", "--yes");
    const { hash } = JSON.parse((await rollcall("plan", ...place.words, "-o", "json")).stdout);
    const adopted = await rollcall("apply", ...place.words, "--plan", hash);
    expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0);
    const plan = await rollcall("plan", ...place.words);
    expect(plan.code, plan.stdout + plan.stderr).toBe(0);
    const again = await importTo("again");
    expect(again.stderr).toBe("");
    expect(JSON.parse(again.stdout)).toMatchObject({ written: {}, links: 0, changes: [], conflicts: [] });
    expect(await dump()).toEqual(before);
  }, 600_000);
});
