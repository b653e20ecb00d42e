import { z } from "zod";
import { text } from "../../core/kinds/common.ts";
import { entitlementNames, targetMembers } from "../files/blocks.ts";
import { fileStoreBlock } from "../files/place-block.ts";

const column = text.describe("A column, as the header line has it.");

/** The `csv` block of a Store: which file, and how it is written. */
export const csvStoreBlock = fileStoreBlock({
  encoding: z
    .string()
    .max(32)
    .regex(/^[A-Za-z0-9_-]+$/, "must be the name of an encoding, such as utf-8")
    .default("utf-8")
    .describe("utf-8, utf-16le, latin1, windows-1252, … A byte order mark is kept."),
  delimiter: z.string().min(1).max(1).default(",").describe("Between two cells."),
  quote: z
    .string()
    .min(1)
    .max(1)
    .default('"')
    .describe("Around a cell that needs it; doubled inside (RFC 4180)."),
  lastLineBreak: z
    .enum(["Required", "Optional"])
    .default("Required")
    .describe("Required: a file that does not end with a line break is taken for a truncated one."),
});

/** The `csv` block of a Target: which column is what. */
export const csvTargetBlock = z.object({
  ...targetMembers(column),
  entitlements: z
    .object({
      column,
      separator: z.string().min(1).max(1).default(";"),
      names: entitlementNames,
    })
    .optional()
    .describe("The column that lists what an account holds."),
});

export type CsvStoreBlock = z.output<typeof csvStoreBlock>;
export type CsvTargetBlock = z.output<typeof csvTargetBlock>;
