import { StoreError } from "../errors.ts";
import { readPasswordPolicy } from "./controls.ts";
import { resultError } from "./errors.ts";
import type { LdapResult } from "./wire.ts";

/** The rules that a password can break, by the number that the server gives them (draft-behera-ldap-password-policy §6.2; 9 is OpenLDAP's). */
const rules: Readonly<Record<number, string>> = {
  1: "the account is locked (accountLocked)",
  3: "the policy lets nobody set it (passwordModNotAllowed)",
  4: "the policy wants the old one with it (mustSupplyOldPassword)",
  5: "it fails the policy's quality checks: kinds of characters, words of the account, length (insufficientPasswordQuality)",
  6: "it is too short (passwordTooShort)",
  7: "the one before is too young to be changed (passwordTooYoung)",
  8: "it was used before (passwordInHistory)",
  9: "it is too long (passwordTooLong)",
};

/** The error for a password that was not set: of this account, never of the whole store, and with the rule that it breaks where the server tells. */
export function passwordError(action: string, result: LdapResult): StoreError {
  const { kind, message } = resultError(action, result);
  const rule = rules[readPasswordPolicy(result) ?? -1];
  return new StoreError(
    kind === "Unauthenticated" ? "Invalid" : kind,
    rule === undefined ? message : `${message}: ${rule}`,
  );
}
