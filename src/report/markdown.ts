import { actions } from "./change-line.ts";
import { cell, fitted, joined, longestComment, markers } from "./comment.ts";
import type { PlanDocument, PlannedTarget } from "./document.ts";
import { plannedGains } from "./plan-gains.ts";
import { planSentence } from "./plan-summary.ts";
import { plannedTargetText } from "./text.ts";
import { namesText, shortened } from "./words.ts";

/** Characters for each part of what stands above the details. */
const room = { problems: 6_000, targets: 10_000, gains: 14_000, notRun: 3_000 };

/**
 * A plan as a comment on a pull request: what it comes to, a row for each target, who gains and who loses what, and each target's
 * changes folded below. Never longer than a comment may be: what does not fit is counted.
 */
export function planMarkdown(plan: PlanDocument): string {
  const head = joined([
    `### Rollcall plan: ${planSentence(plan)}`,
    "",
    ...(plan.state.isFirstRun ? ["A first run: no account is linked yet.", ""] : []),
    ...problemLines(plan),
    ...targetLines(plan),
    ...gainLines(plan),
    ...notRunLines(plan),
  ]);
  const foot = joined([
    `Plan \`${plan.hash}\` of revision \`${cell(shortened(plan.revision))}\``,
    "",
    markers.plan,
  ]);
  return `${head}${details(plan, longestComment - head.length - foot.length)}${foot}`;
}

function problemLines({ problems }: PlanDocument): readonly string[] {
  if (problems.length === 0) return [];
  const lines = problems.map(({ severity, kind, name, field, location, message }) => {
    const place = location ? `${location.file}:${location.line} ` : "";
    const what = [kind && name ? `${kind}/${name}` : kind, field]
      .filter((part) => part !== undefined)
      .join(" ");
    return `- ${severity === "Warning" ? "warning: " : ""}${cell(`${place}${what}: ${message}`)}`;
  });
  return [...fitted(lines, room.problems, (rest) => `- … and ${rest} more`), ""];
}

function targetLines({ targets }: PlanDocument): readonly string[] {
  if (targets.length === 0) return [];
  const shown = actions.filter((action) => targets.some(({ counts }) => counts[action]));
  const columns = ["Target", ...shown, "held", "conflicts", "orphans", "touched"];
  const rows = targets.map((target) =>
    row([
      cell(target.target),
      ...shown.map((action) => String(target.counts[action] ?? 0)),
      ...totals(target),
    ]),
  );
  const table = [row(columns), row(columns.map(() => "---"))];
  return [...table, ...fitted(rows, room.targets, (rest) => row([`… and ${rest} more`])), ""];
}

function totals({ held, findings, orphans, touched, error }: PlannedTarget): string[] {
  const conflicts = findings.filter(({ kind }) => kind === "Conflict").length;
  const share = touched.percent === undefined ? "" : ` (${touched.percent} %)`;
  const counts = [held.filter((each) => !each.held.excluded).length, conflicts, orphans.count];
  return [
    ...counts.map(String),
    error ? `error: ${cell(shortened(error.message))}` : `${touched.accounts}${share}`,
  ];
}

function gainLines(plan: PlanDocument): readonly string[] {
  const rows = plannedGains(plan).map(({ change, target, entitlement, identities }) =>
    row([change, cell(`${entitlement ?? "account"} in ${target}`), cell(namesText(identities))]),
  );
  if (rows.length === 0) return [];
  const table = ["|  | What | Who |", "| --- | --- | --- |"];
  return [...table, ...fitted(rows, room.gains, (rest) => row([`… and ${rest} more`])), ""];
}

function notRunLines({ notRun }: PlanDocument): readonly string[] {
  if (notRun.length === 0) return [];
  const lines = notRun.map(
    ({ target, reason, unplanned }) =>
      `- Target ${cell(target)} is not ${unplanned ? "planned" : "run"}: ${cell(reason)}`,
  );
  return [...fitted(lines, room.notRun, (rest) => `- … and ${rest} more`), ""];
}

/** Each target's changes, folded. A target gets what those before it leave, so that one of thousands of changes hides no other's. */
function details({ targets }: PlanDocument, most: number): string {
  const some = targets.filter(
    (target) => plannedTargetText(target).length >= 3 || target.changes.length > 0 || target.error,
  );
  let left = most;
  return some
    .map((target, index) => {
      const text = folded(target, Math.floor(left / (some.length - index)));
      left -= text.length;
      return text;
    })
    .join("");
}

function folded(target: PlannedTarget, most: number): string {
  const lines = plannedTargetText(target).map((line) => line.replace(/^ {2}/, ""));
  // A fence longer than any that a store's value could hold.
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const opening = joined([`<details><summary>${cell(target.target)}</summary>`, "", `${fence}diff`]);
  const closing = joined([fence, "", "</details>", ""]);
  const rest = (count: number) =>
    `… ${count} more lines do not fit into a comment: rollcall plan -o json shows all`;
  const inner = most - opening.length - closing.length;
  const content = joined(fitted(lines, inner, rest));
  return content.length <= inner ? `${opening}${content}${closing}` : "";
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
