import { put, type Step, sql } from "./database.ts";
import { longestKept } from "./keeping.ts";
import type { Batch } from "./state.ts";
import * as tables from "./tables.ts";

/** Begins a batch, and drops the target's counts that no window reaches back to. */
export function batchSteps(batch: Batch): readonly Step[] {
  const { target, at } = batch;
  const old = "DELETE FROM batches WHERE target = ? AND at < ? AND intents IS NULL";
  return [put(tables.batches, [batch]), sql(old, target, at - longestKept)];
}
