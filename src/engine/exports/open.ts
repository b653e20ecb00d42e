import { setImmediate as breathe } from "node:timers/promises";
import type { Call } from "../../connectors/contract.ts";
import { type ExportModel, exportModel } from "../../core/export/model.ts";
import { exportRow, type RowSubject } from "../../core/export/row.ts";
import type { Cell } from "../../core/expression/result.ts";
import type { ExportSpec } from "../../core/kinds/export.ts";
import type { Snapshot } from "../../core/kinds/resource.ts";
import type { Complete } from "../../resources/resources.ts";
import type { State } from "../../state/state.ts";
import type { Desires } from "../desires.ts";
import type { Engine } from "../engine.ts";
import { accountSource, accountSubjects } from "./accounts.ts";
import { ExportFault } from "./fault.ts";
import { identitySubjects } from "./identities.ts";

export interface ExportParts {
  readonly engine: Engine;
  readonly state: State;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether all identities were read. */
  readonly complete: () => Complete;
  readonly stop: AbortSignal;
}

/** Milliseconds that one export may take; each of its calls to the store has the store's own limit besides. */
const longest = 6 * 3_600_000;

export type Pages = AsyncIterable<readonly (readonly Cell[])[]>;

/**
 * Readies what an export is of: rows are read when they are asked for. To be called in the engine's turn, as a run is; what it gives
 * may be read while others run. Throws a `StoreError` or an `ExportFault`, here or while rows are read: then there is no export,
 * for less than all of it would tell that the rest is gone (law 4).
 */
export async function openExport(
  parts: ExportParts,
  spec: Pick<ExportSpec, "target" | "columns" | "when">,
): Promise<Pages> {
  const { engine, state, now, complete, stop } = parts;
  const made = exportModel(spec);
  if ("problems" in made) throw new ExportFault(made.problems.join("; "));
  const { model } = made;
  const at = now();
  const call: Call = { signal: stop, deadline: at + longest };
  const lane = spec.target && (await engine.reach(spec.target.name, true));
  if (lane && "error" in lane) throw lane.error;
  const desires = desiresOf(engine);
  if (lane) {
    const source = await accountSource(model, lane, desires, call);
    return pagesOf(model, accountSubjects(model, source, desires, call, at), stop);
  }
  demandAll(desires.snapshot, complete());
  return pagesOf(model, identitySubjects(model, desires, state, at), stop);
}

function desiresOf(engine: Engine): Desires {
  const desires = engine.desires();
  if (desires) return desires;
  throw new Error("load a snapshot before exporting");
}

/** Throws where there may be identities that nobody has seen. */
function demandAll({ unread, unknown }: Snapshot, complete: Complete): void {
  const [invalid] = [...unknown].filter(([key]) => key.startsWith("Identity/"));
  const why =
    unread.get("Identity") ??
    (complete.ok ? undefined : complete.reason) ??
    (invalid && `${invalid[0]} is not valid: ${invalid[1]}`);
  if (why !== undefined) throw new ExportFault(`not all identities are known: ${why}`);
}

async function* pagesOf(
  model: ExportModel,
  subjects: AsyncIterable<readonly RowSubject[]>,
  stop: AbortSignal,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  for await (const page of subjects) {
    stop.throwIfAborted();
    yield page.flatMap((subject) => {
      const row = exportRow(model, subject);
      if ("error" in row) throw new ExportFault(row.error);
      return "cells" in row ? [row.cells] : [];
    });
    await breathe();
  }
}
