import { z } from "zod";
import { celRule } from "../../core/kinds/common.ts";
import { entitlementNames } from "../files/blocks.ts";
import { fileStoreBlock } from "../files/place-block.ts";
import { attributeName, distinguishedName, groups, stateAttribute } from "../ldap/schema.ts";

/** The `ldif` block of a Store: which files. */
export const ldifStoreBlock = fileStoreBlock({
  binary: z
    .array(attributeName)
    .max(64)
    .default([
      "audio",
      "jpegPhoto",
      "photo",
      "thumbnailPhoto",
      "userCertificate",
      "userSMIMECertificate",
      "userPKCS12",
    ])
    .describe("Attributes whose values are bytes, in base64 in mappings."),
});

const ldifTarget = z.object({
  bases: z
    .array(distinguishedName)
    .max(16)
    .default([])
    .describe("Accounts lie below these. Default: anywhere."),
  objectClass: attributeName
    .default("person")
    .describe(
      "Entries that list it are accounts; a file knows no superclasses, so name one that each of them lists.",
    ),
  id: attributeName
    .optional()
    .describe(
      "The attribute of an id that never changes, which the target maps; entryUUID need not be mapped, a new account gets one. Absent: the name, and no renames.",
    ),
  disable: z.object({ attribute: stateAttribute }).optional().describe("How an account is disabled here."),
  groups: groups.optional().describe("Entitlements are groups, which list their members."),
  entitlements: z
    .object({
      attribute: attributeName.describe("The attribute of accounts that lists what each holds."),
      names: entitlementNames,
    })
    .optional()
    .describe("Entitlements are values of an attribute of accounts."),
});

const either = "must not set both groups and entitlements";

/** The `ldif` block of a Target: which entries are accounts, and what in them is what. */
export const ldifTargetBlock = celRule(
  ldifTarget.refine(({ groups, entitlements }) => groups === undefined || entitlements === undefined, either),
  { rule: "!has(self.groups) || !has(self.entitlements)", message: either },
);

/** An attribute of accounts that lists what each holds. */
export type HeldAttribute = NonNullable<z.output<typeof ldifTarget>["entitlements"]>;
export type LdifStoreBlock = z.output<typeof ldifStoreBlock>;
export type LdifTargetBlock = z.output<typeof ldifTargetBlock>;
