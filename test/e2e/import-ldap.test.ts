import { expect, test } from "vitest";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { openLdapAccounts } from "../support/openldap-ldif.ts";
import { rollcall } from "../support/rollcall-process.ts";

const { peopleDn, groupsDn, serviceDn, servicePassword, adminDn } = openLdapAccounts;

const people = ["ada", "grace", "jos\\,é"].map(
  (uid, number) => `dn: uid=${uid},${peopleDn}
objectClass: inetOrgPerson
uid: ${uid.replace("\\", "")}
cn: Person ${number}
sn: Family${number}
givenName: Given${number}
mail: p${number}@example.org
mail: other${number}@example.org
employeeNumber: E-${number}
departmentNumber: Research
title: Engineer
`,
);

const group = (name: string, members: readonly string[]) => `dn: cn=${name},${groupsDn}
objectClass: groupOfNames
cn: ${name}
${members.map((member) => `member: ${member}`).join("\n")}
`;

/** Entries that somebody made by hand. */
const ldif = [
  ...people,
  group("lab", [`uid=ada,${peopleDn}`, `uid=jos\\,é,${peopleDn}`]),
  group("empty", [adminDn]),
].join("\n");

const target = {
  kind: "Target",
  name: "people",
  spec: {
    store: { name: "directory" },
    mode: "Enforce",
    accounts: {
      when: "identity.userType == 'Employee'",
      name: { expression: `dn('uid', identity.userName, '${peopleDn}')` },
      match: [{ keys: ["employeeNumber"], strong: true }],
      attributes: {
        objectClass: { values: ["inetOrgPerson"], apply: "OnCreate" },
        uid: { expression: "identity.userName" },
        cn: { expression: "identity.displayName" },
        sn: { expression: "identity.name.familyName" },
        givenName: { expression: "identity.name.givenName" },
        mail: { expression: "identity.emails.map(e, e.value)" },
        employeeNumber: { expression: "identity.employeeNumber" },
        departmentNumber: { expression: "identity.department" },
        title: { expression: "identity.title" },
      },
    },
    ldap: { bases: [peopleDn], groups: { base: groupsDn, filler: adminDn } },
  },
};

test("a directory that was filled by hand is imported: the first plan links, the second is empty", async () => {
  await using server = await startOpenLdap({ ldif });
  await using place = await ManifestFolder.make(
    {
      kind: "Store",
      name: "directory",
      spec: {
        ldap: {
          url: server.url,
          plaintext: "Allowed",
          bind: { dn: serviceDn, password: { file: "password" } },
        },
        boundary: { bases: [peopleDn, groupsDn] },
      },
    },
    target,
  );
  await place.writeFile("password", servicePassword);
  const imported = await rollcall(
    "import",
    "directory",
    ...place.words,
    "--to",
    place.at("manifests/in"),
    "-o",
    "json",
  );
  expect(imported.code, imported.stdout + imported.stderr).toBe(0);
  expect(JSON.parse(imported.stdout)).toMatchObject({
    written: { Identity: 3, AccessProfile: 1, Grant: 2 },
    links: 3,
    memberships: 2,
    unmapped: {},
    changes: [],
  });
  await rollcall("apply", ...place.words, "--init", "--yes");
  const { hash } = JSON.parse((await rollcall("plan", ...place.words, "-o", "json")).stdout);
  const applied = await rollcall("apply", ...place.words, "--plan", hash);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const plan = await rollcall("plan", ...place.words);
  expect(plan.code, plan.stdout + plan.stderr).toBe(0);
});
