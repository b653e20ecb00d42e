import { type AnyStatus, type Condition, longestMessage } from "../../core/kinds/status.ts";
import { canonicalJson } from "../../core/model/hash.ts";
import { plain } from "../words.ts";
import { isReady, type Reason, type ReasonMeaning, reasons } from "./reasons.ts";

/** What an object's condition `Ready` says. */
export interface Told {
  readonly reason: Reason;
  /** The object, the cause, the cure. */
  readonly message: string;
}

/** What every status is made with. */
export interface Observed<S extends AnyStatus = AnyStatus> {
  /** metadata.generation of what was looked at; undefined where it is not known. */
  readonly generation: number | undefined;
  /** The status as the API server has it. */
  readonly previous: S | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Given = Pick<Condition, "type" | "status" | "reason" | "message">;

/** `Ready`, and `Reconciling` or `Stalled` where the reason says so. `more` are conditions of the kind's own. */
export function statusOf(
  told: Told,
  observed: Observed,
  more: readonly Given[] = [],
): Pick<AnyStatus, "conditions" | "observedGeneration"> {
  const { reason, message } = told;
  const { stalled, reconciling }: ReasonMeaning = reasons[reason];
  const condition = (type: string, holds: boolean): Given => ({
    type,
    status: holds ? "True" : "False",
    reason,
    message,
  });
  const given = [
    condition("Ready", isReady(reason)),
    ...(reconciling ? [condition("Reconciling", true)] : []),
    ...(stalled ? [condition("Stalled", true)] : []),
    ...more,
  ];
  const { generation } = observed;
  const observedGeneration = generation === undefined ? {} : { observedGeneration: generation };
  return {
    ...observedGeneration,
    conditions: given.map((each) => ({
      ...each,
      ...observedGeneration,
      lastTransitionTime: transitionTime(each, observed),
      message: cut(each.message, longestMessage),
    })),
  };
}

function transitionTime({ type, status }: Given, { previous, now }: Observed): string {
  const before = conditionIn(previous, type);
  return before?.status === status ? before.lastTransitionTime : timeOf(now);
}

export function conditionIn(status: AnyStatus | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** `metav1.Time`: RFC 3339 in whole seconds. */
export function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/**
 * A text of people's or stores', safe to show in one line of at most so many characters. Halves of characters are replaced as the API
 * server would: a status must come back as it was written, or it would be written again and again.
 */
export function cut(text: string, longest: number): string {
  const safe = plain(text);
  return (safe.length <= longest ? safe : `${safe.slice(0, longest - 1)}…`).toWellFormed();
}

/** Our conditions: those of others are left to them. */
const ours: ReadonlySet<string> = new Set(["Ready", "Reconciling", "Stalled", "Drifted"]);

/**
 * Whether writing the one in the place of the other would tell nobody anything: times that only move do not count, so that a pass with
 * nothing to do writes nothing (law 2).
 */
export function sameStatus(a: AnyStatus, b: AnyStatus): boolean {
  return comparable(a) === comparable(b);
}

function comparable(status: AnyStatus): string {
  const { conditions = [], ...rest } = status;
  const lists = Object.entries(rest).map(([key, value]) => [
    key,
    Array.isArray(value) ? sorted(value) : value,
  ]);
  return canonicalJson({
    ...Object.fromEntries(lists),
    lastSuccess: undefined,
    conditions: sorted(
      conditions
        .filter(({ type }) => ours.has(type))
        .map((condition) => ({ ...condition, lastTransitionTime: undefined })),
    ),
  });
}

/** Maps, which have no order of their own. */
function sorted(list: readonly unknown[]): string[] {
  return list.map(canonicalJson).sort();
}
