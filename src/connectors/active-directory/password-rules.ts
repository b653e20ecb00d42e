import type { Call } from "../contract.ts";
import type { Connection } from "../ldap/connection.ts";
import { texts } from "../ldap/entry.ts";
import { readOne } from "../ldap/search.ts";
import type { LdapEntry } from "../ldap/wire.ts";

/** Of pwdProperties: DOMAIN_PASSWORD_COMPLEX (MS-SAMR §2.2.1.11). */
const complex = 0x1;

/** What the domain wants of every password, in words; undefined where it does not say. */
export async function readPasswordRules(
  connection: Connection,
  domain: string,
  call: Call,
): Promise<string | undefined> {
  const wanted = ["minPwdLength", "pwdProperties", "pwdHistoryLength"];
  const entry = await readOne(connection, domain, wanted, call);
  return entry && rulesOf(entry);
}

function rulesOf(entry: LdapEntry): string | undefined {
  const number = (name: string) => Number(texts(entry, name)[0] ?? 0);
  const rules = [
    number("minPwdLength") > 0 && `at least ${number("minPwdLength")} characters`,
    (number("pwdProperties") & complex) !== 0 &&
      "three of capital letters, small letters, digits and other characters, and not the account's name",
    number("pwdHistoryLength") > 0 && `none of the last ${number("pwdHistoryLength")} passwords`,
  ].filter((rule) => rule !== false);
  return rules.length === 0 ? undefined : rules.join("; ");
}
