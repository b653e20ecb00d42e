import { FilterParser } from "ldapts";
import { z } from "zod";
import { celRule, credential, exactlyOne, text } from "../../core/kinds/common.ts";

export const distinguishedName = text.describe("A distinguished name (RFC 4514).");
export const attributeName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/, "must be an attribute's name, such as employeeType");

export const serverUrl = z
  .string()
  .max(512)
  .regex(
    /^ldaps?:[/][/](\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?[/]?$/,
    "must be ldap://HOST[:PORT] or ldaps://HOST[:PORT]",
  );

export const authorities = credential
  .optional()
  .describe(
    "The certificates, in PEM, of the authorities that may sign the server's. Default: those of the system.",
  );

export const connections = z
  .int()
  .min(1)
  .max(32)
  .default(4)
  .describe("Sessions to have open at once, at most.");

/** A filter as manifests write it, described by its owner. */
export const filterText = z
  .string()
  .max(2048)
  .refine(isFilter, "must be a filter as RFC 4515 writes it, such as (objectClass=inetOrgPerson)");

const loopback = /^ldap:[/][/](localhost|127[.][0-9.]+|\[::1\])(:[0-9]+)?[/]?$/;
const plaintextRule = "must not be Allowed unless url is ldap:// on the loopback interface";

/** `spec.ldap` of a Store. */
export const ldapStore = celRule(
  z
    .object({
      url: serverUrl.describe(
        "Where the server is. An ldap:// connection is encrypted by StartTLS before anything else is sent.",
      ),
      plaintext: z
        .enum(["Refused", "Allowed"])
        .default("Refused")
        .describe("Allowed: no StartTLS. Only for a server on the loopback interface."),
      bind: z
        .object({ dn: distinguishedName, password: credential })
        .describe("The service account's name and password (a simple bind)."),
      ca: authorities,
      pageSize: z.int().min(1).max(100_000).default(1000).describe("Entries to ask for at a time."),
      connections,
      transactions: z
        .enum(["Auto", "Never"])
        .default("Never")
        .describe(
          "Auto: many changes are committed together where the server can (RFC 5805). Read docs/connectors/ldap.md first: a fault of OpenLDAP can crash the server when the connection is lost.",
        ),
    })
    .refine((store) => store.plaintext === "Refused" || loopback.test(store.url), plaintextRule),
  {
    rule: "self.plaintext != 'Allowed' || self.url.matches('^ldap:[/][/](localhost|127[.][0-9.]+|[[]::1[]])(:[0-9]+)?[/]?$')",
    message: plaintextRule,
  },
);

export const stateAttribute = z.object({
  name: attributeName,
  disabled: text.describe("The value that says that the account is disabled."),
  enabled: text.optional().describe("The value of an enabled account. Absent: the attribute is removed."),
});

const disable = exactlyOne(
  z.object({
    attribute: stateAttribute.optional(),
    move: z.object({ to: distinguishedName.describe("Where disabled accounts lie.") }).optional(),
    lock: z
      .enum(["PasswordPolicy"])
      .optional()
      .describe("Locks the password for good: pwdAccountLockedTime of the password policy overlay."),
  }),
  ["attribute", "move", "lock"],
).describe("How an account is disabled here.");

export const groups = z.object({
  base: distinguishedName.describe("Groups lie at or below it."),
  objectClass: z.enum(["groupOfNames", "groupOfUniqueNames", "posixGroup"]).default("groupOfNames"),
  nameAttribute: attributeName.default("cn").describe("What `by: Name` looks at."),
  filler: distinguishedName
    .optional()
    .describe(
      "A member that stands in where a group would be empty, which the class forbids. Never reported.",
    ),
});

/** `spec.ldap` of a Target. */
export const ldapTarget = z.object({
  bases: z
    .array(distinguishedName)
    .max(16)
    .default([])
    .describe("Accounts lie below these. Default: everything the server holds."),
  scope: z.enum(["Subtree", "OneLevel"]).default("Subtree"),
  filter: filterText.default("(objectClass=person)").describe("Which entries are accounts (RFC 4515)."),
  disable: disable.optional(),
  groups: groups.optional(),
});

export type StateAttribute = z.output<typeof stateAttribute>;
export type LdapStore = z.output<typeof ldapStore>;
export type LdapTarget = z.output<typeof ldapTarget>;

/** The library's parser overlooks missing brackets at the end; in values they are escaped, so that they can be counted. */
function isFilter(filter: string): boolean {
  if (!filter.startsWith("(") || filter.split("(").length !== filter.split(")").length) return false;
  try {
    FilterParser.parseString(filter);
    return true;
  } catch {
    return false;
  }
}
