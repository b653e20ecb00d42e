import type { AccessDiff, AccessGroup } from "../core/access/diff.ts";
import { cell, fitted, joined, longestComment, markers } from "./comment.ts";
import { namesText, plain, plural, reasonsText, shortened } from "./words.ts";

/** Who gains and who loses what between two revisions, as data: the format of `plan --base -o json`. */
export interface AccessDiffDocument extends AccessDiff {
  readonly format: "rollcall.dev/access-diff/v1";
  readonly base: string;
  readonly revision: string;
  /** What is wrong with the newer manifests: errors. */
  readonly errors: number;
}

export function accessDiffText(document: AccessDiffDocument): string {
  const { base, revision, objects, groups, unknown } = document;
  const { added, changed, removed } = objects;
  return `${[
    `From ${plain(base)} to ${plain(revision)}: ${added.length} added, ${changed.length} changed, ${removed.length} removed`,
    ...groups.flatMap((group) => [
      `${group.change === "Gained" ? "+" : "-"} ${what(group)}: ${namesText(group.identities)}`,
      ...why(group).map((line) => `      ${line}`),
    ]),
    ...unknown.map(
      ({ reason, identities }) => `! cannot be told for ${namesText(identities)}: ${plain(reason)}`,
    ),
    summary(document),
  ].join("\n")}\n`;
}

/** As a comment on a pull request, never longer than one may be: what does not fit is counted. */
export function accessDiffMarkdown(document: AccessDiffDocument): string {
  const { base, revision, groups, unknown } = document;
  const rows = groups.map((group) => {
    const cells = [group.change, what(group), namesText(group.identities), why(group).join("; ")];
    return `| ${cells.map(cell).join(" | ")} |`;
  });
  const untold = unknown.map(
    ({ reason, identities }) => `- Cannot be told for ${cell(namesText(identities))}: ${cell(reason)}`,
  );
  const head = joined([
    `### Rollcall: ${summary(document)}`,
    "",
    `From \`${cell(shortened(base))}\` to \`${cell(shortened(revision))}\`, by the manifests alone.`,
    "",
    ...(rows.length > 0 ? ["|  | What | Who | Why |", "| --- | --- | --- | --- |"] : []),
  ]);
  const foot = joined(["", markers.access]);
  const left = longestComment - head.length - foot.length;
  const table = joined(fitted(rows, Math.floor((left * 3) / 4), notFitting));
  const list = untold.length === 0 ? [] : ["", ...fitted(untold, left - table.length - 1, notFitting)];
  return `${head}${table}${joined(list)}${foot}`;
}

function notFitting(rest: number): string {
  return `\n… ${rest} more do not fit into a comment: rollcall plan --base -o json shows all`;
}

function summary({ groups, unknown, errors }: AccessDiffDocument): string {
  const who = (change: AccessGroup["change"]) =>
    new Set(groups.filter((group) => group.change === change).flatMap(({ identities }) => identities)).size;
  const gain = who("Gained");
  const lose = who("Lost");
  const rest = [
    ...(unknown.length > 0 ? ["some cannot be told"] : []),
    ...(errors > 0 ? [`${plural(errors, "error")} in the manifests: rollcall validate shows them`] : []),
  ].map((part) => `; ${part}`);
  const told =
    gain + lose === 0 ? "Nobody gains or loses access" : `${gain} gain access, ${lose} lose access`;
  return `${told}${rest.join("")}.`;
}

function what({ target, entitlement }: AccessGroup): string {
  return `${entitlement === undefined ? "account" : plain(entitlement)} in ${target}`;
}

function why({ change, reasons, inactive, edited }: AccessGroup): readonly string[] {
  const chain = reasonsText(reasons);
  return [
    change === "Gained" ? `because ${chain}` : `had because ${chain}`,
    ...(inactive ? [`now: ${reasonsText([[inactive]])}`] : []),
    ...(edited.length > 0 ? [`edited: ${edited.map(plain).join(", ")}`] : []),
  ];
}
