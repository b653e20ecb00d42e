import { z } from "zod";
import { operations } from "../model/change.ts";
import { duration, exactlyOne, expression, record, reference, text } from "./common.ts";
import { passwords } from "./passwords.ts";

/** Where an attribute's values come from, and what happens when the store's differ. */
const mapping = exactlyOne(
  z.object({
    value: z.string().max(4096).optional().describe("One fixed value."),
    values: z.array(z.string().max(4096)).max(256).optional().describe("Several fixed values."),
    expression: expression
      .optional()
      .describe("CEL over `identity`, to a text, a list of texts, or null: leave it alone."),
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
  name: exactlyOne(
    z.object({
      expression: expression.optional().describe("CEL over `identity`, to a text."),
      value: text.optional().describe("One fixed name, for a target of one account."),
    }),
    ["expression", "value"],
  ).describe("What the store calls the account: a DN, a key."),
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
    .default([])
    .describe("How accounts that are already there are found, rule by rule, before one is created."),
  adopt: z
    .enum(["Never", "Propose", "Auto"])
    .default("Propose")
    .describe(
      "What becomes of one that is found. Propose: the plan shows it. Auto: taken over, by strong rules only.",
    ),
  attributes: record(mapping, 256)
    .default({})
    .describe("The store's attributes that Rollcall keeps, by name. All others it leaves alone."),
});

const per = duration.default("24h").describe("The length of the rolling window.");
const atLeast = (count: number) =>
  z.int().min(0).default(count).describe("Always allowed, however few accounts there are.");
const percent = (share: number) =>
  z.number().min(0).max(100).default(share).describe("The share of the linked accounts.");
const atMost = z.int().min(0).describe("Never exceeded, however many accounts there are.");

const budget = z.object({ percent: percent(100), atLeast: atLeast(0), atMost: atMost.optional(), per });
const removals = z.object({ percent: percent(5), atLeast: atLeast(5), atMost: atMost.default(50), per });

const limits = z.object({
  removals: removals.prefault({}).describe("Bounds the accounts that Disable, Revoke and Delete touch."),
  updates: budget
    .optional()
    .describe("Bounds the accounts that Update, Enable and Grant touch. Default: unbounded."),
  creates: budget.optional().describe("Bounds the accounts created. Default: unbounded."),
  emergency: z.int().min(0).default(10).describe("Emergency disables an hour."),
  settle: duration
    .default("30s")
    .describe("How long an absence or a policy edit must last before something is removed for it."),
});

const tasks = z.object({
  owner: text.describe("Who makes the changes: a person, a team, an address."),
  due: duration.default("72h").describe("How long the owner has for a task."),
  remind: duration.default("24h").describe("From one reminder to the next, until the task is done."),
});

/** What every Target says beside its connector's block. */
export const targetCommon = {
  store: reference.describe("The Store that has the accounts."),
  mode: z.enum(["Enforce", "Observe"]).describe("Observe: plan and report, never write."),
  allow: z
    .array(z.enum(operations))
    .max(7)
    .default(["Create", "Update", "Enable", "Disable", "Grant", "Revoke"])
    .describe("The operations this target may make."),
  accounts: accounts.describe("Which accounts there are, and what they say."),
  passwords: passwords
    .optional()
    .describe("How accounts get their passwords. Absent: Rollcall sets none by itself."),
  tasks: tasks
    .optional()
    .describe(
      "The store is changed by people: Rollcall only reads it, and opens a ProvisioningTask for each account that is to change.",
    ),
  deprovision: z
    .object({
      action: z
        .enum(["Disable", "Delete", "Retain"])
        .default("Disable")
        .describe(
          "Delete: disabled first, deleted later. Retain: the account stays as it is; `revoke` applies all the same.",
        ),
      revoke: z
        .enum(["Owned", "None"])
        .default("Owned")
        .describe("Owned: takes the entitlements that Rollcall has given or adopted."),
      deleteAfter: duration
        .optional()
        .describe("Deletes a disabled account after this long. Needs Delete in `allow`."),
    })
    .prefault({})
    .describe("What becomes of an account to which nobody is entitled any longer."),
  outside: z
    .object({
      disabled: z
        .enum(["Report", "Repair"])
        .default("Report")
        .describe("One that was disabled. One that is locked out by wrong passwords is only told of."),
      missing: z.enum(["Report", "Repair"]).default("Report").describe("One that was deleted."),
    })
    .prefault({})
    .describe("What to do with an account that somebody else disabled or deleted."),
  limits: limits
    .prefault({})
    .describe("How much may change in a time. What does not fit is held whole, until somebody approves it."),
  schedule: z
    .object({
      every: duration.default("15m").describe("From one look for drift to the next."),
      fullCompare: duration
        .default("24h")
        .describe("From one comparison of every record to the next, whatever the versions say."),
    })
    .prefault({})
    .describe("When drift is looked for."),
  suspend: z.boolean().default(false).describe("Leaves this target alone: nothing is planned or written."),
};

export type TargetCommon = z.output<z.ZodObject<typeof targetCommon>>;
export type AttributeMapping = z.output<typeof mapping>;
