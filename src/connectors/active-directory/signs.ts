import type { Signs } from "../ldap/dialect.ts";
import { texts } from "../ldap/entry.ts";
import { troublesOf } from "../ldap/signs.ts";
import type { LdapEntry } from "../ldap/wire.ts";
import { isEnabled } from "./account-control.ts";
import { decodeFiletime } from "./filetime.ts";

/** Bits of msDS-User-Account-Control-Computed (MS-ADTS §3.1.1.4.5.17). */
const computed = { locked: 0x10, passwordExpired: 0x80_0000 } as const;

/**
 * What a domain says of its objects. adminCount is 1 in what has, or had, administrative rights: the domain takes the rights that
 * others have to it away every hour (MS-ADTS §3.1.1.6.1).
 */
export function signsOf(adminAccounts: "Protected" | "Managed", now: () => number = Date.now): Signs {
  return {
    attributes: [
      "adminCount",
      "isCriticalSystemObject",
      "userAccountControl",
      "msDS-User-Account-Control-Computed",
      "pwdLastSet",
      "accountExpires",
    ],
    protection(entry) {
      // Administrator, Guest, krbtgt. Groups may be critical too, and their members are managed all the same.
      if (isTrue(entry, "isCriticalSystemObject") && texts(entry, "userAccountControl").length > 0)
        return "isCriticalSystemObject is TRUE: the domain itself needs it";
      if (adminAccounts === "Managed" || texts(entry, "adminCount")[0] !== "1") return undefined;
      return "adminCount is 1: it has, or had, administrative rights";
    },
    troubles(entry) {
      if (!isEnabled(entry)) return [];
      const bits = Number(texts(entry, "msDS-User-Account-Control-Computed")[0] ?? 0);
      const mustChange = texts(entry, "pwdLastSet")[0] === "0";
      const isStale = (bits & computed.passwordExpired) !== 0;
      const end = decodeFiletime(texts(entry, "accountExpires")[0] ?? "");
      return troublesOf({
        Locked: (bits & computed.locked) !== 0,
        PasswordExpired: isStale && !mustChange,
        MustChangePassword: isStale && mustChange,
        Expired: end !== undefined && Date.parse(end) <= now(),
      });
    },
  };
}

function isTrue(entry: LdapEntry, attribute: string): boolean {
  return texts(entry, attribute)[0] === "TRUE";
}
