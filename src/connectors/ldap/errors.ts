import { type ErrorRow, StoreError, type StoreErrorKind } from "../errors.ts";
import type { LdapResult } from "./wire.ts";

/** The result codes that the connector decides by (RFC 4511 §4.1.9, RFC 4528). */
export const codes = {
  success: 0,
  operationsError: 1,
  noSuchAttribute: 16,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  insufficientAccessRights: 50,
  unavailable: 52,
  unwillingToPerform: 53,
  objectClassViolation: 65,
  entryAlreadyExists: 68,
  assertionFailed: 122,
} as const;

type Row = readonly [kind: StoreErrorKind, name: string, cure?: string];

const limits = "raise the limits of the bind DN on the server, or lower pageSize";

/** Result codes, mapped once. What is not listed is Invalid, reported in the server's own words. */
const rows: Readonly<Record<number, Row>> = {
  1: ["Unavailable", "operations error"],
  2: ["Invalid", "protocol error"],
  3: ["Unavailable", "time limit exceeded", limits],
  4: ["Unavailable", "size limit exceeded", limits],
  7: ["Unauthenticated", "authentication method not supported"],
  8: ["Unauthenticated", "stronger authentication required", "use ldaps:// or StartTLS"],
  10: ["Unavailable", "referral", "point the store's url at the server that holds and may change this entry"],
  11: ["Unavailable", "administrative limit exceeded", limits],
  12: ["Invalid", "unavailable critical extension"],
  13: ["Unauthenticated", "confidentiality required", "use ldaps:// or StartTLS"],
  16: ["Moved", "no such attribute"],
  17: ["Invalid", "undefined attribute type", "load the schema that defines it, or unmap the attribute"],
  18: ["Invalid", "inappropriate matching"],
  19: ["Invalid", "constraint violation"],
  20: ["Moved", "attribute or value exists"],
  21: ["Invalid", "invalid attribute syntax"],
  32: ["NotFound", "no such object"],
  34: ["Invalid", "invalid DN syntax"],
  48: ["Unauthenticated", "inappropriate authentication"],
  49: ["Unauthenticated", "invalid credentials", "correct bind.dn or the password it refers to"],
  50: ["Denied", "insufficient access rights", "give the bind DN the right on the server"],
  51: ["Retryable", "busy"],
  52: ["Unavailable", "unavailable"],
  53: ["Invalid", "unwilling to perform"],
  54: ["Unavailable", "loop detected"],
  64: ["Invalid", "naming violation"],
  65: ["Invalid", "object class violation", "map what the object class requires and nothing it forbids"],
  66: ["Invalid", "not allowed on non-leaf", "remove the entries below it first"],
  67: ["Invalid", "not allowed on RDN", "rename the entry instead"],
  68: ["Conflict", "entry already exists"],
  69: ["Invalid", "object class modifications prohibited"],
  71: ["Invalid", "affects multiple servers"],
  80: ["Retryable", "other"],
  114: ["Unavailable", "the server could not be asked"],
  118: ["Unavailable", "canceled"],
  122: ["Moved", "assertion failed", "it is no longer the entry that was read"],
  123: ["Denied", "authorization denied"],
};

/** What any LDAP server may answer, and what the connector finds by itself. */
export const errorRows: readonly ErrorRow[] = [
  ...Object.entries(rows).map(([code, [kind, meaning]]) => ({ code, kind, meaning })),
  { kind: "Invalid", meaning: "any other result code" },
  { kind: "Conflict", meaning: "constraint violation whose words are that a value is not unique" },
  {
    kind: "Unavailable",
    meaning: "a server that cannot be reached or not be trusted, a connection lost while reading",
  },
  { kind: "InDoubt", meaning: "a connection lost after a change was sent" },
];

/** The error for a result that is no success. `action` is a verb phrase with the object: `add uid=alice,ou=people`. */
export function resultError(action: string, result: LdapResult): StoreError {
  const [usual, name, cure] = rows[result.code] ?? ["Invalid", "refused"];
  const { kind = usual, why = cure } = result.meaning ?? {};
  // Active Directory ends its texts with line breaks and NULs.
  const said = result.text.replace(/[\s\0]+/g, " ").trim();
  const words = said === "" ? "" : `: ${said}`;
  const elsewhere = result.referrals.length === 0 ? "" : ` to ${result.referrals.join(", ")}`;
  const at = result.from === undefined ? "" : ` at ${result.from}`;
  const message = `cannot ${action}${at}: ${name} (${result.code})${elsewhere}${words}`;
  // OpenLDAP's `unique` overlay says constraintViolation where it means that another entry has the value.
  const notUnique = result.code === 19 && /unique/i.test(result.text);
  return new StoreError(notUnique ? "Conflict" : kind, why === undefined ? message : `${message}; ${why}`);
}

/** The error for something new that was refused: it is not that which was not found. */
export function additionError(action: string, result: LdapResult): StoreError {
  if (result.code !== codes.noSuchObject || result.meaning !== undefined) return resultError(action, result);
  const meaning = { kind: "NotFound", why: "create the entry that it is to lie in" } as const;
  return resultError(action, { ...result, meaning });
}

/** The error for a connection that could not be made, or not be trusted. */
export function connectError(url: string, cause: unknown): StoreError {
  const error = cause as NodeJS.ErrnoException;
  const cure = cures[error.code ?? ""];
  return new StoreError(
    "Unavailable",
    cure === undefined
      ? `cannot connect to ${url}: ${error.message}`
      : `cannot trust ${url}: ${error.message}; ${cure}`,
    { cause },
  );
}

const setCa = "set ca to the certificate of the authority that signed the server's";
const cures: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: setCa,
  SELF_SIGNED_CERT_IN_CHAIN: setCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: setCa,
  UNABLE_TO_GET_ISSUER_CERT: setCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: setCa,
  CERT_SIGNATURE_FAILURE: setCa,
  ERR_TLS_CERT_ALTNAME_INVALID: "put a name into url that the server's certificate carries",
  CERT_HAS_EXPIRED: "renew the server's certificate",
  CERT_NOT_YET_VALID: "check both clocks, or the server's certificate",
};
