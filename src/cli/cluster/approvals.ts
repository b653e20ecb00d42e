import { approvalSpec } from "../../core/kinds/approval.ts";
import type { ClusterObject } from "../../resources/kubernetes/objects.ts";
import type { State } from "../../state/state.ts";

/** What an Approval came to. It is told on the object, and never read back from there. */
export type ApprovalOutcome = "Approved" | "HoldGone";

export interface Approvals {
  /** By the Approval's name. */
  readonly outcomes: ReadonlyMap<string, ApprovalOutcome>;
  /** Targets where something was just let pass: they are to be run. */
  readonly targets: ReadonlySet<string>;
}

export interface Taking {
  readonly state: State;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether an Approval that is not among the objects is proven to be gone. */
  readonly complete: boolean;
}

/** Names of notes about Approvals that were used, by uid. */
const used = "approval ";

/**
 * Lets pass what Approvals name, each once. That one was used is remembered before it is: whatever becomes of the process or of the
 * object's status, it cannot let the same pass again. Who approves is the API server's to check (docs/access-control.md).
 */
export async function takeApprovals(
  objects: readonly ClusterObject[],
  targets: Iterable<string>,
  { state, now, complete }: Taking,
): Promise<Approvals> {
  const outcomes = new Map<string, ApprovalOutcome>();
  const passed = new Set<string>();
  const parsed = objects.flatMap(({ metadata, spec }) => {
    const { data } = approvalSpec.safeParse(spec);
    return data ? [{ ...metadata, ...data }] : [];
  });
  const byTarget = Map.groupBy(parsed, ({ hold }) => hold.target);
  for (const target of new Set([...targets, ...byTarget.keys()])) {
    const all = byTarget.get(target) ?? [];
    const notes = await state.notes(target);
    for (const { name, uid, hold, approver } of all) {
      const known = notes.get(`${used}${uid}`) as ApprovalOutcome | undefined;
      const outcome = known ?? (await take({ uid, target, hash: hold.hash, approver }, state, now));
      outcomes.set(name, outcome);
      if (known === undefined && outcome === "Approved") passed.add(target);
    }
    const there = new Set(all.map(({ uid }) => uid));
    // One that is not seen may be there all the same.
    if (complete) await forget(target, notes, there, state);
  }
  return { outcomes, targets: passed };
}

interface Approving {
  readonly uid: string;
  readonly target: string;
  readonly hash: string;
  readonly approver: string;
}

async function take({ uid, target, hash, approver }: Approving, state: State, now: number) {
  const isOpen = (await state.holds(target)).some((hold) => hold.hash === hash && hold.expires > now);
  const outcome: ApprovalOutcome = isOpen ? "Approved" : "HoldGone";
  await state.setNotes(target, { [`${used}${uid}`]: outcome });
  if (isOpen) await state.approve(hash, approver, now);
  return outcome;
}

/** An object that is deleted never comes back with the same uid. */
async function forget(
  target: string,
  notes: ReadonlyMap<string, string>,
  there: ReadonlySet<string>,
  state: State,
): Promise<void> {
  const gone = [...notes.keys()].filter(
    (name) => name.startsWith(used) && !there.has(name.slice(used.length)),
  );
  if (gone.length > 0)
    await state.setNotes(target, Object.fromEntries(gone.map((name) => [name, undefined])));
}
