import { Attribute, Change, ModifyRequest } from "ldapts";
import type { NewPassword } from "../contract.ts";
import type { PasswordForm } from "../ldap/password.ts";

/**
 * unicodePwd: the password in quotes, as UTF-16LE, which a controller takes over an encrypted connection only and never gives back
 * (MS-ADTS §3.1.1.3.1.5). Replacing it is a reset, which needs that right and no old password. A pwdLastSet of 0 makes the user change it.
 */
export const byUnicodePwd: PasswordForm = {
  initial: (password) => attributes(password),
  requests: (address, password) => [
    new ModifyRequest({
      messageId: 0,
      dn: address,
      changes: attributes(password).map((modification) => new Change({ operation: "replace", modification })),
    }),
  ],
};

function attributes({ value, mustChange }: NewPassword): Attribute[] {
  const password = new Attribute({ type: "unicodePwd", values: [Buffer.from(`"${value}"`, "utf16le")] });
  return mustChange ? [password, new Attribute({ type: "pwdLastSet", values: ["0"] })] : [password];
}
