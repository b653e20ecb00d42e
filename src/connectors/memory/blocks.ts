import { z } from "zod";
import { text } from "../../core/kinds/common.ts";

const attribute = z.object({
  matching: z
    .enum(["caseExact", "caseIgnore", "distinguishedName", "integer", "boolean", "telephone", "binary"])
    .optional()
    .describe("How two values are found equal. Default caseIgnore."),
  multiValued: z.boolean().optional().describe("Default true."),
  readOnly: z.boolean().optional(),
  required: z.boolean().optional(),
  secret: z.boolean().optional(),
  maxLength: z.int().min(1).max(1_000_000).optional(),
});

/** The `memory` block of a Store. */
export const memoryStoreBlock = z.object({
  name: text
    .default("default")
    .describe("Stores of one name are one and the same, for as long as the process lives."),
  file: text
    .optional()
    .describe(
      "A JSON file that holds the store, so that it outlives the process. It must exist; {} is an empty store.",
    ),
  nameMatching: z
    .enum(["distinguishedName", "caseExact", "caseIgnore"])
    .default("distinguishedName")
    .describe("How account names are compared."),
  attributeNames: z.enum(["caseExact", "caseIgnore"]).default("caseExact"),
  attributes: z
    .record(z.string().min(1).max(256), attribute)
    .optional()
    .describe("The only attributes an account may have. Absent: any."),
  entitlementNeedsMember: z.boolean().default(false).describe("As groupOfNames: the last member cannot go."),
});

/** The `memory` block of a Target. */
export const memoryTargetBlock = z.object({
  base: text.optional().describe("Only accounts at or below this distinguished name are this target's."),
});

export type MemoryStoreBlock = z.output<typeof memoryStoreBlock>;
export type MemoryTargetBlock = z.output<typeof memoryTargetBlock>;
