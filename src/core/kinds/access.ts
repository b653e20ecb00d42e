import { z } from "zod";
import {
  entitlement,
  exactlyOne,
  expression,
  longText,
  mapList,
  moment,
  record,
  reference,
  references,
  text,
} from "./common.ts";

const owner = reference.describe("The Identity that answers for this.");
const values = z.array(z.string().max(4096)).max(256);
const displayName = text.describe("What people call it.").optional();
const description = longText.describe("What it is for.").optional();
const requestable = z.boolean().default(false).describe("Whether people may ask for it.");

/** A job function: who has it, by rule, and the access profiles it gives. */
export const businessRoleSpec = z.object({
  displayName,
  description,
  owner: owner.optional(),
  members: z
    .object({ when: expression.describe("CEL over `identity`, to a bool. True: a member.") })
    .optional()
    .describe("Birthright. Absent: members come by Grant alone."),
  accessProfiles: references(64).default([]).describe("What its members get."),
  requestable,
});

/** A bundle of entitlements in one target. Having it also brings an account there. */
export const accessProfileSpec = z.object({
  displayName,
  description,
  owner: owner.optional(),
  target: reference.describe("The Target whose entitlements these are."),
  entitlements: mapList(
    z
      .array(
        entitlement.extend({
          ensure: z
            .boolean()
            .default(false)
            .describe("Creates the entitlement where it is missing, and keeps its declared attributes."),
          attributes: record(values, 64).optional().describe("Attributes of an ensured entitlement."),
        }),
      )
      .max(256),
    "name",
  )
    .default([])
    .describe("What it gives, beside the account itself."),
  requestable,
});

/** One piece of access given to one identity, for a time and a reason. */
export const grantSpec = exactlyOne(
  z.object({
    identity: reference.describe("The Identity that gets it."),
    businessRole: reference.optional().describe("The BusinessRole given."),
    accessProfile: reference.optional().describe("The AccessProfile given."),
    entitlement: entitlement
      .extend({ target: reference.describe("The Target that has it.") })
      .optional()
      .describe("A single entitlement given."),
    from: moment.optional().describe("First day, or the instant at which it begins. Default: at once."),
    until: moment.optional().describe("Last day, or the instant at which it ends. Default: never."),
    reason: longText.optional().describe("Why; shown wherever the access is explained."),
  }),
  ["businessRole", "accessProfile", "entitlement"],
);

export type BusinessRoleSpec = z.output<typeof businessRoleSpec>;
export type AccessProfileSpec = z.output<typeof accessProfileSpec>;
export type GrantSpec = z.output<typeof grantSpec>;
