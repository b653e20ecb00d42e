import type { JournalEntry } from "../core/model/journal.ts";
import { type Action, actions, type ChangeLine } from "./change-line.ts";
import { changeText } from "./change-text.ts";
import { applyPatch, type Image } from "./patch.ts";
import { plain } from "./words.ts";

/** A line of the journal, as the state keeps it. */
export type JournalLine = Omit<JournalEntry, "seq">;

/** One line of the journal for people: when, by which revision, what, why, and each value before and after. */
export function journalText(line: JournalLine): string {
  const { at, target, revision, result, error, approvedBy, task, doneBy } = line;
  const [what, ...more] = changeText(changeOf(line));
  const outcome =
    result === "Done" ? "" : `  ${result.toUpperCase()}${error === undefined ? "" : `: ${plain(error)}`}`;
  const approved = approvedBy === undefined ? [] : [`      approved by ${plain(approvedBy)}`];
  const byHand = line.result === "Done" && task !== undefined ? [byHandText(task, doneBy)] : [];
  const time = new Date(at).toISOString();
  return `${[`${time}  ${target}  ${shortRevision(revision)}  ${what}${outcome}`, ...more, ...approved, ...byHand].join("\n")}\n`;
}

function byHandText(task: string, doneBy: string | undefined): string {
  const who = doneBy === undefined ? "" : `, completed by ${plain(doneBy)}`;
  return `      by hand${who} (task ${plain(task)})`;
}

/** What was, or is to be, changed: as plans show it. */
export function changeOf(line: Omit<JournalLine, "at" | "revision" | "target" | "result">): ChangeLine {
  const before = line.before as Image;
  const after = applyPatch(before, line.patch);
  const renamed = before.name !== undefined && after.name !== undefined && before.name !== after.name;
  const action = line.operation.toLowerCase() as Action;
  const membership = after.entitlements?.[0] ?? before.entitlements?.[0];
  return {
    hash: line.item,
    action: renamed ? "rename" : (actions.find((each) => each === action) ?? "update"),
    operation: line.operation,
    of: line.identity === "" ? "entitlement" : membership === undefined ? "account" : "membership",
    identity: line.identity,
    name: renamed ? (before.name ?? line.name) : line.name,
    ...(line.anchor === "" ? {} : { anchor: line.anchor }),
    ...(membership === undefined ? {} : { entitlement: membership }),
    ...(renamed && after.name !== undefined ? { rename: after.name } : {}),
    before,
    patch: line.patch,
    reversible: true,
    reasons: line.reasons,
  };
}

/** A commit in Git's short form, with what else it says. */
function shortRevision(revision: string): string {
  return plain(revision.replace(/\b([0-9a-f]{8})[0-9a-f]{32}\b/, "$1"));
}
