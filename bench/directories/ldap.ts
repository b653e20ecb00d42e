import type { DirectoryServer } from "../../test/support/directory-server.ts";
import { startDs389 } from "../../test/support/ds389.ts";
import { ds389Accounts } from "../../test/support/ds389-ldif.ts";
import { people } from "../company.ts";
import { directoryPolicies, personEntry } from "../directory.ts";
import { type Group, hugeGroup, type Subject, type SubjectKind } from "./subject.ts";

export const ds389: SubjectKind = {
  loads: 2,
  start: () => startSubject(),
  startHuge: (members) => startSubject(hugeEntry(ds389Accounts, members)),
};

async function startSubject(ldif = ""): Promise<Subject> {
  // Nobody but its manager may look through more than 5,000 entries, unless it is told so.
  const settings = {
    "cn=config,cn=ldbm database,cn=plugins,cn=config": { "nsslapd-lookthroughlimit": "-1" },
  };
  const server = await startDs389({ fsync: true, ldif, settings });
  return ldapSubject(server, "389 DS", ["nsUniqueId", "entryUSN", "modifyTimestamp"]);
}

/** A directory of inetOrgPerson and groupOfNames; `ids` are the attributes by which a scan tells entries and their versions. */
function ldapSubject(server: DirectoryServer, name: string, ids: readonly string[]): Subject {
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

function groupEntry({ name, members }: Group, peopleDn: string, groupsDn: string): string {
  const lines = members.map(({ id }) => `member: uid=${id},${peopleDn}\n`).join("");
  return `dn: cn=${name},${groupsDn}\nobjectClass: groupOfNames\ncn: ${name}\n${lines}`;
}

/** To start a server with: the members need not exist. */
function hugeEntry(
  { peopleDn, groupsDn }: Pick<DirectoryServer, "peopleDn" | "groupsDn">,
  members: number,
): string {
  return groupEntry({ name: hugeGroup, members: people(members + 10).slice(10) }, peopleDn, groupsDn);
}
