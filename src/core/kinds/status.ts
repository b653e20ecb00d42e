import { z } from "zod";
import { taskPhases } from "../tasks/task.ts";
import { mapList, objectName, text } from "./common.ts";
import type { ApiKindName } from "./kinds.ts";

/**
 * What the controller reports on each kind, in the same subset as specs. It is written by the controller alone, with server-side
 * apply, and never read back: the state is the authority.
 */

/** Characters of a condition's message. */
export const longestMessage = 2048;
/** Characters of what is told of one account, or of one change. */
export const longestLine = 512;
/** Changes of a hold that are shown; their number always is. */
export const shownChanges = 20;

const count = (meaning: string) => z.int().min(0).meta({ format: "int64" }).describe(meaning);
const time = (meaning: string) => z.string().max(40).meta({ format: "date-time" }).describe(meaning);
const line = (meaning: string) => z.string().max(longestLine).describe(meaning);

/** `metav1.Condition` (API conventions, "Typical status properties"). */
const condition = z.object({
  type: z
    .string()
    .max(64)
    .describe("`Ready`; `Reconciling` and `Stalled` while true; on a Target `Drifted`."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it is so."),
  observedGeneration: count("The metadata.generation that this was found with.").optional(),
  lastTransitionTime: time("When `status` last became what it is."),
  reason: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z][A-Za-z0-9]*$/)
    .describe("Why, in one word: docs/reference/conditions.md lists them."),
  message: z.string().max(longestMessage).describe("Why, for people: what, why, and what to do."),
});

const common = {
  observedGeneration: count("The metadata.generation that this status was found with.").optional(),
  conditions: mapList(z.array(condition).max(8), "type")
    .optional()
    .describe("`Ready` says whether all is as declared. `Stalled`: somebody must act."),
};

export const accountStates = [
  "Enabled",
  "Disabled",
  "Absent",
  "Pending",
  "Held",
  "Conflict",
  "Failed",
] as const;

/** Accounts that one Identity's status tells of. */
export const mostAccounts = 64;

const account = z.object({
  target: objectName.describe("The Target it is an account of."),
  state: z
    .enum(accountStates)
    .describe(
      "Enabled, Disabled: there, with nothing left to do. Absent: due, and not there. Pending: on its way. Held, Conflict: somebody must act. Failed: tried again.",
    ),
  name: text.optional().describe("What the store calls it."),
  anchor: text.optional().describe("Its immutable id in the store. Absent while there is no account."),
  entitlements: count("Entitlements that Rollcall gave, adopted or found.").optional(),
  lastChange: time("When Rollcall last changed it.").optional(),
  message: line("What is open, and why.").optional(),
});

const hold = z.object({
  hash: z.string().max(64).describe("What an Approval names."),
  budget: z.string().max(32).describe("The limit: `Removals`, `Updates`, `Creates` or `Emergency`."),
  reason: line("By how much the limit would be passed."),
  items: count("Changes that are held together."),
  changes: z
    .array(z.string().max(longestLine))
    .max(shownChanges)
    .optional()
    .describe(`The first ${shownChanges} of them: operation and account.`),
  expires: time("When the hold ends, if it is still there: it is then counted anew."),
  approvedBy: text.optional().describe("Who approved it."),
});

const identityStatus = z.object({
  ...common,
  accounts: mapList(z.array(account).max(mostAccounts), "target")
    .optional()
    .describe(
      `This identity's accounts; of more than ${mostAccounts}, those first that are not as declared.`,
    ),
  summary: z.string().max(32).optional().describe("Accounts that are as declared, of all: `3/3`."),
});

const targetStatus = z.object({
  ...common,
  counts: z
    .object({
      linked: count("Accounts that belong to an identity."),
      disabled: count("Of those, the ones that Rollcall disabled."),
      troubled: count(
        "Of those, the ones that could not log in as they were when they were last read: locked, expired, due for another password.",
      ).optional(),
      drift: count("Changes that the last run found due and did not make."),
      held: count("What waits for somebody or for a time, and what is unknown."),
      conflicts: count("Accounts that two claim, or that cannot be told apart."),
      orphans: count("Accounts in the store that no identity explains."),
    })
    .optional()
    .describe("As the last run found them."),
  holds: mapList(z.array(hold).max(8), "hash")
    .optional()
    .describe("What a limit holds, until it is approved."),
  lastSuccess: time(
    "When a run last came through with nothing failed, as of the last change of this status. Passes with nothing to do do not renew it: the metric rollcall_last_success_timestamp_seconds is exact.",
  ).optional(),
  lastHandledRequestedAt: text
    .optional()
    .describe("The annotation rollcall.dev/requestedAt as last answered by a pass."),
});

const storeStatus = z.object({
  ...common,
  connector: z.string().max(64).optional().describe("The connector's name."),
  server: text.optional().describe("What answers there."),
  capabilities: z
    .array(z.string().max(64))
    .max(16)
    .optional()
    .meta({ "x-kubernetes-list-type": "set" })
    .describe("What can be done there."),
});

const exportStatus = z.object({
  ...common,
  rows: count("Rows of the file as it was last written.").optional(),
  sha256: z
    .string()
    .max(64)
    .optional()
    .describe("SHA-256 of the file as it was last written, without a checksum line."),
  lastSuccess: time(
    "When it was last written, as of the last change of this status: the metric rollcall_export_last_success_timestamp_seconds is exact.",
  ).optional(),
  lastHandledRequestedAt: text
    .optional()
    .describe("The annotation rollcall.dev/requestedAt as last answered by an export."),
});

const policyStatus = z.object(common);

const taskStatus = z.object({
  ...common,
  phase: z
    .enum(taskPhases)
    .optional()
    .describe(
      "Open: to be done. Completed: said to be done, and not yet seen in the store. Done: the store shows it. Rejected: left undone until something else is due. Withdrawn: no longer due.",
    ),
  identity: text.optional().describe("Whose account it is, by the Identity's `id`."),
  account: text.optional().describe("What the store calls the account, or is to call it."),
  what: line("What is to be done, in short, and once it is closed what was: `create; grant lab`.").optional(),
  changes: z
    .array(z.string().max(longestLine))
    .max(shownChanges)
    .optional()
    .describe(
      `The first ${shownChanges} changes that are to be made by hand, each with its values; once it is closed, those that were.`,
    ),
  items: count("Changes that are to be made, all of them; once it is closed, those that were.").optional(),
  owner: text.optional().describe("Who is to do it, as the Target's `spec.tasks.owner` says."),
  opened: time("When it was opened.").optional(),
  due: time("When it is to be done.").optional(),
});

export const statusSchemas = {
  Identity: identityStatus,
  BusinessRole: policyStatus,
  AccessProfile: policyStatus,
  Grant: policyStatus,
  Store: storeStatus,
  Target: targetStatus,
  Export: exportStatus,
  Approval: policyStatus,
  ProvisioningTask: taskStatus,
} as const satisfies Readonly<Record<ApiKindName, z.ZodType>>;

export type Condition = z.output<typeof condition>;
export type AccountStatus = z.output<typeof account>;
export type AccountState = AccountStatus["state"];
export type HoldStatus = z.output<typeof hold>;
export type IdentityStatus = z.output<typeof identityStatus>;
export type TargetObjectStatus = z.output<typeof targetStatus>;
export type StoreStatus = z.output<typeof storeStatus>;
export type ExportStatus = z.output<typeof exportStatus>;
export type PolicyStatus = z.output<typeof policyStatus>;
export type TaskObjectStatus = z.output<typeof taskStatus>;
export type AnyStatus = IdentityStatus | TargetObjectStatus | StoreStatus | PolicyStatus | TaskObjectStatus;
