import type { Finding } from "../core/plan/case.ts";
import type { Action, ChangeLine } from "./change-line.ts";
import { actions } from "./change-line.ts";
import { changeText, subject } from "./change-text.ts";
import type {
  AppliedTarget,
  ApplyDocument,
  Head,
  HeldLine,
  HoldLine,
  PlanDocument,
  PlannedTarget,
  TaskNote,
} from "./document.ts";
import { countsText, nothing, plain, plural } from "./words.ts";

/** Changes of one action that are written out. Removals always are. */
const mostChanges = 20;
/** Changes of a target that do not fit on a screen. */
const manyChanges = 10;
const mostOthers = 10;
const removing: ReadonlySet<Action> = new Set<Action>(["disable", "revoke", "delete"]);

/** A plan for people. */
export function planText(plan: PlanDocument): string {
  const total = plan.targets.flatMap(({ changes }) => changes).length;
  const rest = summary(waiting(plan.targets));
  return lines([
    ...plan.targets.flatMap((target) => ["", ...plannedTargetText(target)]),
    ...headText(plan),
    "",
    `Plan: ${total > 0 ? totals(plan.targets) : rest === "" ? "nothing to do" : "nothing to do now"}${rest}.`,
  ]);
}

/** What was applied, for people. Where somebody has seen the plan, what went as planned is only counted. */
export function applyText(outcome: ApplyDocument, { wasSeen }: { readonly wasSeen: boolean }): string {
  const { targets, gone, interrupted } = outcome;
  const rest = summary([
    ["failed", targets.flatMap(({ failed }) => failed).length],
    ["not tried", targets.flatMap(({ left }) => left).length],
    ["asked of people", targets.flatMap(({ handed }) => handed).length],
    ...waiting(targets),
    ["no longer as the plan showed", gone],
  ]);
  const done = totals(targets);
  const closing =
    done === nothing && rest === "" && !interrupted
      ? "Nothing to do."
      : `${interrupted ? "Interrupted" : "Applied"}: ${done}${rest}.`;
  return lines([
    ...targets.flatMap((target) => ["", ...appliedTargetText(target, wasSeen)]),
    ...headText(outcome),
    "",
    closing,
  ]);
}

type Part = readonly [what: string, count: number];

/** `; 2 held; 1 in conflict`, or nothing. */
function summary(parts: readonly Part[]): string {
  return parts.flatMap(([what, count]) => (count > 0 ? [`; ${count} ${what}`] : [])).join("");
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
      ...(wasSeen ? [] : changesText(target.done)),
      ...target.failed.map(
        (each) => `! failed  ${each.action} ${subject(each)}: ${plain(each.error.message)}`,
      ),
      ...(left.length > 0 ? [`! not tried: ${few(left)}`] : []),
      ...(target.handed.length === 0 ? [] : [`> asked of ${plain(target.byHand ?? "people")}:`]),
      ...(wasSeen
        ? target.handed.slice(0, mostChanges).map((each) => `    ${each.action} ${subject(each)}`)
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

/** What has become of tasks; those that were opened, or got more to do, stand there with what was asked. */
function tasksText(tasks: readonly TaskNote[]): string[] {
  const ended = tasks.filter(({ event }) => event !== "Opened" && event !== "Changed");
  const lines = ended.map(
    ({ event, name, account, message }) => `> task ${name} (${account}): ${event.toLowerCase()}, ${message}`,
  );
  return lines.length === 0 ? [] : few(lines, lines.length, "\n").split("\n");
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
          `? ${plural(orphans.count, "orphan")}, accounts that no identity explains: ${few(orphans.first, orphans.count)}`,
        ]
      : []),
  ];
}

function changesText(changes: readonly ChangeLine[]): string[] {
  const byAction = Map.groupBy(changes, ({ action }) => action);
  return actions.flatMap((action) => {
    const some = byAction.get(action) ?? [];
    const shown = removing.has(action) ? some : some.slice(0, mostChanges);
    const more = some.length - shown.length;
    return [
      ...shown.flatMap(changeText),
      ...(more > 0 ? [`  … and ${plural(more, `more ${action}`)} (-o json shows all)`] : []),
    ];
  });
}

/** What is held for one reason stands together. */
function heldText(held: readonly HeldLine[], holds: readonly HoldLine[]): string[] {
  const approvable = new Map(holds.filter(({ approved }) => !approved).map((hold) => [hold.reason, hold]));
  const groups = Map.groupBy(
    held,
    (each) => `${each.held.excluded ? "excluded" : "held"}: ${each.held.reason}`,
  );
  return [...groups].flatMap(([reason, some]) => {
    const hold = approvable.get(some[0]!.held.reason);
    return [
      `! ${plain(reason)}`,
      ...few(
        some.map((each) => `${each.action} ${subject(each)}`),
        some.length,
        "\n",
      )
        .split("\n")
        .map((line) => `    ${line}`),
      ...(hold ? [`    to let it pass: rollcall approve ${hold.hash} (in a folder: -f DIR)`] : []),
    ];
  });
}

function findingsText(findings: readonly Finding[]): string[] {
  return [...Map.groupBy(findings, ({ kind }) => kind)].flatMap(([kind, some]) => [
    ...some
      .slice(0, mostOthers)
      .map((finding) => `? ${kind.toLowerCase().padEnd(8)} ${findingText(finding)}`),
    ...(some.length > mostOthers ? [`  … and ${some.length - mostOthers} more ${kind.toLowerCase()}`] : []),
  ]);
}

function findingText({ identity, name, message }: Finding): string {
  const known = [name, identity].filter((part) => part !== undefined && part !== "");
  const [who, whose] = [...new Set(known)];
  if (who === undefined) return plain(message);
  return plain(`${who}${whose === undefined ? "" : ` (${whose})`}: ${message}`);
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

function few(texts: readonly string[], count = texts.length, separator = ", "): string {
  const shown = texts.slice(0, mostOthers).map(plain);
  return [...shown, ...(count > shown.length ? [`… and ${count - shown.length} more`] : [])].join(separator);
}

function indented(texts: readonly string[]): string[] {
  return texts.map((text) => `  ${text}`);
}

function lines(texts: readonly string[]): string {
  return `${texts.join("\n").trim()}\n`;
}
