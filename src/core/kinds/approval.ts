import { z } from "zod";
import { celRule, longText, objectName, text } from "./common.ts";
import { type ApiKind, plurals } from "./kinds.ts";

/** A hold's hash, as plans and Target.status show it: SHA-256 in hexadecimal. */
export const holdHash = z
  .string()
  .max(64)
  .regex(/^[0-9a-f]{64}$/, "must be the whole hash of a hold, as in the Target's status.holds");

const spec = z.object({
  hold: z
    .object({
      target: objectName.describe("The Target whose changes are held."),
      hash: holdHash.describe("The hold's hash: exactly its changes are approved, and none besides."),
    })
    .describe("What is approved, as `status.holds` of the Target has it."),
  approver: text.describe("Who approves: the user name by which the API server knows you."),
  reason: longText.optional().describe("Why, for whoever looks at this later."),
});

/** Lets pass what a limit holds. Made by a person at the API, never in Git, and never changed afterwards. */
export const approvalSpec = celRule(spec, {
  rule: "self == oldSelf",
  message: "an Approval is for good: make another one",
});

export type ApprovalSpec = z.output<typeof approvalSpec>;

export const approvalKind: ApiKind<"Approval"> = {
  name: "Approval",
  plural: plurals.Approval,
  short: "approval",
  summary: "Lets pass what a limit of a Target holds. Made at the API, never in Git.",
  spec: approvalSpec,
};
