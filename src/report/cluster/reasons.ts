/** What a reason says, and whether somebody must act before it goes away. */
export interface ReasonMeaning {
  readonly meaning: string;
  /** `Stalled` is true with it. */
  readonly stalled?: true;
  /** `Reconciling` is true with it: it is worked on, or tried again, without anybody's doing. */
  readonly reconciling?: true;
}

/** Every reason of the condition `Ready`, worst first: where several hold, the first is told. docs/reference/conditions.md is made from this. */
export const reasons = {
  Invalid: {
    meaning: "What the object says is not valid; its last valid version stays in force.",
    stalled: true,
  },
  DoesNotFit: { meaning: "The Target asks of its Store what the Store does not have.", stalled: true },
  StoreForeign: { meaning: "Another store answers than the one that is known by this name.", stalled: true },
  StoreUnauthenticated: {
    meaning:
      "The store refuses the credential, or the Secret that has it is missing, not for this Store, or not to be read.",
    stalled: true,
  },
  ExportRefused: {
    meaning:
      "The file cannot be written as the Export says, or not where: an expression fails for somebody, the path is not allowed. The old file stays.",
    stalled: true,
  },
  Quarantined: {
    meaning: "Most changes failed: it is tried with one change, ever more rarely.",
    stalled: true,
  },
  Conflict: { meaning: "Two claim one thing, or an account cannot be told apart.", stalled: true },
  HoldWaiting: { meaning: "A limit holds changes until somebody approves them, or they fit.", stalled: true },
  Refused: {
    meaning: "A change is not allowed: a protected account, or one outside the store's boundary.",
    stalled: true,
  },
  AdoptionProposed: {
    meaning: "An account was found that may be taken over; somebody has to see it first.",
    stalled: true,
  },
  ChangedOutside: { meaning: "Somebody else disabled or deleted an account.", stalled: true },
  Held: { meaning: "Something is unknown, so nothing is given and nothing taken away." },
  ReferenceMissing: { meaning: "It names an object that does not exist or is not valid." },
  Suspended: { meaning: "It, or its Store, is suspended." },
  NoTargets: { meaning: "No Target is run, so nobody knows which accounts are due." },
  TaskOverdue: { meaning: "Somebody was to have done it by now.", stalled: true },
  TaskRejected: {
    meaning: "Somebody says that it will not be done; it stays undone until something else is due.",
  },
  TaskOpen: { meaning: "Somebody has it to do." },
  TaskGone: { meaning: "There is no such task: it was closed, or never opened." },
  TaskCompleted: { meaning: "Somebody says that it is done; the store does not show it yet." },
  StoreUnavailable: { meaning: "The store does not answer; it is tried again.", reconciling: true },
  ExportFailed: {
    meaning:
      "The file could not be written: the store or the disk is away, or something is unknown. The old file stays; it is tried again.",
    reconciling: true,
  },
  ChangesFailed: { meaning: "Changes failed or were not tried; they are tried again.", reconciling: true },
  Progressing: { meaning: "Changes are on their way, or wait for a time.", reconciling: true },
  HoldGone: { meaning: "The Target has no such hold any longer: nothing is left to approve." },
  SomeHeld: { meaning: "The Target is run; single accounts wait, and say so themselves." },
  Observed: { meaning: "The Target only observes, or does not allow the operation: nothing is changed." },
  Converged: { meaning: "All is as declared." },
  NoAccounts: { meaning: "No account is due, and there is none." },
  Reachable: { meaning: "The store answered." },
  NotUsed: { meaning: "No Target uses it: it has not been contacted." },
  Exported: { meaning: "The file was written." },
  Accepted: { meaning: "It is valid and in force." },
  Approved: { meaning: "The hold's changes are let pass." },
  TaskDone: { meaning: "The store shows all of it." },
  TaskWithdrawn: { meaning: "It is no longer due." },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof reasons;

/** Reasons with which `Ready` is true. */
const good: ReadonlySet<Reason> = new Set<Reason>([
  ...(["SomeHeld", "Observed", "Converged", "NoAccounts", "Reachable"] as const),
  ...(["NotUsed", "Accepted", "Exported", "Approved", "TaskDone", "TaskWithdrawn"] as const),
]);

export function isReady(reason: Reason): boolean {
  return good.has(reason);
}

const order = new Map((Object.keys(reasons) as Reason[]).map((reason, index) => [reason, index]));

/** Which of two is worse, for sorting: negative where it is `a`. */
export function byGravity(a: Reason, b: Reason): number {
  return order.get(a)! - order.get(b)!;
}

/** docs/reference/conditions.md */
export function conditionsPage(): string {
  const rows = Object.entries<ReasonMeaning>(reasons).map(
    ([reason, { meaning, stalled, reconciling }]) =>
      `| \`${reason}\` | ${isReady(reason as Reason) ? "True" : "False"} | ${stalled ? "Stalled" : reconciling ? "Reconciling" : ""} | ${meaning} |`,
  );
  return `<!-- Generated from src/report/cluster/reasons.ts by npm run generate. -->

# Conditions

Every object has the condition \`Ready\`. \`Reconciling\` and \`Stalled\` are there only while they are true, as
[kstatus](https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md) has it: \`Stalled\` means that somebody must act.
A Target has \`Drifted\` besides: whether anything in the store differs from what is declared.

\`\`\`sh
kubectl wait --for=condition=Ready identity/alice
\`\`\`

That waits for the newest version of the object: \`observedGeneration\` follows once every Target was run with it, except those that are
suspended and those whose store does not answer.
While a store does not answer, its Target and its Store say so; Identities keep what was last known of them.

| Reason of \`Ready\` | Ready | Also true | Meaning |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
