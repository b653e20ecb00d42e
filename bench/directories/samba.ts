import { type Samba, startSamba } from "../../test/support/samba.ts";
import { fillGroup } from "../../test/support/samba-members.ts";
import type { Person } from "../company.ts";
import { type Group, hugeGroup, type Subject, type SubjectKind } from "./subject.ts";
import { ldapAdd } from "./tools.ts";

/** A controller of a domain. */
export const samba: SubjectKind = {
  loads: 1,
  start: async () => sambaSubject(await startSamba()),
  async startHuge(members) {
    const server = await startSamba();
    const subject = sambaSubject(server);
    const { name, dn } = { name: hugeGroup, dn: `CN=${hugeGroup},${server.groupsDn}` };
    await ldapAdd(subject, groupEntry({ name, members: [] }, server));
    await fillGroup(server, dn, members);
    return subject;
  },
};

/** Accounts are enabled, and so have a password from the beginning: what `ldapadd` is given has one as long. */
function sambaSubject(server: Samba): Subject {
  const { ldapsUrl, ca, folder, managedDn, peopleDn } = server;
  return {
    ...{ name: "Samba AD", ldapsUrl, ca, folder },
    login: { dn: server.serviceDn, password: server.servicePassword },
    admin: { dn: server.adminDn, password: server.adminPassword },
    policies: (url) => policies(server, url),
    group: (name) => `{ name: "${name}", ensure: true }`,
    entries: (everyone, groups) =>
      [
        ...everyone.map((one) => userEntry(one, peopleDn)),
        ...groups.map((group) => groupEntry(group, server)),
      ].join("\n"),
    scan: [
      "-b",
      managedDn,
      "(|(&(objectCategory=person)(objectClass=user))(objectClass=group))",
      ...["objectGUID", "uSNChanged", "whenChanged"],
    ],
    touch: (text) => `dn: ${managedDn}\nchangetype: modify\nreplace: description\ndescription: ${text}\n`,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function policies({ serviceName, peopleDn, groupsDn }: Samba, url: string): string[] {
  return [
    `apiVersion: rollcall.dev/v1alpha1
kind: Store
metadata:
  name: domain
spec:
  activeDirectory:
    urls: ["${url}"]
    bind: { name: ${serviceName}, password: { env: LDAP_PASSWORD } }
    ca: { file: ca.crt }
`,
    `apiVersion: rollcall.dev/v1alpha1
kind: Target
metadata:
  name: directory
spec:
  store: { name: domain }
  mode: Enforce
  limits: { settle: 0s, removals: { percent: 100, atMost: 1000000 } }
  accounts:
    when: "identity.userType == 'Employee'"
    name: { expression: "dn('CN', identity.userName, '${peopleDn}')" }
    match: [{ keys: [employeeNumber], strong: true }]
    attributes:
      sAMAccountName: { expression: identity.userName }
      displayName: { expression: "identity.name.givenName + ' ' + identity.name.familyName" }
      sn: { expression: identity.name.familyName }
      givenName: { expression: identity.name.givenName }
      mail: { expression: "primary(identity.emails)" }
      employeeNumber: { expression: identity.employeeNumber }
      department: { expression: identity.department }
      title: { expression: identity.title }
  passwords:
    initial: { length: 20, mustChange: false, deliver: { file: { path: { expression: "'passwords/' + identity.userName" } } } }
  activeDirectory:
    bases: ["${peopleDn}"]
    groups: { base: "${groupsDn}" }
`,
  ];
}

function userEntry(one: Person, peopleDn: string): string {
  const password = Buffer.from('"Passw0rd-Passw0rd-1234"', "utf16le").toString("base64");
  return `dn: CN=${one.id},${peopleDn}
objectClass: user
sAMAccountName: ${one.id}
displayName: ${one.givenName} ${one.familyName}
sn: ${one.familyName}
givenName: ${one.givenName}
mail: ${one.mail}
employeeNumber: ${one.number}
department: ${one.department}
title: ${one.title}
userAccountControl: 512
unicodePwd:: ${password}
`;
}

function groupEntry(
  { name, members }: Group,
  { peopleDn, groupsDn }: Pick<Samba, "peopleDn" | "groupsDn">,
): string {
  return `dn: CN=${name},${groupsDn}
objectClass: group
sAMAccountName: ${name}
groupType: -2147483646
${members.map(({ id }) => `member: CN=${id},${peopleDn}\n`).join("")}`;
}
