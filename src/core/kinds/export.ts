import { z } from "zod";
import { duration, exactlyOne, expression, mapList, reference, text } from "./common.ts";

export const exportFormats = ["Csv", "Ldif", "JsonLines"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** How a CSV file is written (RFC 4180 where nothing else is said). */
const csv = z.object({
  delimiter: z
    .string()
    .max(1)
    .regex(/^[^"\r\n]$/, "must be one character, and no quote or line break")
    .default(",")
    .describe("What stands between two cells."),
  encoding: text
    .default("utf-8")
    .describe(
      "The file's encoding: utf-8, utf-16le, windows-1252, … A character that it does not have is an error.",
    ),
  separator: z
    .string()
    .min(1)
    .max(16)
    .default(";")
    .describe("What stands between the values of a cell that has several."),
  spreadsheet: z
    .boolean()
    .default(false)
    .describe(
      "For those who open it in a spreadsheet: a cell that would be taken for a formula gets a ' before it, and UTF-8 a byte order mark.",
    ),
});

/** By its ending alone it cannot be a manifest, a key or a state: what is there already is replaced. */
const file = z
  .string()
  .max(512)
  .regex(
    /^[^/].*[.](csv|tsv|txt|ldif|jsonl|ndjson)$/,
    "must be a path below the root that ends in .csv, .tsv, .txt, .ldif, .jsonl or .ndjson",
  )
  .describe(
    "The file, below the root: the folder of the manifests, or what --root names. What is there is replaced, whole or not at all; its folder must be there.",
  );

const columns = mapList(
  z
    .array(
      z.object({
        name: text.describe("The column's heading, the attribute's or the member's name."),
        expression: expression.describe(
          "CEL over `identity`, `access`, `state`, and `account` (of a target) or `accounts` (of identities), to a text, a number, a bool or a list of texts.",
        ),
      }),
    )
    .min(1)
    .max(128),
  "name",
);

/** A file that is kept as what the accounts of a target, or the identities, say. */
export const exportSpec = exactlyOne(
  z.object({
    target: reference
      .optional()
      .describe("Exports the accounts of this Target, as its Store has them: a row for each."),
    identities: z
      .object({})
      .optional()
      .describe("Exports all identities, with what they ought to have: a row for each."),
    format: z.enum(exportFormats).describe("Ldif needs a column `dn`."),
    csv: csv.prefault({}).describe("How a CSV file is written."),
    file,
    columns: columns.describe("What stands in a row, in this order."),
    when: expression.optional().describe("CEL to a bool: which rows there are. Default: all."),
    schedule: z
      .object({ every: duration.describe("From one time to the next.") })
      .optional()
      .describe("When the controller writes it. Absent: by hand alone."),
    checksum: z
      .enum(["None", "File", "Line"])
      .default("None")
      .describe(
        "A SHA-256 of the content. File: beside it, in FILE.sha256, as sha256sum writes it. Line: in its last line, of all before it.",
      ),
    suspend: z.boolean().default(false).describe("Leaves the file as it is."),
  }),
  ["target", "identities"],
);

export type ExportSpec = z.output<typeof exportSpec>;
export type CsvWriting = ExportSpec["csv"];
