import type { PolicyStatus, StoreStatus } from "../../core/kinds/status.ts";
import { cut, type Observed, statusOf, type Told } from "./conditions.ts";
import { reasonOf } from "./target.ts";

export interface StoreInput extends Observed<StoreStatus> {
  readonly fault: Told | undefined;
  readonly connector: string | undefined;
  /** Targets that use it and are run. */
  readonly used: boolean;
  /** Whether one of them was run since the process began. */
  readonly contacted: boolean;
  /** Why the last run of one of its targets could not get at it. */
  readonly error: { readonly kind: string; readonly message: string } | undefined;
  /** What answers there; undefined where nothing has answered yet. */
  readonly server: string | undefined;
  /** What can be done there, as far as it is known. */
  readonly capabilities: readonly string[];
}

/** The status of a Store: whether it answers, and who. */
export function storeStatus(input: StoreInput): StoreStatus {
  const { fault, connector, server, capabilities, previous } = input;
  const who = server || previous?.server;
  const can = capabilities.length > 0 ? capabilities : (previous?.capabilities ?? []);
  return {
    ...statusOf(fault ?? storeTold(input), input),
    ...(connector === undefined ? {} : { connector }),
    ...(who === undefined ? {} : { server: cut(who, 1024) }),
    ...(can.length === 0 ? {} : { capabilities: [...can].sort() }),
  };
}

function storeTold({ used, contacted, error }: StoreInput): Told {
  if (!used) return { reason: "NotUsed", message: "no Target that is run uses it: it is not contacted" };
  if (!contacted) return { reason: "Progressing", message: "it has not been contacted yet" };
  // A target that does not fit its store says nothing of that: the store answered.
  const reason = error && reasonOf(error.kind);
  if (error && reason && reason !== "DoesNotFit") return { reason, message: error.message };
  return { reason: "Reachable", message: "it answers" };
}

export interface PolicyInput extends Observed<PolicyStatus> {
  readonly fault: Told | undefined;
  /** What it names and is not there, as `Kind/name`. */
  readonly missing: readonly string[];
  /** When it gives what it gives; empty where that is always. */
  readonly span: { readonly from?: string | undefined; readonly until?: string | undefined };
}

/** The status of a BusinessRole, AccessProfile or Grant. */
export function policyStatus(input: PolicyInput): PolicyStatus {
  const { fault, missing, span } = input;
  // No status is written when a day begins: what it says has to be true before and after.
  const when = [
    ...(span.from === undefined ? [] : [`from ${span.from}`]),
    ...(span.until === undefined ? [] : [`until ${span.until}`]),
  ];
  return statusOf(
    fault ??
      (missing.length > 0
        ? {
            reason: "ReferenceMissing",
            message: `names ${missing.join(", ")}, which does not exist or is not valid: what depends on it is held`,
          }
        : {
            reason: "Accepted",
            message: when.length > 0 ? `valid ${when.join(" ")}` : "valid and in force",
          }),
    input,
  );
}

/** The status of an Approval. `outcome` is what it came to when it was first seen. */
export function approvalStatus(
  input: Observed<PolicyStatus> & {
    readonly fault: Told | undefined;
    readonly outcome: "Approved" | "HoldGone";
    readonly target: string;
  },
): PolicyStatus {
  const { fault, outcome, target } = input;
  const messages = {
    Approved: `the changes of this hold pass the limit once, as far as each still stands; Target/${target} tells what came of them`,
    HoldGone: `Target/${target} has no such hold: it was approved, it ended, or its changes are others by now; status.holds has those that are open`,
  };
  return statusOf(fault ?? { reason: outcome, message: messages[outcome] }, input);
}
