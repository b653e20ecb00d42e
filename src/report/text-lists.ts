import type { Finding } from "../core/plan/case.ts";
import { type Action, actions, type ChangeLine } from "./change-line.ts";
import { changeText, shortText } from "./change-text.ts";
import type { ByHandLine, HeldLine, HoldLine, TaskNote } from "./document.ts";
import { plain, plural } from "./words.ts";

/** Changes of one action that are written out. Removals always are. */
export const mostChanges = 20;
const mostOthers = 10;
const removing: ReadonlySet<Action> = new Set<Action>(["disable", "revoke", "delete"]);

export function changesText(changes: readonly ChangeLine[]): string[] {
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

/** What people have done stands together by task. */
export function byHandText(changes: readonly ByHandLine[]): string[] {
  return grouped(changes, ({ task, doneBy }) => {
    const who = doneBy === undefined ? "" : `, completed by ${doneBy}`;
    return `< done by hand${who} (task ${task}):`;
  });
}

/** What has become of tasks; those that were opened, or got more to do, stand there with what was asked. */
export function tasksText(tasks: readonly TaskNote[]): string[] {
  const ended = tasks.filter(({ event }) => event !== "Opened" && event !== "Changed");
  const lines = ended.map(
    ({ event, name, account, message }) => `> task ${name} (${account}): ${event.toLowerCase()}, ${message}`,
  );
  return lines.length === 0 ? [] : few(lines, lines.length, "\n").split("\n");
}

/** What is held for one reason stands together. */
export function heldText(held: readonly HeldLine[], holds: readonly HoldLine[]): string[] {
  const approvable = new Map(holds.filter(({ approved }) => !approved).map((hold) => [hold.reason, hold]));
  return grouped(
    held,
    (each) => `! ${each.held.excluded ? "excluded" : "held"}: ${each.held.reason}`,
    ({ held: { reason } }) => {
      const hold = approvable.get(reason);
      return hold ? [`    to let it pass: rollcall approve ${hold.hash} (in a folder: -f DIR)`] : [];
    },
  );
}

/** Changes below what they have in common. */
function grouped<T extends ChangeLine>(
  changes: readonly T[],
  heading: (change: T) => string,
  foot: (first: T) => readonly string[] = () => [],
): string[] {
  return [...Map.groupBy(changes, heading)].flatMap(([head, some]) => {
    const lines = some.map(shortText);
    const shown = few(lines, lines.length, "\n").split("\n");
    return [plain(head), ...shown.map((line) => `    ${line}`), ...foot(some[0]!)];
  });
}

export function findingsText(findings: readonly Finding[]): string[] {
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

export function few(texts: readonly string[], count = texts.length, separator = ", "): string {
  const shown = texts.slice(0, mostOthers).map(plain);
  return [...shown, ...(count > shown.length ? [`… and ${count - shown.length} more`] : [])].join(separator);
}
