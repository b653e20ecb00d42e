import { z } from "zod";
import { text } from "../../core/kinds/common.ts";

const attribute = z.object({
  matching: z
    .enum(["caseExact", "caseIgnore", "distinguishedName", "integer", "boolean", "telephone"])
    .default("caseExact")
    .describe("How two values are found equal."),
  multiValued: z.boolean().default(false).describe("Whether it has several values."),
  required: z.boolean().default(false).describe("Whether an account cannot be without."),
});

/** The `manual` block of a Store. */
export const manualStoreBlock = z.object({
  names: z
    .enum(["caseIgnore", "caseExact", "distinguishedName"])
    .default("caseIgnore")
    .describe("How names of accounts and entitlements are compared."),
  attributes: z
    .record(z.string().min(1).max(256), attribute)
    .refine((all) => Object.keys(all).length <= 256, "must have at most 256 entries")
    .meta({ maxProperties: 256 })
    .optional()
    .describe("The only attributes an account may have. Absent: any, of any number of values."),
  entitlements: z
    .array(text)
    .max(1_000)
    .default([])
    .describe("The entitlements that there are: keys, rooms, licences, groups."),
});

/** The `manual` block of a Target. */
export const manualTargetBlock = z.object({});

export type ManualStoreBlock = z.output<typeof manualStoreBlock>;
export type ManualTargetBlock = z.output<typeof manualTargetBlock>;
