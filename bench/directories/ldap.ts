import type { DirectoryServer } from "../../test/support/directory-server.ts";
import { people } from "../company.ts";
import { directoryPolicies, personEntry } from "../directory.ts";
import { hugeGroup } from "./huge-group.ts";
import type { Group, Subject } from "./subject.ts";

/** A directory of inetOrgPerson and groupOfNames; `ids` are the attributes by which a scan tells entries and their versions. */
export function ldapSubject(server: DirectoryServer, name: string, ids: readonly string[]): Subject {
  const { ldapsUrl, ca, folder, suffix, peopleDn, groupsDn } = server;
  return {
    ...{ name, ldapsUrl, ca, folder },
    login: { dn: server.serviceDn, password: server.servicePassword },
    admin: { dn: server.adminDn, password: server.adminPassword },
    policies: (url) =>
      directoryPolicies({ ...server, url }, "Never", "{ env: LDAP_PASSWORD }", "ca: { file: ca.crt }"),
    group: (group) => `{ name: "${group}", ensure: true }`,
    entries: (everyone, groups) =>
      [
        ...everyone.map((one) => personEntry(one, peopleDn)),
        ...groups.map((group) => groupEntry(group, peopleDn, groupsDn)),
      ].join("\n"),
    scan: ["-b", suffix, "(|(objectClass=person)(objectClass=groupOfNames))", ...ids],
    touch: (text) => `dn: ${peopleDn}\nchangetype: modify\nreplace: description\ndescription: ${text}\n`,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

export function groupEntry({ name, members }: Group, peopleDn: string, groupsDn: string): string {
  const lines = members.map(({ id }) => `member: uid=${id},${peopleDn}\n`).join("");
  return `dn: cn=${name},${groupsDn}\nobjectClass: groupOfNames\ncn: ${name}\n${lines}`;
}

/** To start a server with, where the members of the group need not exist. */
export function hugeLdif(
  { peopleDn, groupsDn }: Pick<DirectoryServer, "peopleDn" | "groupsDn">,
  members: number,
): string {
  return groupEntry({ name: hugeGroup, members: people(members + 10).slice(10) }, peopleDn, groupsDn);
}
