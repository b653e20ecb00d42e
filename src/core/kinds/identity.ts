import { z } from "zod";
import { celRule, exactlyOne, mapList, moment, objectName, record, reference, text } from "./common.ts";

const kindOf = text.optional().describe("What it is for: `work`, `home`, `mobile`.");
const primary = z.boolean().optional().describe("Whether it is the one to use first.");
const multi = (of: string) => z.object({ value: text.describe(`The ${of}.`), type: kindOf, primary });
const values = z.array(z.string().max(4096)).max(256);
const optionalText = (meaning: string) => text.optional().describe(meaning);

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
    target: objectName.describe("The Target's name."),
    anchor: text.optional().describe("The account with this anchor is this identity's."),
    cut: z.enum(["Cut"]).optional().describe("This identity has no account here, whatever the rules find."),
  }),
  ["anchor", "cut"],
);

const spec = z.object({
  id: text
    .optional()
    .describe("The identity's key, for good: an HR number, never reused. Default: the object's name."),
  userName: text.describe("The login name, unique in the organisation; renaming it renames accounts."),
  name: z
    .object({
      formatted: optionalText("The full name, as printed."),
      familyName: optionalText("The family name, as in `Lovelace`."),
      givenName: optionalText("The given name, as in `Ada`."),
      middleName: optionalText("Middle names."),
      honorificPrefix: optionalText("`Dr`, `Ms`."),
      honorificSuffix: optionalText("`III`, `MD`."),
    })
    .optional()
    .describe("The parts of a person's name."),
  displayName: optionalText("The name to show."),
  nickName: optionalText("What friends say."),
  title: optionalText("The job title."),
  userType: optionalText("The relation to the organisation: `Employee`, `Contractor`, `Service`."),
  preferredLanguage: optionalText("As in an Accept-Language header: `de, en;q=0.8`."),
  locale: optionalText("For dates and numbers: `de-CH`."),
  timezone: optionalText("An IANA name: `Europe/Zurich`."),
  emails: mapList(z.array(multi("address")).max(32), "value")
    .optional()
    .describe("E-mail addresses."),
  phoneNumbers: mapList(z.array(multi("number, as in +41 44 668 18 00")).max(32), "value")
    .optional()
    .describe("Phone numbers."),
  addresses: z
    .array(
      z.object({
        formatted: optionalText("The whole address, as on an envelope."),
        streetAddress: optionalText("Street and number."),
        locality: optionalText("City."),
        region: optionalText("State or region."),
        postalCode: optionalText("Postal code."),
        country: optionalText("ISO 3166-1: `CH`."),
        type: kindOf,
        primary,
      }),
    )
    .max(8)
    .optional()
    .describe("Postal addresses."),
  employeeNumber: optionalText("The number that personnel administration uses."),
  costCenter: optionalText("Cost centre."),
  organization: optionalText("Organisation."),
  division: optionalText("Division."),
  department: optionalText("Department."),
  manager: reference.optional().describe("The Identity this one reports to."),
  attributes: record(values, 256).optional().describe("Free attributes, each a list of texts."),
  lifecycle: lifecycle.optional().describe("When and whether this identity is active. Default: always."),
  externalIds: mapList(
    z
      .array(
        z.object({
          issuer: text.describe("Who gave it: an issuer's URL."),
          subject: text.describe("The id there."),
        }),
      )
      .max(32),
    "issuer",
  )
    .optional()
    .describe("What other systems call this identity: the `iss` and `sub` of their tokens."),
  links: mapList(z.array(pinnedLink).max(64), "target")
    .optional()
    .describe("Links to accounts that a person has decided, in place of correlation."),
});

/**
 * A person or a machine: who they are. Attribute names are SCIM's (RFC 7643 §4.1, core, and §4.3, enterprise user).
 * What they may use is never said here, but by business roles, access profiles and grants.
 */
export const identitySpec = celRule(spec, {
  rule: "has(self.id) == has(oldSelf.id) && (!has(self.id) || self.id == oldSelf.id)",
  message: "id is for good: give the new person an object with another name",
});

/** As parsed: `id` is the object's name where the manifest gives none. */
export type IdentitySpec = z.output<typeof identitySpec>;
