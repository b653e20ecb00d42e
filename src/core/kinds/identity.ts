import { z } from "zod";
import { exactlyOne, mapList, moment, objectName, reference, text } from "./common.ts";

const multi = z.object({ value: text, type: text.optional(), primary: z.boolean().optional() });
const values = z.array(z.string().max(4096)).max(256);

/** When and whether this identity is active. The state acts at once; days are whole days in UTC. */
const lifecycle = z.object({
  state: z
    .enum(["Active", "Inactive"])
    .default("Active")
    .describe("Inactive: treated as having left, whatever the dates say."),
  start: moment.optional().describe("First day or instant of being active."),
  end: moment.optional().describe("Last day, or the instant at which being active ends."),
  emergency: z
    .enum(["Disable"])
    .optional()
    .describe("Disables every account at once, past budgets and holds, up to limits.emergency."),
});

/** A link decided by a person, instead of by correlation. */
const pinnedLink = exactlyOne(
  z.object({
    target: objectName,
    anchor: text.optional().describe("The account with this anchor is this identity's."),
    cut: z.enum(["Cut"]).optional().describe("This identity has no account here, whatever the rules find."),
  }),
  ["anchor", "cut"],
);

/**
 * A person or a machine: who they are. Attribute names are SCIM's (RFC 7643 §4.1, core, and §4.3, enterprise user).
 * What they may use is never said here, but by business roles, access profiles and grants.
 */
export const identitySpec = z.object({
  id: text
    .optional()
    .describe("The identity's key, for good: an HR number, never reused. Default: the object's name."),
  userName: text,
  name: z
    .object({
      formatted: text.optional(),
      familyName: text.optional(),
      givenName: text.optional(),
      middleName: text.optional(),
      honorificPrefix: text.optional(),
      honorificSuffix: text.optional(),
    })
    .optional(),
  displayName: text.optional(),
  nickName: text.optional(),
  title: text.optional(),
  userType: text.optional(),
  preferredLanguage: text.optional(),
  locale: text.optional(),
  timezone: text.optional(),
  emails: mapList(z.array(multi).max(32), "value").optional(),
  phoneNumbers: mapList(z.array(multi).max(32), "value").optional(),
  addresses: z
    .array(
      z.object({
        formatted: text.optional(),
        streetAddress: text.optional(),
        locality: text.optional(),
        region: text.optional(),
        postalCode: text.optional(),
        country: text.optional(),
        type: text.optional(),
        primary: z.boolean().optional(),
      }),
    )
    .max(8)
    .optional(),
  employeeNumber: text.optional(),
  costCenter: text.optional(),
  organization: text.optional(),
  division: text.optional(),
  department: text.optional(),
  manager: reference.optional().describe("The Identity this one reports to."),
  attributes: z
    .record(z.string().min(1).max(128), values)
    .optional()
    .describe("Free attributes, each a list of texts."),
  lifecycle: lifecycle.optional(),
  externalIds: mapList(z.array(z.object({ issuer: text, subject: text })).max(32), "issuer").optional(),
  links: mapList(z.array(pinnedLink).max(64), "target").optional(),
});

/** As parsed: `id` is the object's name where the manifest gives none. */
export type IdentitySpec = z.output<typeof identitySpec>;
