import { z } from "zod";
import {
  entitlement,
  exactlyOne,
  expression,
  longText,
  mapList,
  moment,
  reference,
  references,
  text,
} from "./common.ts";

const owner = reference.describe("The Identity that answers for this.");
const values = z.array(z.string().max(4096)).max(256);

/** A job function: who has it, by rule, and the access profiles it gives. */
export const businessRoleSpec = z.object({
  displayName: text.optional(),
  description: longText.optional(),
  owner: owner.optional(),
  members: z
    .object({ when: expression.describe("CEL over `identity`, to a bool. True: a member.") })
    .optional()
    .describe("Birthright. Absent: members come by Grant alone."),
  accessProfiles: references(64).default([]),
  requestable: z.boolean().default(false),
});

/** A bundle of entitlements in one target. Having it also brings an account there. */
export const accessProfileSpec = z.object({
  displayName: text.optional(),
  description: longText.optional(),
  owner: owner.optional(),
  target: reference,
  entitlements: mapList(
    z
      .array(
        entitlement.extend({
          ensure: z
            .boolean()
            .default(false)
            .describe("Creates the entitlement where it is missing, and keeps its declared attributes."),
          attributes: z
            .record(z.string().min(1).max(128), values)
            .optional()
            .describe("Attributes of an ensured entitlement."),
        }),
      )
      .max(256),
    "name",
  ).default([]),
  requestable: z.boolean().default(false),
});

/** One piece of access given to one identity, for a time and a reason. */
export const grantSpec = exactlyOne(
  z.object({
    identity: reference,
    businessRole: reference.optional(),
    accessProfile: reference.optional(),
    entitlement: entitlement.extend({ target: reference }).optional(),
    from: moment.optional(),
    until: moment.optional().describe("Last day, or the instant at which it ends."),
    reason: longText.optional(),
  }),
  ["businessRole", "accessProfile", "entitlement"],
);

export type BusinessRoleSpec = z.output<typeof businessRoleSpec>;
export type AccessProfileSpec = z.output<typeof accessProfileSpec>;
export type GrantSpec = z.output<typeof grantSpec>;
