import { z } from "zod";
import { text } from "../../core/kinds/common.ts";

const column = text.describe("A column, as the header line has it.");

/** The `csv` block of a Store: which file, and how it is written. */
export const csvStoreBlock = z.object({
  file: text.describe(
    "The file's path under the operator's root. It must exist, with at least its header line.",
  ),
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
  key: column.describe("The column that holds an account's name."),
  id: column
    .optional()
    .describe(
      "The column of an id that never changes, which the target maps. Absent: the key, and no renames.",
    ),
  columns: z
    .record(z.string().min(1).max(256), column)
    .default({})
    .describe("Attribute to column. An attribute that is not listed is the column of its name."),
  disabled: z
    .object({ column, enabled: z.string().max(256), disabled: z.string().max(256) })
    .optional()
    .describe("The column that says whether an account is in use, and its two values."),
  entitlements: z
    .object({
      column,
      separator: z.string().min(1).max(1).default(";"),
      names: z
        .array(text)
        .max(4096)
        .default([])
        .describe(
          "Entitlements that exist though nobody may hold them; those that somebody holds exist too.",
        ),
    })
    .optional()
    .describe("The column that lists what an account holds."),
});

export type CsvStoreBlock = z.output<typeof csvStoreBlock>;
export type CsvTargetBlock = z.output<typeof csvTargetBlock>;
