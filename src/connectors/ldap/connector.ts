import type { StoreSchema } from "../../core/model/values.ts";
import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";
import { performApart } from "./apart.ts";
import { checkDirectory } from "./check.ts";
import { anchorPlaces, type Directory } from "./directory.ts";
import { requiredClasses } from "./filter.ts";
import { findGroups, needsMember, scanGroups } from "./groups.ts";
import { groupsInPlace } from "./look.ts";
import { performMembers } from "./members.ts";
import { chunks } from "./pipeline.ts";
import type { Place } from "./place.ts";
import { fetchAccounts, findAccounts, scanAccounts } from "./read.ts";
import { readMembers } from "./read-members.ts";
import type { Server } from "./server.ts";
import { memberKey } from "./shape.ts";
import { batchSize, performTogether, usesTransactions, worthwhile } from "./transaction.ts";
import { type AccountChange, type Writing, writingOf } from "./write.ts";

export function targetConnector(directory: Directory): Connector {
  const { groups, state, disabledBase } = directory.shape;
  return {
    capabilities: {
      create: true,
      update: true,
      rename: true,
      disable: state !== undefined || disabledBase !== undefined,
      delete: true,
      entitlements: groups !== undefined,
      createEntitlements: groups !== undefined,
      passwords: true,
      restore: directory.shape.restores === true,
      expect: true,
    },
    check: (call) => checkDirectory(directory, call),
    schema: (call) => readSchema(directory, call),
    marker: (call) => readMarker(directory, call),
    scan: (what, call) => (what === "accounts" ? scanAccounts(directory, call) : scanGroups(directory, call)),
    fetch: (anchors, call) => fetchAccounts(directory, anchors, call),
    find: (questions, call) => findAccounts(directory, questions, call),
    entitlements: (refs, call) => findGroups(directory, refs, call),
    memberships: (entitlements, call) => readMembers(directory, entitlements, call),
    memberKey: ({ name }) => memberKey(groups, name),
    apply: (changes, call) => apply(directory, changes, call),
  };
}

async function readSchema(directory: Directory, call: Call): Promise<StoreSchema> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call, true);
  const { subschema } = server;
  const { groups } = directory.shape;
  const classes = requiredClasses(directory.shape.filter);
  const required = new Set(
    classes
      .flatMap((name) => subschema.classOf(name).must)
      .map((name) => subschema.attributes.get(name.toLowerCase())?.name),
  );
  const attributes = subschema.attributes
    .entries()
    .map(([key, attribute]) => [key, { ...attribute, required: required.has(attribute.name) }] as const);
  return {
    attributes: new Map(attributes),
    attributeNames: "caseIgnore",
    nameMatching: "distinguishedName",
    lag: 0,
    entitlementNeedsMember:
      groups !== undefined && groups.filler === undefined && needsMember(server, groups),
  };
}

async function readMarker(directory: Directory, call: Call): Promise<string | undefined> {
  using lease = await directory.pool.lease(call);
  const { connection } = lease;
  const server = await directory.server(lease, call);
  const { dialect, offers } = server;
  return await dialect.marker?.({ connection, offers, suffixes: anchorPlaces(directory, server) }, call);
}

async function* apply(
  directory: Directory,
  changes: readonly StoreChange[],
  call: Call,
): AsyncGenerator<Outcome> {
  if (changes.length === 0) return;
  const server = await leased(directory, call, async ({ server }) => server);
  const { apart, together } = sort(directory, server, changes);
  // Batches lease connections of their own: none is held meanwhile.
  yield* performTogether(directory, together, call);
  for (const part of chunks(apart, batchSize))
    yield* await leased(directory, call, (place) => performApart(place, part));
  const groups = changes.filter((change) => change.kind === "members");
  for (const part of chunks(groups, groupsAtOnce)) {
    // Where that cannot be read each is read by itself, and says why it cannot be.
    const seen = leased(directory, call, (place) => groupsInPlace(place, part));
    const inPlace = await seen.catch(() => new Set<string>());
    for (const change of part)
      yield await leased(directory, call, (place) => performMembers(place, change, inPlace));
  }
}

/** Few enough that none is changed long after it was seen. */
const groupsAtOnce = 50;

async function leased<T>(directory: Directory, call: Call, work: (place: Place) => Promise<T>): Promise<T> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call);
  return await work({ directory, server, connection: lease.connection, call });
}

/** Which changes go alone, and which in transactions: those of one request, where there are enough to be worth it. */
function sort(directory: Directory, server: Server, changes: readonly StoreChange[]) {
  const all = changes.filter((change) => change.kind !== "members");
  if (!usesTransactions(directory, server)) return { apart: all, together: [] };
  const fit = all.flatMap((change) => transactable(change, directory, server));
  if (fit.length < worthwhile) return { apart: all, together: [] };
  const together = new Set(fit.map(({ change }) => change));
  return { apart: all.filter((change) => !together.has(change)), together: fit };
}

function transactable(change: AccountChange, directory: Directory, server: Server): Writing[] {
  // An extended operation, as sets a password, cannot be part of one.
  if (change.kind !== "delete" && change.password !== undefined) return [];
  if (change.kind === "modify" && change.rename !== undefined) return [];
  try {
    const writing = writingOf(change, directory, server);
    return writing.requests.length === 1 ? [writing] : [];
  } catch {
    return []; // By itself it is refused with its own outcome.
  }
}
