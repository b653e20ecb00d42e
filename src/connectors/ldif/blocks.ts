import { z } from "zod";
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

/** The `ldif` block of a Target: which entries are accounts, and what in them is what. */
export const ldifTargetBlock = z.object({
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
  groups: groups.optional(),
});

export type LdifStoreBlock = z.output<typeof ldifStoreBlock>;
export type LdifTargetBlock = z.output<typeof ldifTargetBlock>;
