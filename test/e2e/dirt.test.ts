import { expect, test } from "vitest";
import { doubts, omissions } from "../../src/core/import/remark.ts";
import type { ImportDocument } from "../../src/report/import.ts";
import { ldifOf } from "../support/dirt/entry.ts";
import { dirtyGroups } from "../support/dirt/groups.ts";
import { dirtyPeople } from "../support/dirt/people.ts";
import { ldapsearch } from "../support/ldapsearch.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { openLdapAccounts } from "../support/openldap-ldif.ts";
import { rollcall } from "../support/rollcall-process.ts";

const { suffix, peopleDn, groupsDn, adminDn, adminPassword, serviceDn, servicePassword } = openLdapAccounts;

const people = dirtyPeople(5_000, { people: peopleDn, takesAnyBytes: false });
const { groups, memberships, nestedGroups, unknownMembers } = dirtyGroups(people, {
  base: groupsDn,
  gone: peopleDn,
  filler: adminDn,
});

const unit = (ou: string, at: string) => ({
  dn: `ou=${ou},${at}`,
  attributes: { objectClass: ["organizationalUnit"], ou: [ou] },
});
const ldif = ldifOf([
  unit("contractors", peopleDn),
  unit("a", groupsDn),
  unit("b", groupsDn),
  ...people,
  ...groups,
]);

const manifests = (url: string) => [
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
        groups: { base: groupsDn, filler: adminDn },
        disable: { attribute: { name: "employeeType", disabled: "Disabled" } },
      },
    },
  },
];

const fated = (fate: string) => people.filter((person) => person.fate === fate).length;
const doubtful = (doubt: string) => people.filter((person) => person.doubt === doubt).length;

/** What an import ought to remark, by kind. */
const expected: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ...omissions.map((kind) => [kind, fated(kind)] as const),
    ...doubts.map((kind) => [kind, doubtful(kind)] as const),
    ["NestedGroup", nestedGroups] as const,
    ["UnknownMember", unknownMembers] as const,
  ].filter(([, count]) => count > 0),
);

test("5,000 entries with years of dirt are imported: the plan is empty, nothing is written, and what needs a person is counted", async () => {
  await using server = await startOpenLdap({ ldif });
  await using place = await ManifestFolder.make(...manifests(server.url));
  await place.writeFile("password", servicePassword);
  const dump = () =>
    ldapsearch(
      { url: server.url, dn: adminDn, password: adminPassword },
      suffix,
      "(objectClass=*)",
      "*",
      "+",
    );
  const before = await dump();
  const to = ["--to", place.at("manifests/imported")];
  const imported = await rollcall("import", "directory", ...place.words, ...to, "-o", "json");
  expect(imported.code, imported.stderr).toBe(3);
  const document: ImportDocument = JSON.parse(imported.stdout);
  expect(Object.fromEntries(document.remarks.map(({ kind, count }) => [kind, count]))).toEqual(expected);
  expect(document).toMatchObject({ changes: [], conflicts: [], problems: [], disabled: fated("Inactive") });
  expect(document).toMatchObject({ links: fated("Linked"), memberships });
  const applied = await rollcall("apply", ...place.words, "--init", "--yes");
  expect(applied.code, applied.stdout).toBe(3);
  const { hash } = JSON.parse((await rollcall("plan", ...place.words, "-o", "json")).stdout);
  const adopted = await rollcall("apply", ...place.words, "--plan", hash);
  expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0);
  const plan = await rollcall("plan", ...place.words);
  expect(plan.code, plan.stdout + plan.stderr).toBe(0);
  const again = await rollcall(
    "import",
    "directory",
    ...place.words,
    "--to",
    place.at("again"),
    "-o",
    "json",
  );
  expect(JSON.parse(again.stdout)).toMatchObject({ written: {}, links: 0, changes: [], conflicts: [] });
  expect(await dump()).toEqual(before);
}, 240_000);
