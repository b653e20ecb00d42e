import type { Matching } from "../../core/model/values.ts";
import {
  type LdapAttribute,
  type ObjectClass,
  readDefinition,
  readSubschema,
  type Subschema,
} from "../ldap/subschema.ts";
import type { LdapEntry } from "../ldap/wire.ts";
import { filetime } from "./filetime.ts";

/** How values of each syntax are compared (MS-ADTS §3.1.1.2.2.4): definitions here name a syntax and no rule. */
const matchings: Readonly<Record<string, Matching>> = {
  "1.3.6.1.4.1.1466.115.121.1.7": "boolean",
  "1.3.6.1.4.1.1466.115.121.1.12": "distinguishedName",
  "1.3.6.1.4.1.1466.115.121.1.15": "caseIgnore",
  "1.3.6.1.4.1.1466.115.121.1.24": "time",
  "1.3.6.1.4.1.1466.115.121.1.26": "caseExact",
  "1.3.6.1.4.1.1466.115.121.1.27": "integer",
  "1.3.6.1.4.1.1466.115.121.1.36": "caseExact",
  "1.3.6.1.4.1.1466.115.121.1.38": "caseIgnore",
  "1.3.6.1.4.1.1466.115.121.1.40": "binary",
  "1.3.6.1.4.1.1466.115.121.1.44": "caseExact",
  "1.3.6.1.4.1.1466.115.121.1.53": "caseExact",
  "1.2.840.113556.1.4.905": "caseIgnore",
  "1.2.840.113556.1.4.906": "integer",
  "1.2.840.113556.1.4.1362": "caseExact",
};

/** What Rollcall sets in its own way, and what is nobody's to set: mapping one of these is an error. */
const kept = names(
  "adminCount isCriticalSystemObject memberOf nTSecurityDescriptor objectSid primaryGroupID pwdLastSet sIDHistory userAccountControl",
);

/** Times as Windows counts them, which the schema takes for numbers. */
const times = names(
  "accountExpires badPasswordTime creationTime lastLogoff lastLogon lastLogonTimestamp lockoutTime msDS-UserPasswordExpiryTimeComputed pwdLastSet",
);

/** Multi-valued by the schema, and of one value in users and groups (MS-SAMR §3.1.1.8). */
const single = names("description");

/** The server ignores case in these, and their readers do not: `SMTP:` is before the primary address alone (MS-OXOABK). */
const exact = names("proxyAddresses");

/** Characters of a user's logon name before Windows 2000 (MS-SAMR §3.1.1.6). */
const logonNameLength = 20;

export function readAggregate(entry: LdapEntry): Subschema {
  const { attributes, classOf } = readSubschema(entry, matchings);
  const rules = readContentRules(entry);
  const lengths = readLengths(entry);
  const adapted = attributes
    .entries()
    .map(([key, attribute]) => [key, adapt(key, attribute, lengths.get(key))] as const);
  return {
    attributes: new Map(adapted),
    classOf(name) {
      const [own, more] = [classOf(name), rules.get(name.toLowerCase()) ?? { must: [], may: [] }];
      return { must: [...own.must, ...more.must], may: [...own.may, ...more.may] };
    },
  };
}

function adapt(key: string, attribute: LdapAttribute, length: number | undefined): LdapAttribute {
  const maxLength = key === "samaccountname" ? logonNameLength : length;
  return {
    ...attribute,
    readOnly: attribute.readOnly || kept.has(key),
    multiValued: attribute.multiValued && !single.has(key),
    ...(exact.has(key) && { matching: "caseExact" as const }),
    ...(times.has(key) && { codec: filetime, matching: "time" as const }),
    ...(maxLength !== undefined && attribute.matching === "caseIgnore" && { maxLength }),
  };
}

function names(list: string): ReadonlySet<string> {
  return new Set(list.toLowerCase().split(" "));
}

/** What auxiliary classes add to each class, by its name in lower case (RFC 4512 §4.1.6): to users and groups, their sAMAccountName. */
function readContentRules(entry: LdapEntry): Map<string, ObjectClass> {
  const rules = new Map<string, ObjectClass>();
  for (const value of entry.attributes.get("ditcontentrules") ?? []) {
    const rule = readDefinition(value.toString());
    for (const name of rule.get("NAME") ?? [])
      rules.set(name.toLowerCase(), { must: rule.get("MUST") ?? [], may: rule.get("MAY") ?? [] });
  }
  return rules;
}

/** Upper limits of lengths, by name in lower case: `( 2.5.4.3 NAME 'cn' RANGE-LOWER '1' RANGE-UPPER '64' …)`. */
function readLengths(entry: LdapEntry): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const value of entry.attributes.get("extendedattributeinfo") ?? []) {
    const [, name, upper] = /NAME '([^']+)'.*? RANGE-UPPER '(\d+)'/.exec(value.toString()) ?? [];
    if (name !== undefined && upper !== undefined) lengths.set(name.toLowerCase(), Number(upper));
  }
  return lengths;
}
