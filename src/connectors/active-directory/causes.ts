import type { ErrorRow, StoreErrorKind } from "../errors.ts";
import type { LdapResult, Meaning } from "../ldap/wire.ts";

type Row = readonly [kind: StoreErrorKind, meaning: string, why: string];

const login = (meaning: string, why: string): Row => ["Unauthenticated", meaning, why];

/** Why a login was refused: the `data` of an AcceptSecurityContext error, a Windows error in hexadecimal (MS-ERREF §2.2). */
const logins: Readonly<Record<string, Row>> = {
  "525": login("no such user", "correct bind.name"),
  "52e": login("wrong name or password", "correct bind.name or the password it refers to"),
  "530": login("not at this time", "allow the service account to log on at any hour"),
  "531": login("not from this machine", "allow the service account to log on from everywhere"),
  "532": login("its password has expired", "set it a new one that never expires"),
  "533": login("it is disabled", "enable the service account"),
  "701": login("it has expired", "take the end from the service account"),
  "773": login("its password must be changed first", "set it a new one that need not be"),
  "775": login(
    "it is locked out",
    "unlock the service account, and find out who uses it with a wrong password",
  ),
};

const passwordRestriction = "0000052D";
const sameName = "another object has this name or sAMAccountName";
const noParent = "create the organizational unit that it is to lie in";

/** What the Windows error at the beginning of an answer says beyond the result code (MS-ERREF §2.2). */
const causes: Readonly<Record<string, Row>> = {
  "00000524": ["Conflict", "user exists", sameName],
  "00000526": ["Conflict", "group exists", sameName],
  [passwordRestriction]: [
    "Invalid",
    "password restriction",
    "the domain's password policy refuses it, or a fine-grained one that holds for the account",
  ],
  "00000563": ["Conflict", "alias exists", sameName],
  "0000200A": [
    "Invalid",
    "attribute not in the schema",
    "extend the domain's schema, or unmap the attribute",
  ],
  "00002071": ["Conflict", "object exists", sameName],
  "0000207D": ["Invalid", "attribute not allowed in this class", "unmap the attribute"],
  "00002089": ["Invalid", "parent unknown", noParent],
  "00002095": ["Invalid", "parent does not exist", noParent],
  "000021C7": ["Conflict", "service principal name is not unique", "another object has it"],
  "000021C8": ["Conflict", "user principal name is not unique", "another object has it"],
};

/** For the docs. */
export const causeRows: readonly ErrorRow[] = [
  ...Object.entries(logins).map(([code, [kind, meaning]]) => ({ code: `49, data ${code}`, kind, meaning })),
  ...Object.entries(causes).map(([code, [kind, meaning]]) => ({ code, kind, meaning })),
];

const invalidCredentials = 49;

/** What a controller's own words say of a refusal; undefined: no more than its code. `rules` is what the domain wants of passwords. */
export function explain({ code, text }: LdapResult, rules: string | undefined): Meaning | undefined {
  const error = windowsError(text);
  const row = code === invalidCredentials ? logins[dataOf(text)] : (causes[error] ?? inUse(text));
  if (row === undefined) return undefined;
  const [kind, , why] = row;
  const isPassword = error === passwordRestriction && rules !== undefined;
  return { kind, why: isPassword ? `${why}; the domain wants ${rules}` : why };
}

function dataOf(text: string): string {
  return /data ([0-9a-f]+)/i.exec(text)?.[1]?.toLowerCase() ?? "";
}

function windowsError(text: string): string {
  return /^([0-9A-F]{8}):/.exec(text)?.[1] ?? "";
}

/** Samba says of what is not unique that it is a constraint violation. */
function inUse(text: string): Row | undefined {
  return text.includes("already in use") ? ["Conflict", "value in use", "another object has it"] : undefined;
}
