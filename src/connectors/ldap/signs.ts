import type { LoginTrouble } from "../../core/model/account.ts";
import type { Signs } from "./dialect.ts";
import { texts } from "./entry.ts";
import { decodeValue } from "./values.ts";
import type { LdapEntry } from "./wire.ts";

/** The value that locks a password for good (draft-behera-ldap-password-policy §5.3.3). */
export const lockedForGood = "000001010000Z";
export const lockAttribute = "pwdAccountLockedTime";

/**
 * What the password policy overlay keeps in an entry (draft-behera-ldap-password-policy §5.3). Whether a password has expired, and when a lock ends, is in the policy
 * alone, so that the first is not told, and a lock counts until the next login takes it away.
 */
export function policyOverlay(now: () => number = Date.now): Signs {
  return {
    attributes: [lockAttribute, "pwdReset", "pwdEndTime"],
    troubles(entry, telling) {
      const locks = texts(entry, lockAttribute).filter(
        (value) => value !== lockedForGood || !isAmong(telling, lockAttribute),
      );
      return troublesOf({
        Locked: locks.length > 0,
        MustChangePassword: isTrue(entry, "pwdReset"),
        Expired: timeOf(entry, "pwdEndTime") <= now(),
      });
    },
  };
}

/** The time that 389 Directory Server writes for a lock without end, and for a password that others have set and that must be changed. */
const dawn = 0;
/** What it writes for a password that does not expire, and need not be changed. */
const afterDawn = 1_000;

/** What 389 Directory Server keeps in an entry: it writes down when a lock ends and a password expires. */
export function policyOf389(now: () => number = Date.now): Signs {
  return {
    attributes: ["accountUnlockTime", "pwdReset", "passwordExpirationTime", "nsAccountLock"],
    troubles(entry, telling) {
      const unlocks = timeOf(entry, "accountUnlockTime");
      const expires = timeOf(entry, "passwordExpirationTime");
      const isInactive = isTrue(entry, "nsAccountLock") && !isAmong(telling, "nsAccountLock");
      return troublesOf({
        Locked: isInactive || unlocks === dawn || (unlocks > now() && unlocks < never),
        MustChangePassword: isTrue(entry, "pwdReset") || expires === dawn,
        PasswordExpired: expires > afterDawn && expires <= now(),
      });
    },
  };
}

const never = Number.POSITIVE_INFINITY;

/** Milliseconds since the epoch; `never` where the entry has no such time. */
function timeOf(entry: LdapEntry, attribute: string): number {
  const [value] = entry.attributes.get(attribute.toLowerCase()) ?? [];
  const time = value === undefined ? never : Date.parse(decodeValue({ form: "time" }, value));
  return Number.isNaN(time) ? never : time;
}

function isTrue(entry: LdapEntry, attribute: string): boolean {
  return texts(entry, attribute).some((value) => value.toLowerCase() === "true");
}

function isAmong(names: readonly string[], name: string): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase());
}

export function troublesOf(found: Partial<Readonly<Record<LoginTrouble, boolean>>>): LoginTrouble[] {
  return (Object.keys(found) as LoginTrouble[]).filter((trouble) => found[trouble]);
}
