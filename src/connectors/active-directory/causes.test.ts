import { expect, test } from "vitest";
import { resultError } from "../ldap/errors.ts";
import type { LdapResult } from "../ldap/wire.ts";
import { explain } from "./causes.ts";

/** Answers as Windows and Samba give them. */
test.each([
  [
    49,
    "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 775, v2580\0",
    "Unauthenticated",
    "invalid credentials (49): 80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 775, v2580; unlock the service account",
  ],
  [
    49,
    "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 533, v1db1",
    "Unauthenticated",
    "; enable the",
  ],
  [
    19,
    "0000052D: AtrErr: DSID-03191083, #1:\n\t0: 0000052D: DSID-03191083, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)\n\0",
    "Invalid",
    "data 0, Att 9005a (unicodePwd); the domain's password policy",
  ],
  [
    53,
    "0000052D: SvcErr: DSID-031A0FC0, problem 5003 (WILL_NOT_PERFORM), data 0\n\0",
    "Invalid",
    "account; the domain wants at least 7 characters",
  ],
  [
    68,
    "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0\n\0",
    "Conflict",
    "sAMAccountName",
  ],
  [68, "00002071: samldb: samAccountName 'dis' already in use!", "Conflict", "sAMAccountName"],
  [
    19,
    "000021C8: AtrErr: DSID-03200BBA, #1:\n\t0: 000021C8: DSID-03200BBA, problem 1005 (CONSTRAINT_ATT_TYPE)",
    "Conflict",
    "another object",
  ],
  [19, "0000202F: samldb: userPrincipalName 'a@b' is already in use ", "Conflict", "another object"],
  [80, "00002095: objectclass: Cannot rename CN=A, parent does not exist!", "Invalid", "organizational unit"],
  [51, "00002024: SvcErr: DSID-02080B56, problem 5001 (BUSY), data 0\n", "Retryable", "busy (51)"],
  [
    50,
    "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n\0",
    "Denied",
    "give the bind DN",
  ],
])("%d %j is %s, and says why", (code, text, kind, words) => {
  const answer: LdapResult = {
    code,
    text,
    matchedDn: "",
    referrals: [],
    value: undefined,
    controls: new Map(),
  };
  const meaning = explain(answer, "at least 7 characters");
  const error = resultError("add CN=ada", meaning === undefined ? answer : { ...answer, meaning });
  expect(error.kind).toBe(kind);
  expect(error.message).toContain(words);
  expect(error.message).not.toMatch(/[\n\t\0]/);
});
