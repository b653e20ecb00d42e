import type { AccountState } from "../../core/kinds/status.ts";
import { getOrAdd } from "../../core/model/maps.ts";
import type { Finding } from "../../core/plan/case.ts";
import type { WithheldKind } from "../../core/plan/withheld.ts";
import type { RunReport } from "../run-report.ts";
import type { Reason } from "./reasons.ts";

/** Something that is open about one identity's account. */
export interface Issue {
  /** Undefined where the account is none the worse for it. */
  readonly state?: AccountState;
  readonly reason: Reason;
  readonly message: string;
}

type Kind = Omit<Issue, "message">;

const ofFindings: Readonly<Record<Finding["kind"], Kind>> = {
  Held: { state: "Held", reason: "Held" },
  Conflict: { state: "Conflict", reason: "Conflict" },
  Pending: { state: "Pending", reason: "Progressing" },
  Outside: { state: "Held", reason: "ChangedOutside" },
  Drift: { reason: "Observed" },
  Protected: { reason: "Observed" },
  Orphan: { reason: "Observed" },
  Store: { reason: "Observed" },
};

const ofWithheld: Readonly<Record<WithheldKind, Kind>> = {
  Protected: { state: "Held", reason: "Refused" },
  Boundary: { state: "Held", reason: "Refused" },
  Observe: { reason: "Observed" },
  Task: { state: "Pending", reason: "Progressing" },
  Rejected: { state: "Held", reason: "Refused" },
  NotAllowed: { reason: "Observed" },
  NotShown: { state: "Pending", reason: "Progressing" },
  Proposed: { state: "Held", reason: "AdoptionProposed" },
  Settling: { state: "Pending", reason: "Progressing" },
  Budget: { state: "Held", reason: "HoldWaiting" },
  Blocked: { state: "Pending", reason: "Progressing" },
  Quarantined: { state: "Held", reason: "Quarantined" },
};

/** What a run left open, by identity. A generator, so that the process can breathe: it yields after each. */
export function* issuesOf(report: RunReport): Generator<void, ReadonlyMap<string, readonly Issue[]>> {
  const { target, findings, guarded, applied } = report;
  const found = new Map<string, Map<string, Kind & { readonly operations: Set<string> }>>();
  const add = (identity: string, kind: Kind, cause: string, operation?: string) => {
    if (identity === "") return;
    const causes = getOrAdd(found, identity, () => new Map());
    const { operations } = getOrAdd(causes, cause, () => ({ ...kind, operations: new Set<string>() }));
    if (operation !== undefined) operations.add(operation);
  };
  for (const { kind, identity, message } of findings) {
    if (identity) add(identity, ofFindings[kind], message);
    yield;
  }
  for (const { item, kind, reason } of guarded.withheld) {
    // The figures of a limit change with every other account that it holds.
    const cause =
      kind === "Budget" ? `held by a limit of Target/${target}, whose status has the hold` : reason;
    add(item.identity, ofWithheld[kind], cause, item.operation);
    yield;
  }
  for (const { item, error } of applied?.failed ?? []) {
    add(item.identity, { state: "Failed", reason: "ChangesFailed" }, error, item.operation);
    yield;
  }
  for (const item of applied?.left ?? []) {
    add(item.identity, { state: "Pending", reason: "Progressing" }, "not tried yet", item.operation);
    yield;
  }
  for (const item of applied?.handed ?? []) {
    add(
      item.identity,
      { state: "Pending", reason: "Progressing" },
      "waits for people to do it",
      item.operation,
    );
    yield;
  }
  return new Map(
    [...found].map(([identity, causes]) => [
      identity,
      [...causes].map(([cause, { operations, ...kind }]) => ({
        ...kind,
        message: operations.size === 0 ? cause : `${[...operations].join(", ")}: ${cause}`,
      })),
    ]),
  );
}
