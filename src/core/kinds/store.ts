import { z } from "zod";
import { duration, text } from "./common.ts";

/** Where this store's accounts and entitlements may lie. A change outside is refused, whoever asks. */
const boundary = z.object({
  bases: z
    .array(text)
    .max(64)
    .optional()
    .describe("Distinguished names: only entries at or below one of them are touched."),
  names: z
    .array(text)
    .max(64)
    .optional()
    .describe(
      "Linear-time regular expressions (RE2): only accounts whose whole name matches one are touched.",
    ),
});

/** How calls to this store are spaced and tried again. */
const traffic = z.object({
  concurrency: z.int().min(1).max(256).optional().describe("Calls under way at once."),
  perSecond: z.int().min(1).max(100_000).optional().describe("Changes a second."),
  timeout: duration.optional().describe("How long one call may take. Default 60s."),
});

/** What every Store says beside its connector's block. The block itself comes from the connector: see `kinds.ts`. */
export const storeCommon = {
  boundary: boundary
    .optional()
    .describe("Where accounts and entitlements may lie: a change outside is refused, whoever asks."),
  protected: z
    .array(text)
    .max(256)
    .default([])
    .describe("Names or anchors of accounts and entitlements that are never changed."),
  traffic: traffic.optional().describe("How fast this store may be called."),
  suspend: z.boolean().default(false).describe("Leaves this store alone: nothing is read or written."),
};

export type StoreCommon = z.output<z.ZodObject<typeof storeCommon>>;
