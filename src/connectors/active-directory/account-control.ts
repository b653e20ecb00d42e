import { Attribute, Change } from "ldapts";
import { StoreError } from "../errors.ts";
import type { AccountState } from "../ldap/account-state.ts";
import { denied, texts } from "../ldap/entry.ts";
import type { LdapEntry } from "../ldap/wire.ts";

/** Bits of userAccountControl (MS-ADTS §2.2.16). */
const bits = { disabled: 0x2, normalAccount: 0x200 } as const;

const name = "userAccountControl";

/**
 * Enabled or not by one bit of userAccountControl; all others stay as they are. The value that was seen is deleted and the new one
 * added in one request, so that a controller refuses it when somebody else has changed it since.
 */
export const accountControl: AccountState = {
  attributes: [name],
  looksFirst: true,
  isEnabled,
  initial(enabled, mapped) {
    const full = { objectClass: ["user"], ...mapped };
    if (!Object.keys(full).some((key) => key.toLowerCase() === "samaccountname"))
      throw new StoreError(
        "Invalid",
        "cannot add an account without a sAMAccountName: the domain would make one up; map it",
      );
    return {
      mapped: full,
      raw: [values(enabled ? bits.normalAccount : bits.normalAccount | bits.disabled)],
    };
  },
  changes(enabled, _server, now) {
    const before = now === undefined ? bits.normalAccount : controlOf(now);
    const after = enabled ? before & ~bits.disabled : before | bits.disabled;
    if (before === after) return [];
    return [
      new Change({ operation: "delete", modification: values(before) }),
      new Change({ operation: "add", modification: values(after) }),
    ];
  },
};

export function isEnabled(entry: LdapEntry): boolean {
  return (controlOf(entry) & bits.disabled) === 0;
}

/** Each account has one. Where it is hidden nobody must be taken for enabled: not all may read it in every domain. */
function controlOf(entry: LdapEntry): number {
  const [control] = texts(entry, name);
  if (control === undefined) throw denied(`tell whether ${entry.dn} is enabled`, name);
  return Number(control);
}

const values = (control: number) => new Attribute({ type: name, values: [String(control)] });
