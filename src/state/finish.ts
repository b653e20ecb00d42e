import type { Link } from "../core/model/link.ts";
import { batchSteps } from "./batches.ts";
import { type Database, drop, put, type Step, sql } from "./database.ts";
import { StateError } from "./errors.ts";
import type { BatchResult } from "./state.ts";
import * as tables from "./tables.ts";
import { taskSteps } from "./tasks.ts";

/** Removals come first, so that what one identity gives up another can get in the same transaction. */
export function finishSteps(result: BatchResult, place: string): Step[] {
  const unlinked = (result.unlink ?? []).map(({ target, identity }) => [target, identity]);
  const dropped = (result.dropHoldings ?? []).map((held) => [held.target, held.identity, held.entitlement]);
  const forgotten = (result.dropEntitlements ?? []).map(({ target, anchor }) => [target, anchor]);
  return [
    ...(result.batch === undefined ? [] : [endOf(result.batch, place)]),
    ...(result.spent ? [...batchSteps({ ...result.spent, intents: [] }), endOf(result.spent.id, place)] : []),
    drop(tables.links, ["target", "identity"], unlinked),
    drop(tables.holdings, ["target", "identity"], unlinked),
    drop(tables.holdings, ["target", "identity", "entitlement"], dropped),
    drop(tables.entitlements, ["target", "anchor"], forgotten),
    put(tables.links, result.links),
    put(tables.formerAccounts, result.formerAccounts),
    put(tables.holdings, result.holdings),
    put(tables.entitlements, result.entitlements),
    ...taskSteps(result.tasks),
    put(tables.journal, result.journal),
  ];
}

function endOf(batch: string, place: string): Step {
  const cause = `cannot finish batch ${batch} in state ${place}: no open batch has this id`;
  return {
    ...sql("UPDATE batches SET intents = NULL WHERE id = ? AND intents IS NOT NULL", batch),
    otherwise: new StateError("Conflict", cause),
  };
}

/** Whose account a link wanted, where a unique constraint refused it. */
export async function takenAccount(database: Database, result: BatchResult): Promise<StateError | undefined> {
  const select = "SELECT identity FROM links WHERE target = ? AND anchor = ?";
  const unlinked = new Set(result.unlink?.map((gone) => JSON.stringify([gone.target, gone.identity])));
  const holders = new Map<string, string>();
  for (const link of result.links ?? []) {
    const [kept] = await database.read(select, [link.target, link.anchor]);
    const before = unlinked.has(JSON.stringify([link.target, kept?.identity])) ? undefined : kept?.identity;
    const account = JSON.stringify([link.target, link.anchor]);
    const holder = holders.get(account) ?? before;
    if (typeof holder === "string" && holder !== link.identity) return taken(link, holder);
    holders.set(account, link.identity);
  }
  return undefined;
}

function taken(link: Link, holder: string): StateError {
  const account = `account ${link.name} (${link.anchor}) of target ${link.target}`;
  const cause = `cannot link ${link.identity} to ${account}: it is linked to ${holder}; unlink that identity first`;
  return new StateError("Conflict", cause);
}
