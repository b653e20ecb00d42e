import { actions } from "./change-line.ts";
import type { PlanDocument, PlannedTarget } from "./document.ts";
import { plannedTargetText } from "./text.ts";
import { plain } from "./words.ts";

/** A plan for a pull request: a table of totals, and each target's changes folded below. */
export function planMarkdown(plan: PlanDocument): string {
  const shown = actions.filter((action) => plan.targets.some(({ counts }) => counts[action]));
  const columns = ["Target", ...shown, "held", "conflicts", "orphans", "touched"];
  const rows = plan.targets.map((target) => [
    cell(target.target),
    ...shown.map((action) => String(target.counts[action] ?? 0)),
    ...totals(target),
  ]);
  return [
    "### Rollcall plan",
    "",
    ...(plan.state.isFirstRun ? ["A first run: no account is linked yet.", ""] : []),
    ...problems(plan),
    ...[columns, columns.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`),
    "",
    ...plan.targets.flatMap(details),
    ...plan.notRun.map(({ target, reason }) => `Target ${cell(target)} is not run: ${cell(reason)}\n`),
    `Plan \`${plan.hash}\` of revision \`${cell(plan.revision)}\``,
    "",
  ].join("\n");
}

/** Problems of manifests that are written out. */
const mostProblems = 20;

function problems({ problems: all }: PlanDocument): string[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, mostProblems).map(({ severity, kind, name, field, location, message }) => {
    const place = location ? `${location.file}:${location.line} ` : "";
    const what = [kind && name ? `${kind}/${name}` : kind, field]
      .filter((part) => part !== undefined)
      .join(" ");
    return `- ${severity === "Warning" ? "warning: " : ""}${cell(`${place}${what}: ${message}`)}`;
  });
  const more = all.length - shown.length;
  return [...shown, ...(more > 0 ? [`- … and ${more} more`] : []), ""];
}

function totals({ held, findings, orphans, touched, error }: PlannedTarget): string[] {
  const conflicts = findings.filter(({ kind }) => kind === "Conflict").length;
  const share = touched.percent === undefined ? "" : ` (${touched.percent} %)`;
  const counts = [held.filter((each) => !each.held.excluded).length, conflicts, orphans.count];
  return [...counts.map(String), error ? `error: ${cell(error.message)}` : `${touched.accounts}${share}`];
}

function details(target: PlannedTarget): string[] {
  const text = plannedTargetText(target).map((line) => line.replace(/^ {2}/, ""));
  if (text.length < 3 && target.changes.length === 0 && !target.error) return [];
  // A fence longer than any that a store's value could hold.
  const longest = Math.max(2, ...text.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [
    `<details><summary>${cell(target.target)}</summary>`,
    "",
    `${fence}diff`,
    ...text,
    fence,
    "",
    "</details>",
    "",
  ];
}

/** A text that ends no table cell and begins no markup. */
function cell(text: string): string {
  return plain(text).replace(/[\\`*_{}[\]<>|&#]/g, (character) => `&#${character.charCodeAt(0)};`);
}
