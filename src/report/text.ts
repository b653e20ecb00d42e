import type { Finding } from "../core/plan/case.ts";
import { actions } from "./change-line.ts";
import { shortText, subject } from "./change-text.ts";
import type { AppliedTarget, ApplyDocument, Head, PlanDocument, PlannedTarget } from "./document.ts";
import { isReported } from "./run-report.ts";
import {
  byHandText,
  changesText,
  few,
  findingsText,
  heldText,
  mostChanges,
  tasksText,
} from "./text-lists.ts";
import { countsText, nothing, plain, plural } from "./words.ts";

/** Changes of a target that do not fit on a screen. */
const manyChanges = 10;

/** A plan for people. */
export function planText(plan: PlanDocument): string {
  const total = plan.targets.flatMap(({ changes }) => changes).length;
  const rest = summary([byHand(plan.targets), ...waiting(plan.targets)]);
  const toDo = total > 0 ? totals(plan.targets) : rest === "" ? "nothing to do" : "nothing to do now";
  return lines([
    ...plan.targets.flatMap((target) => ["", ...plannedTargetText(target)]),
    ...headText(plan),
    "",
    `Plan: ${toDo}${rest}${leftAlone(plan.targets)}.`,
  ]);
}

/** What was applied, for people. Where somebody has seen the plan, what went as planned is only counted. */
export function applyText(outcome: ApplyDocument, { wasSeen }: { readonly wasSeen: boolean }): string {
  const { targets, gone, interrupted } = outcome;
  const rest = summary([
    ["failed", targets.flatMap(({ failed }) => failed).length],
    ["not tried", targets.flatMap(({ left }) => left).length],
    byHand(targets),
    ["asked of people", targets.flatMap(({ handed }) => handed).length],
    ...waiting(targets),
    ["no longer as the plan showed", gone],
  ]);
  const done = totals(targets);
  const closing =
    done === nothing && rest === "" && !interrupted
      ? "Nothing to do"
      : `${interrupted ? "Interrupted" : "Applied"}: ${done}${rest}`;
  return lines([
    ...targets.flatMap((target) => ["", ...appliedTargetText(target, wasSeen)]),
    ...headText(outcome),
    "",
    `${closing}${leftAlone(targets)}.`,
  ]);
}

type Part = readonly [what: string, count: number];

/** `; 2 held; 1 in conflict`, or nothing. */
function summary(parts: readonly Part[]): string {
  return parts.flatMap(([what, count]) => (count > 0 ? [`; ${count} ${what}`] : [])).join("");
}

function byHand(targets: readonly (PlannedTarget | AppliedTarget)[]): Part {
  return ["done by hand", targets.flatMap(({ doneByHand }) => doneByHand).length];
}

/** What waits for a person: why an exit code is 3. */
function waiting(targets: readonly (PlannedTarget | AppliedTarget)[]): Part[] {
  const held = targets.flatMap((target) => target.held).filter((each) => !each.held.excluded).length;
  const found = (kind: Finding["kind"]) =>
    targets.flatMap(({ findings }) => findings).filter((finding) => finding.kind === kind).length;
  const broken = targets.filter(({ error }) => error !== undefined).length;
  return [
    ["held", held],
    ["unknown", found("Held")],
    ["in conflict", found("Conflict")],
    [broken === 1 ? "target in error" : "targets in error", broken],
  ];
}

/** What differs, and the manifests say to leave: `status` counts it under drift, and nobody needs to do anything. */
function leftAlone(targets: readonly (PlannedTarget | AppliedTarget)[]): string {
  const count = targets.flatMap(({ held, findings }) => [
    ...held.filter((each) => each.held.excluded),
    ...findings.filter(isReported),
  ]).length;
  return count === 0 ? "" : `; ${plural(count, "difference")} left as ${count === 1 ? "it is" : "they are"}`;
}

export function plannedTargetText(target: PlannedTarget): readonly string[] {
  const { touched } = target;
  const share = !touched.percent ? "" : `, ${touched.percent} % of those linked`;
  const touches = touched.accounts === 0 ? [] : [`touches ${plural(touched.accounts, "account")}${share}`];
  // Where what follows is long, what it comes to stands first.
  const counted = target.changes.length > manyChanges ? `: ${countsText(target.counts)}` : "";
  return [
    headline(target, [...linkedText(target), ...touches], counted),
    ...indented([
      ...errorText(target),
      ...(target.error || target.changes.length + target.held.length > 0 ? [] : ["nothing to do"]),
      ...(target.byHand === undefined || !target.asks
        ? []
        : [`by hand: apply opens tasks for ${plain(target.byHand)}`]),
      ...byHandText(target.doneByHand),
      ...changesText(target.changes),
      ...restText(target),
    ]),
  ];
}

function appliedTargetText(target: AppliedTarget, wasSeen: boolean): readonly string[] {
  const left = target.left.map(subject);
  return [
    headline(target, [`${countsText(target.counts)} done`, ...linkedText(target)]),
    ...indented([
      ...errorText(target),
      ...byHandText(target.doneByHand),
      ...(wasSeen ? [] : changesText(target.done)),
      ...target.failed.map(
        (each) => `! failed  ${each.action} ${subject(each)}: ${plain(each.error.message)}`,
      ),
      ...(left.length > 0 ? [`! not tried: ${few(left)}`] : []),
      ...(target.handed.length === 0 ? [] : [`> asked of ${plain(target.byHand ?? "people")}:`]),
      ...(wasSeen
        ? target.handed.slice(0, mostChanges).map((each) => `    ${shortText(each)}`)
        : changesText(target.handed)),
      ...tasksText(target.tasks),
      ...restText(target),
    ]),
  ];
}

/** `Target people (Store directory): 10 linked, …`. */
function headline(
  { target, store }: PlannedTarget | AppliedTarget,
  facts: readonly string[],
  more = "",
): string {
  return `Target ${target} (Store ${store})${facts.length === 0 ? "" : `: ${facts.join(", ")}`}${more}`;
}

function linkedText({ linked }: PlannedTarget | AppliedTarget): string[] {
  return linked === undefined ? [] : [`${linked} linked`];
}

function restText({ held, holds, findings, orphans }: PlannedTarget | AppliedTarget): string[] {
  return [
    ...heldText(held, holds),
    ...holds.flatMap((hold) =>
      hold.approved ? [`! approved by ${plain(hold.approved.by)}: hold ${hold.hash}`] : [],
    ),
    ...findingsText(findings),
    ...(orphans.count > 0
      ? [
          `? ${plural(orphans.count, "orphan")}, ${orphans.count === 1 ? "an account" : "accounts"} that no identity explains: ${few(orphans.first, orphans.count)}`,
        ]
      : []),
  ];
}

function errorText({ error }: PlannedTarget | AppliedTarget): string[] {
  return error ? [`! ${plain(error.message)}`] : [];
}

function headText({ notRun }: Head): string[] {
  return notRun.flatMap(({ target, reason }) => ["", `Target ${target} is not run: ${reason}`]);
}

function totals(targets: readonly (PlannedTarget | AppliedTarget)[]): string {
  return countsText(
    Object.fromEntries(
      actions.flatMap((action) => {
        const sum = targets.reduce((total, { counts }) => total + (counts[action] ?? 0), 0);
        return sum > 0 ? [[action, sum]] : [];
      }),
    ),
  );
}

function indented(texts: readonly string[]): string[] {
  return texts.map((text) => `  ${text}`);
}

function lines(texts: readonly string[]): string {
  return `${texts.join("\n").trim()}\n`;
}
