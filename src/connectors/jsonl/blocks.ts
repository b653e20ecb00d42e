import { z } from "zod";
import { record, text } from "../../core/kinds/common.ts";
import { jsonTypes } from "../../formats/json-lines/type.ts";
import { entitlementNames, targetMembers } from "../files/blocks.ts";
import { fileStoreBlock } from "../files/place-block.ts";

const column = text.describe("A member of the object, or a path to one: `name.family`.");

/** The `jsonl` block of a Store: which file. */
export const jsonlStoreBlock = fileStoreBlock({});

/** The `jsonl` block of a Target: which member is what. */
export const jsonlTargetBlock = z.object({
  ...targetMembers(column),
  types: record(z.enum(jsonTypes), 256)
    .default({})
    .describe(
      "Member to JSON type. Absent: the type that the member has in the object, and String, or Strings for several, in a new one.",
    ),
  entitlements: z
    .object({ column, names: entitlementNames })
    .optional()
    .describe("The member that lists what an account holds: Strings, unless `types` has another."),
});

export type JsonlStoreBlock = z.output<typeof jsonlStoreBlock>;
export type JsonlTargetBlock = z.output<typeof jsonlTargetBlock>;
