import { put, type Step, sql } from "./database.ts";
import { longestKept } from "./keeping.ts";
import type { Selection } from "./pages.ts";
import type { BatchResult, TaskQuery } from "./state.ts";
import * as tables from "./tables.ts";

/** Puts tasks, and drops those that were closed long ago. */
export function taskSteps(tasks: BatchResult["tasks"] = []): readonly Step[] {
  const latest = Math.max(0, ...tasks.map(({ closed = 0 }) => closed));
  const old = sql("DELETE FROM tasks WHERE closed < ?", latest - longestKept);
  return tasks.length === 0 ? [] : [put(tables.tasks, tasks), old];
}

export function selectedTasks({
  target,
  name,
  all = name !== undefined,
}: TaskQuery): Omit<Selection, "from"> {
  const terms: readonly (readonly [string, string | undefined])[] = [
    ["target = ?", target],
    ["name = ?", name],
  ];
  const given = terms.flatMap(([term, value]) => (value === undefined ? [] : [{ term, value }]));
  return {
    where: [all ? "1 = 1" : "closed IS NULL", ...given.map(({ term }) => term)].join(" AND "),
    parameters: given.map(({ value }) => value),
    order: ["opened", "name"],
  };
}
