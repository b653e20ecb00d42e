import { z } from "zod";
import { operations } from "../model/change.ts";
import { duration, exactlyOne, expression, reference, text } from "./common.ts";

/** Where an attribute's values come from, and what happens when the store's differ. */
const mapping = exactlyOne(
  z.object({
    value: z.string().max(4096).optional(),
    values: z.array(z.string().max(4096)).max(256).optional(),
    expression: expression.optional(),
    apply: z
      .enum(["Always", "OnCreate", "IfEmpty", "Report"])
      .default("Always")
      .describe(
        "Always: drift is overwritten. OnCreate: set once. IfEmpty: set where nothing is. Report: never written.",
      ),
    sensitive: z.boolean().default(false).describe("Masked in plans, journal and logs."),
  }),
  ["value", "values", "expression"],
);

const accounts = z.object({
  when: expression
    .optional()
    .describe("CEL to a bool: who has an account by birthright. Absent: only access profiles bring one."),
  name: exactlyOne(z.object({ expression: expression.optional(), value: text.optional() }), [
    "expression",
    "value",
  ]).describe("What the store calls the account: a DN, a key."),
  match: z
    .array(
      z.object({
        keys: z.array(text).min(1).max(8).describe("Mapped attributes that must all be equal."),
        strong: z
          .boolean()
          .default(false)
          .describe("Proves identity: a link remembers it, and Auto may adopt by it."),
      }),
    )
    .max(8)
    .default([]),
  adopt: z.enum(["Never", "Propose", "Auto"]).default("Propose"),
  attributes: z.record(z.string().min(1).max(256), mapping).default({}),
});

const budget = z
  .object({
    percent: z.number().min(0).max(100).default(100),
    atLeast: z.int().min(0).default(0),
    atMost: z.int().min(0).optional(),
    per: duration.default("24h"),
  })
  .describe(
    "At most this many accounts in a rolling window: a share of the linked accounts, not below atLeast, not above atMost.",
  );

const removals = z
  .object({
    percent: z.number().min(0).max(100).default(5),
    atLeast: z.int().min(0).default(5),
    atMost: z.int().min(0).default(50),
    per: duration.default("24h"),
  })
  .describe("Bounds Disable, Revoke and Delete.");

const limits = z.object({
  removals: removals.prefault({}),
  updates: budget.optional(),
  creates: budget.optional(),
  emergency: z.int().min(0).default(10).describe("Emergency disables an hour."),
  settle: duration
    .default("30s")
    .describe("How long an absence or a policy edit must last before something is removed for it."),
});

/** What every Target says beside its connector's block. */
export const targetCommon = {
  store: reference,
  mode: z.enum(["Enforce", "Observe"]).describe("Observe: plan and report, never write."),
  allow: z
    .array(z.enum(operations))
    .max(7)
    .default(["Create", "Update", "Enable", "Disable", "Grant", "Revoke"])
    .describe("The operations this target may make."),
  accounts,
  deprovision: z
    .object({
      action: z.enum(["Disable", "Delete", "Retain"]).default("Disable"),
      revoke: z.enum(["Owned", "None"]).default("Owned"),
      deleteAfter: duration
        .optional()
        .describe("Deletes a disabled account after this long. Needs Delete in `allow`."),
    })
    .prefault({}),
  outside: z
    .object({
      disabled: z.enum(["Report", "Repair"]).default("Report"),
      missing: z.enum(["Report", "Repair"]).default("Report"),
    })
    .prefault({})
    .describe("What to do with an account that somebody else disabled or deleted."),
  limits: limits.prefault({}),
  schedule: z.object({ every: duration.default("15m"), fullCompare: duration.default("24h") }).prefault({}),
  suspend: z.boolean().default(false),
};

export type TargetCommon = z.output<z.ZodObject<typeof targetCommon>>;
export type AttributeMapping = z.output<typeof mapping>;
