import type { Document, Imported } from "../core/import/build.ts";
import type { Problem } from "../core/kinds/resource.ts";
import { type ChangeLine, changeLine } from "./change-line.ts";
import { changeText } from "./change-text.ts";
import { type RemarkGroup, remarkGroups, remarksText } from "./import-remarks.ts";
import type { RunReport } from "./run-report.ts";
import { plain, plural } from "./words.ts";

/** What was imported, as data: the format of `import -o json`. */
export interface ImportDocument {
  readonly format: "rollcall.dev/import/v1";
  readonly target: string;
  readonly folder: string;
  readonly written: Readonly<Record<string, number>>;
  /** Accounts that the next plan links, changing nothing. */
  readonly links: number;
  /** Memberships that it takes over. */
  readonly memberships: number;
  /** Identities of disabled accounts: Inactive, and not linked. */
  readonly disabled: number;
  /** Attributes with values that no field was found for, with how many accounts have them. */
  readonly unmapped: Readonly<Record<string, number>>;
  /** Objects that would not have been valid, and were left out. */
  readonly problems: readonly Problem[];
  /** What was left out, and what else somebody should see to, by why. */
  readonly remarks: readonly RemarkGroup[];
  /** What the next plan would still change. */
  readonly changes: readonly ChangeLine[];
  readonly conflicts: readonly string[];
  readonly error?: string;
}

export function importDocument(input: {
  readonly target: string;
  readonly folder: string;
  readonly documents: readonly Document[];
  readonly problems: readonly Problem[];
  readonly imported: Imported;
  /** What would be planned with the new manifests. */
  readonly report: RunReport;
}): ImportDocument {
  const { target, folder, documents, problems, imported, report } = input;
  const items = [...report.guarded.items, ...report.guarded.withheld.map(({ item }) => item)];
  const adoptions = items.filter(({ operation }) => operation === "Adopt");
  const counts = Map.groupBy(documents, ({ kind }) => kind);
  return {
    format: "rollcall.dev/import/v1",
    target,
    folder,
    written: Object.fromEntries([...counts].map(([kind, all]) => [kind, all.length])),
    links: adoptions.filter(({ kind }) => kind === "account").length,
    memberships: adoptions.filter(({ kind }) => kind === "membership").length,
    disabled: imported.disabled,
    unmapped: Object.fromEntries(imported.unmapped),
    problems,
    remarks: remarkGroups(imported.remarks),
    changes: items.filter(({ operation }) => operation !== "Adopt").map(changeLine),
    conflicts: report.findings
      .filter(({ kind }) => kind !== "Pending" && kind !== "Orphan")
      .map(({ message }) => message),
    ...(report.error ? { error: report.error.message } : {}),
  };
}

/** Changes that are written out. */
const mostChanges = 20;

export function importText(document: ImportDocument): string {
  const { target, folder, written, links, memberships, disabled, unmapped } = document;
  const { problems, remarks, changes, conflicts } = document;
  const wrote = Object.entries(written).map(([kind, count]) => plural(count, kind));
  return `${[
    `Wrote ${wrote.length === 0 ? "nothing: every account is explained" : `${wrote.join(", ")} to ${plain(folder)}`}`,
    `The next plan links ${plural(links, "account")} of Target ${target} and takes over ${plural(memberships, "membership")}`,
    ...(disabled > 0 ? [`${plural(disabled, "account")} disabled: written as Inactive, and left alone`] : []),
    ...Object.entries(unmapped).map(
      ([name, count]) =>
        `! ${plain(name)}: not in the manifests of ${plural(count, "account")}: its mapping cannot be read backwards, or they have several values`,
    ),
    ...remarksText(remarks),
    ...first(
      problems.map(
        ({ kind, name, field, message }) => `! left out ${kind}/${name}: ${field ?? ""} ${plain(message)}`,
      ),
    ),
    ...first(conflicts.map((message) => `! ${plain(message)}`)),
    ...(document.error === undefined ? [] : [`! ${plain(document.error)}`]),
    ...(changes.length === 0
      ? ["Nothing else would change."]
      : [
          `${plural(changes.length, "change")} would still be made: mend the mappings or the manifests first`,
          ...changes.slice(0, mostChanges).flatMap((change) => changeText(change).map((line) => `  ${line}`)),
          ...(changes.length > mostChanges ? [`  … and ${changes.length - mostChanges} more`] : []),
        ]),
  ].join("\n")}\n`;
}

function first(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostChanges) return lines;
  return [...lines.slice(0, mostChanges), `  … and ${lines.length - mostChanges} more`];
}
