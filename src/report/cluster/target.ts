import type { TargetObjectStatus } from "../../core/kinds/status.ts";
import { plural } from "../words.ts";
import { conditionIn, cut, type Observed, statusOf, type Told, timeOf } from "./conditions.ts";
import { failureText } from "./notes.ts";
import type { Reason } from "./reasons.ts";
import type { RunFacts } from "./run-facts.ts";

export interface TargetInput extends Observed<TargetObjectStatus> {
  readonly name: string;
  /** What is wrong with the object itself, or why the target is not run. */
  readonly fault: Told | undefined;
  /** The last run; undefined before the first. */
  readonly run: RunFacts | undefined;
  readonly accounts: { readonly linked: number; readonly disabled: number; readonly troubled: number };
  /** How often one change was tried in vain; undefined where the target is not in quarantine. */
  readonly quarantine: number | undefined;
  /** What `rollcall.dev/requestedAt` said when the pass it asked for began. */
  readonly handled: string | undefined;
}

/** The status of a Target. Where a run failed, what was known before it stays. */
export function targetStatus(input: TargetInput): TargetObjectStatus {
  const { previous, accounts, now, handled } = input;
  const run = input.run?.error ? undefined : input.run;
  const counts = run ? { ...accounts, ...run.counts } : previous?.counts;
  const holds = run?.holds ?? previous?.holds ?? [];
  const lastSuccess = run?.succeeded ? timeOf(now) : previous?.lastSuccess;
  const answered = handled === undefined ? previous?.lastHandledRequestedAt : cut(handled, 1024);
  return {
    ...statusOf(input.fault ?? toldOf(input), input, drifted(run, previous)),
    ...(counts && { counts }),
    ...(holds.length > 0 ? { holds: [...holds] } : {}),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(answered === undefined ? {} : { lastHandledRequestedAt: answered }),
  };
}

function toldOf({ name, run, accounts, quarantine }: TargetInput): Told {
  if (!run) return { reason: "Progressing", message: `Target/${name} has not been looked at yet` };
  if (run.error) return { reason: reasonOf(run.error.kind), message: run.error.message };
  if (quarantine !== undefined)
    return {
      reason: "Quarantined",
      message: `most changes failed: one is tried at a time, ${quarantine} in vain so far; kubectl rollcall journal --target ${name} has the causes`,
    };
  const waiting = run.holds.filter(({ approvedBy }) => approvedBy === undefined);
  if (waiting.length > 0)
    return {
      reason: "HoldWaiting",
      message: waiting
        .map(
          ({ hash, items, reason }) =>
            `${plural(items, "change")} held: ${reason}; kubectl rollcall approve ${hash.slice(0, 12)} lets exactly these pass`,
        )
        .join("; "),
    };
  const { drift } = run;
  const store = run.store.map((problem) => `; of the store: ${problem}`).join("");
  if (run.undone > 0) return { reason: "ChangesFailed", message: failureText(run) };
  const linked = plural(accounts.linked, "account");
  const { held, conflicts } = run.counts;
  if (held + conflicts > 0)
    return {
      reason: "SomeHeld",
      message: `${linked}; ${held} held, ${plural(conflicts, "conflict")}: the Identities say why${tasksText(run)}${store}`,
    };
  if (drift.size > 0)
    return {
      reason: "Observed",
      message: `${linked}; ${differences(drift)}: only reported, as the target says${store}`,
    };
  return { reason: "Converged", message: `${linked} as declared${store}` };
}

function tasksText({ tasks }: RunFacts): string {
  return tasks === 0 ? "" : `; ${plural(tasks, "task")} for people: kubectl get ptask`;
}

/** See `StoreErrorKind`. */
export function reasonOf(kind: string): Reason {
  if (kind === "Unauthenticated") return "StoreUnauthenticated";
  if (kind === "Conflict") return "StoreForeign";
  return ["Invalid", "Denied", "NotFound"].includes(kind) ? "DoesNotFit" : "StoreUnavailable";
}

function drifted(run: RunFacts | undefined, previous: TargetObjectStatus | undefined) {
  if (!run) {
    const before = conditionIn(previous, "Drifted");
    return before ? [before] : [];
  }
  const { drift } = run;
  const is = drift.size > 0;
  return [
    {
      type: "Drifted",
      status: is ? ("True" as const) : ("False" as const),
      reason: is ? "Differs" : "InSync",
      message: is ? `not put right: ${differences(drift)}` : "nothing differs from what is declared",
    },
  ];
}

/** `3 Update, 1 Report` */
function differences(drift: ReadonlyMap<string, number>): string {
  return [...drift].map(([operation, count]) => `${count} ${operation}`).join(", ");
}
