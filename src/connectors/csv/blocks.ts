import { z } from "zod";
import { celRule, record, text } from "../../core/kinds/common.ts";
import { entitlementNames, targetMembers } from "../files/blocks.ts";
import { fileStoreBlock } from "../files/place-block.ts";
import { dayPattern } from "./forms.ts";

const column = text.describe("A column, as the header line has it.");

const mark = z
  .string()
  .max(1)
  .regex(/^[^\r\n]$/, "must be one character, and no line break");
const sameMark = "must not be the delimiter, too";

const storeMembers = fileStoreBlock({
  encoding: z
    .string()
    .max(32)
    .regex(/^[A-Za-z0-9_-]+$/, "must be the name of an encoding, such as utf-8")
    .default("utf-8")
    .describe("utf-8, utf-16le, latin1, windows-1252, … A byte order mark is kept."),
  delimiter: mark.default(",").describe("Between two cells."),
  quote: mark.default('"').describe("Around a cell that needs it; doubled inside (RFC 4180)."),
  lastLineBreak: z
    .enum(["Required", "Optional"])
    .default("Required")
    .describe("Required: a file that does not end with a line break is taken for a truncated one."),
});

/** The `csv` block of a Store: which file, and how it is written. */
export const csvStoreBlock = celRule(
  storeMembers.refine(({ delimiter, quote }) => delimiter !== quote, { error: sameMark, path: ["quote"] }),
  { rule: "self.delimiter != self.quote", message: `quote ${sameMark}` },
);

/** The `csv` block of a Target: which column is what. */
export const csvTargetBlock = z.object({
  ...targetMembers(column),
  dates: record(
    z
      .string()
      .max(32)
      .regex(dayPattern, "must be a day's pattern of dd or d, MM or M, and yyyy, such as dd.MM.yyyy"),
    256,
  )
    .default({})
    .describe(
      "Column to how its days are written: `dd.MM.yyyy`. They are days such as 2026-12-31 for everything else; what is no such day stays as it is.",
    ),
  decimals: record(z.enum([","]), 256)
    .default({})
    .describe("Column to the decimal sign of its numbers, which is a dot for everything else."),
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
