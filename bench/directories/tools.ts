import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Person } from "../company.ts";
import { seconds } from "../tool.ts";
import type { Group, Login, Subject } from "./subject.ts";

/** Seconds that `ldapadd` needs for what Rollcall makes: one session over TLS, one request after the other. */
export async function timeLdapAdd(
  subject: Subject,
  everyone: readonly Person[],
  groups: readonly Group[],
): Promise<number> {
  return ldapAdd(subject, subject.entries(everyone, groups));
}

/** Seconds. */
export async function ldapAdd(subject: Subject, ldif: string): Promise<number> {
  const file = join(subject.folder, "entries.ldif");
  await writeFile(file, ldif);
  return ldap("ldapadd", subject, subject.login, ["-f", file]);
}

/** Seconds that `ldapsearch` needs for what the scans read, in pages as large as theirs. */
export function timeLdapSearch(subject: Subject): Promise<number> {
  return ldap("ldapsearch", subject, subject.login, ["-LLL", "-E", "pr=1000/noprompt", ...subject.scan]);
}

/** Somebody else writes to an entry that is nobody's account. */
export async function touchOutside(subject: Subject, text: string): Promise<void> {
  await ldap("ldapmodify", subject, subject.admin, [], subject.touch(text));
}

function ldap(
  tool: string,
  { ldapsUrl, ca }: Subject,
  { dn, password }: Login,
  words: readonly string[],
  input = "",
): Promise<number> {
  const login = ["-x", "-H", ldapsUrl, "-D", dn, "-w", password];
  return seconds(tool, [...login, ...words], input, { LDAPTLS_CACERT: ca.path });
}
