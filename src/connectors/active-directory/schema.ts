import { z } from "zod";
import { credential, duration, text } from "../../core/kinds/common.ts";
import { authorities, connections, distinguishedName, filterText, serverUrl } from "../ldap/schema.ts";

/** `spec.activeDirectory` of a Store. */
export const activeDirectoryStore = z.object({
  urls: z
    .array(serverUrl)
    .min(1)
    .max(16)
    .describe(
      "The domain's controllers. The first is worked with, and the next one only when it cannot be reached. An ldap:// connection is encrypted by StartTLS before anything else is sent.",
    ),
  replication: duration
    .default("5m")
    .describe(
      "When a change is taken to have arrived at all controllers. Until it is known to have arrived, no other controller is turned to for so long.",
    ),
  bind: z
    .object({
      name: text.describe("Its user principal name (svc-rollcall@example.org) or distinguished name."),
      password: credential,
    })
    .describe("The service account (a simple bind over TLS)."),
  ca: authorities,
  pageSize: z
    .int()
    .min(1)
    .max(1000)
    .default(1000)
    .describe("Entries to ask for at a time. Controllers give 1000 at most (MaxPageSize)."),
  connections,
  adminAccounts: z
    .enum(["Protected", "Managed"])
    .default("Protected")
    .describe(
      "Protected: accounts and groups whose adminCount is 1, which have or had administrative rights, are never changed.",
    ),
});

const groups = z.object({
  base: distinguishedName.describe("Groups lie at or below it."),
  nameAttribute: z
    .enum(["sAMAccountName", "cn"])
    .default("sAMAccountName")
    .describe("What `by: Name` looks at."),
  type: z
    .enum(["Global", "Universal", "DomainLocal"])
    .default("Global")
    .describe("Of groups that are created."),
  purpose: z.enum(["Security", "Distribution"]).default("Security").describe("Of groups that are created."),
});

/** `spec.activeDirectory` of a Target. */
export const activeDirectoryTarget = z.object({
  bases: z
    .array(distinguishedName)
    .max(16)
    .default([])
    .describe("Accounts lie below these. Default: the whole domain."),
  scope: z.enum(["Subtree", "OneLevel"]).default("Subtree"),
  filter: filterText
    .default("(&(objectCategory=person)(objectClass=user))")
    .describe("Which entries are accounts (RFC 4515). Default: users, and no computers."),
  disable: z
    .object({ moveTo: distinguishedName.describe("Where disabled accounts lie.").optional() })
    .default({})
    .describe("An account is disabled by userAccountControl, and moved where this says so."),
  deleted: z
    .enum(["Restore", "Ignore"])
    .default("Restore")
    .describe(
      "Restore: an account that comes back after it was deleted is the deleted object again, where the controller has it still and shows it. Ignore: it is always a new one.",
    ),
  groups: groups.optional(),
});

export type ActiveDirectoryStore = z.output<typeof activeDirectoryStore>;
export type ActiveDirectoryTarget = z.output<typeof activeDirectoryTarget>;
