import type { AccessDiff, AccessGroup } from "../core/access/diff.ts";
import { plain, plural, reasonsText } from "./words.ts";

/** Who gains and who loses what between two revisions, as data: the format of `plan --base -o json`. */
export interface AccessDiffDocument extends AccessDiff {
  readonly format: "rollcall.dev/access-diff/v1";
  readonly base: string;
  readonly revision: string;
  /** What is wrong with the newer manifests: errors. */
  readonly errors: number;
}

/** Identities that a line names; the rest is counted. */
const mostNames = 12;

export function accessDiffText(document: AccessDiffDocument): string {
  const { base, revision, objects, groups, unknown } = document;
  const { added, changed, removed } = objects;
  return `${[
    `From ${plain(base)} to ${plain(revision)}: ${added.length} added, ${changed.length} changed, ${removed.length} removed`,
    ...groups.flatMap((group) => [
      `${group.change === "Gained" ? "+" : "-"} ${what(group)}: ${names(group.identities)}`,
      ...why(group).map((line) => `      ${line}`),
    ]),
    ...unknown.map(({ reason, identities }) => `! cannot be told for ${names(identities)}: ${plain(reason)}`),
    summary(document),
  ].join("\n")}\n`;
}

/** For a pull request. */
export function accessDiffMarkdown(document: AccessDiffDocument): string {
  const { base, revision, groups, unknown } = document;
  const rows = groups.map((group) => {
    const cells = [group.change, what(group), names(group.identities), why(group).join("; ")];
    return `| ${cells.map(cell).join(" | ")} |`;
  });
  return `${[
    "### Rollcall: who gains and who loses what",
    "",
    `From \`${cell(base)}\` to \`${cell(revision)}\`, by the manifests alone.`,
    "",
    ...(rows.length > 0 ? ["|  | What | Who | Why |", "| --- | --- | --- | --- |", ...rows, ""] : []),
    ...unknown.map(
      ({ reason, identities }) => `- Cannot be told for ${cell(names(identities))}: ${cell(reason)}`,
    ),
    ...(unknown.length > 0 ? [""] : []),
    summary(document),
  ].join("\n")}\n`;
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

function names(identities: readonly string[]): string {
  const first = identities.slice(0, mostNames).map(plain).join(", ");
  return identities.length <= mostNames ? first : `${first} and ${identities.length - mostNames} more`;
}

/** A text that ends no table cell and begins no markup. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|&#]/g, (character) => `&#${character.charCodeAt(0)};`);
}
