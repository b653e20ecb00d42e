import { z } from "zod";
import { celRule, duration, exactlyOne, text } from "../../core/kinds/common.ts";

const folder = z.object({
  path: text.describe("The folder's path under the operator's root."),
  pattern: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^/]+$/, "must be a file's name, with * for any characters and ? for one")
    .describe("Which of its files count: `people-*.csv`."),
  newest: z
    .enum(["Name", "Time"])
    .default("Name")
    .describe(
      "Which of them is the newest: the last one by name, as names with a date are, or the last one changed.",
    ),
  except: z
    .array(text)
    .max(64)
    .default([])
    .describe(
      "Names of files that do not count, whatever the pattern says: one that was wrong, or one that was read and is gone for good.",
    ),
  done: z
    .string()
    .min(1)
    .max(32)
    .optional()
    .describe(
      "A file is complete when another one lies beside it, called as it is with this behind: `.done`.",
    ),
  settle: duration
    .default("10s")
    .describe("Without `done`: a file is complete when nobody changed it for so long."),
});

const bound = z.int().min(0).max(100_000_000);
const newRowsFault = "must be one of files";

/** A Store block of a file connector: which files, and what else the connector asks. */
export function fileStoreBlock<S extends z.ZodRawShape>(own: S) {
  const members = z.object({
    file: text.optional().describe("The file's path under the operator's root. It must exist."),
    files: z
      .array(text)
      .min(1)
      .max(64)
      .optional()
      .describe("Several files that are one store: each account stays in its own."),
    newRows: text.optional().describe("Which of `files` new accounts go to. Default: the first."),
    folder: folder
      .optional()
      .describe("A drop folder: its newest complete file is the store. It is only read."),
    rows: z
      .object({
        atLeast: bound.optional().describe("Fewer rows are taken for a truncated file."),
        atMost: bound.optional().describe("More are taken for a wrong one. Default: 10000000."),
      })
      .optional()
      .describe("How many rows there may be; otherwise nothing is read, and nothing changed."),
    ...own,
  });
  const isListed = (block: object) => {
    const { newRows, files } = block as { newRows?: string; files?: readonly string[] };
    return newRows === undefined || (files?.includes(newRows) ?? false);
  };
  return celRule(
    exactlyOne(members, ["file", "files", "folder"]).refine(isListed, {
      error: newRowsFault,
      path: ["newRows"],
    }),
    {
      rule: "!has(self.newRows) || (has(self.files) && self.newRows in self.files)",
      message: `newRows ${newRowsFault}`,
    },
  );
}

export type DropFolderBlock = z.output<typeof folder>;

/** What `fileStoreBlock` says of the place. */
export interface PlaceBlock {
  readonly file?: string | undefined;
  readonly files?: readonly string[] | undefined;
  readonly newRows?: string | undefined;
  readonly folder?: DropFolderBlock | undefined;
  readonly rows?: { readonly atLeast?: number | undefined; readonly atMost?: number | undefined } | undefined;
}
