import { setTimeout as pause } from "node:timers/promises";
import type { Call, Outcome } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { performApart } from "./apart.ts";
import { actionOf, preconditions } from "./ask.ts";
import { endTransaction, inTransaction, oids, startTransaction } from "./controls.ts";
import type { Directory } from "./directory.ts";
import { codes } from "./errors.ts";
import { areUnchanged, lookFirst } from "./look.ts";
import { refusal } from "./outcome.ts";
import { chunks } from "./pipeline.ts";
import type { Place } from "./place.ts";
import type { Lease } from "./pool.ts";
import { readBack } from "./read-back.ts";
import type { Server } from "./server.ts";
import type { LdapResult } from "./wire.ts";
import type { Writing } from "./write.ts";

/**
 * Changes in one transaction. More make commits rarer, and the work greater that one refused change makes to be done again;
 * they are read back in one piece, and OpenLDAP takes 1,000 requests at once (slapd-config(5), olcConnMaxPendingAuth).
 */
export const batchSize = 500;
/** Fewer changes than this are as quick one by one. */
export const worthwhile = 50;
/** Batches under way: one commits, one waits to, one is sent. */
const batchesInFlight = 3;

/**
 * Milliseconds between a server's last answer of a batch and its commit. OpenLDAP (seen with 2.5.13, and in the code of later ones) frees the operations of a
 * transaction at its end while the threads that have just answered them may still be using them, and crashes: a commit that followed at
 * once and failed killed it once in 50 times, after 20 ms never, on an overloaded machine neither. With several batches under
 * way the time is not lost. docs/connectors/ldap.md
 */
const settling = 30;

export function usesTransactions(directory: Directory, server: Server): boolean {
  if (directory.transactions === "Never") return false;
  return server.offers.has(oids.startTransaction) && server.offers.has(oids.endTransaction);
}

/** Makes changes in batches that are committed together (RFC 5805): with one flush to disk each, many times as fast. */
export async function* performTogether(
  directory: Directory,
  writings: readonly Writing[],
  call: Call,
): AsyncGenerator<Outcome> {
  const running: Promise<Outcome[]>[] = [];
  let turn = Promise.resolve();
  for (const batch of chunks(writings, batchSize)) {
    if (running.length === batchesInFlight) yield* await running.shift()!;
    const { promise, resolve } = Promise.withResolvers<void>();
    running.push(performBatch(directory, batch, call, turn, resolve));
    turn = promise;
  }
  for (const outcomes of running) yield* await outcomes;
}

/** `turn` comes when the batch before has committed; `done` lets the next one. Never rejects. */
async function performBatch(
  directory: Directory,
  batch: readonly Writing[],
  call: Call,
  turn: Promise<void>,
  done: () => void,
): Promise<Outcome[]> {
  try {
    using lease = await directory.pool.lease(call);
    const server = await directory.server(lease, call);
    const place = { directory, server, connection: lease.connection, call };
    const changes = batch.map(({ change }) => change);
    if (!areUnchanged(server, changes, await lookFirst(place, changes)))
      return await performApart(place, changes);
    const result = await commitBatch(place, batch, turn).catch((error: unknown) => abandon(lease, error));
    done();
    // The server may be unable to tell anchors and versions in a transaction (OpenLDAP is).
    if (result.code === codes.success) return await readBack(place, batch);
    // One refused change undoes all: by themselves each has its own outcome.
    return await performApart(place, changes);
  } catch (error) {
    return batch.map(({ change }) => refusal(change.id, error));
  } finally {
    done();
  }
}

/** A transaction that was begun ends with its connection, not before the server has settled. */
async function abandon(lease: Lease, error: unknown): Promise<never> {
  await pause(settling);
  lease.connection.close();
  throw error;
}

/** The result of the commit, or the first one that was no success before it. */
async function commitBatch(
  place: Place,
  batch: readonly Writing[],
  turn: Promise<void>,
): Promise<LdapResult> {
  const { connection, server, call } = place;
  const started = await connection.send(startTransaction(), call, {
    action: "start a transaction",
    writes: false,
  });
  if (started.code !== codes.success) return started;
  const id = started.value ?? Buffer.alloc(0);
  // Queueing writes nothing, so a lost answer leaves no doubt. One at a time: should the connection be lost in the middle (or this
  // process be killed), a server that has many of them in hand is sure to trip over its own fault; see `settling`.
  const queued: LdapResult[] = [];
  for (const { change, requests } of batch) {
    const request = requests[0]!;
    request.controls = [inTransaction(id), ...preconditions(server, change, request)];
    queued.push(await connection.send(request, call, { action: actionOf(change), writes: false }));
  }
  const refused = queued.find((result) => result.code !== codes.success);
  await Promise.all([turn, pause(settling)]);
  if (call.signal.aborted)
    throw new StoreError("Unavailable", "cannot commit the changes: the call was aborted");
  const purpose = { action: `commit ${batch.length} changes`, writes: refused === undefined };
  const ended = await connection.send(endTransaction(id, refused === undefined), call, purpose);
  return refused ?? ended;
}
