import type { StoreSchema } from "../../core/model/values.ts";
import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";
import { checkDirectory } from "./check.ts";
import { oids } from "./controls.ts";
import { accountFilter, anchorPlaces, type Directory } from "./directory.ts";
import { requiredClasses } from "./filter.ts";
import { findGroups, memberKey, needsMember, readMembers, scanGroups } from "./groups.ts";
import { performMembers } from "./members.ts";
import { type Place, perform, refusal } from "./perform.ts";
import { chunks, pipelined } from "./pipeline.ts";
import { fetchAccounts, findAccounts, scanAccounts } from "./read.ts";
import { readOne } from "./search.ts";
import { type Server, texts } from "./server.ts";
import { batchSize, performTogether, usesTransactions, worthwhile, writesInFlight } from "./transaction.ts";
import { type AccountChange, type Writing, writingOf } from "./write.ts";

export function targetConnector(directory: Directory): Connector {
  const { groups, disable } = directory.block;
  return {
    capabilities: {
      create: true,
      update: true,
      rename: true,
      disable: disable !== undefined,
      delete: true,
      entitlements: groups !== undefined,
      createEntitlements: groups !== undefined,
      passwords: false,
      restore: false,
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
  const { subschema } = await directory.server(lease, call, true);
  const classes = requiredClasses(accountFilter(directory));
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
      needsMember(directory.block.groups) && directory.block.groups?.filler === undefined,
  };
}

/** The suffixes' contextCSN, which OpenLDAP's syncprov moves with every write; undefined without it. */
async function readMarker(directory: Directory, call: Call): Promise<string | undefined> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call);
  if (!server.offers.has(oids.sync)) return undefined;
  const markers: string[] = [];
  for (const base of anchorPlaces(directory, server)) {
    const entry = await readOne(lease.connection, base, ["contextCSN"], call);
    const found = entry === undefined ? [] : texts(entry, "contextCSN");
    if (found.length === 0) return undefined;
    markers.push(...found.toSorted());
  }
  return markers.join(" ");
}

async function* apply(
  directory: Directory,
  changes: readonly StoreChange[],
  call: Call,
): AsyncGenerator<Outcome> {
  if (changes.length === 0) return;
  const server = await leased(directory, call, async ({ server }) => server);
  const { single, together, refused } = sort(directory, server, changes);
  yield* refused;
  // Batches lease connections of their own: none is held meanwhile.
  yield* performTogether(directory, together, call);
  for (const part of chunks(single, batchSize))
    yield* await leased(directory, call, (place) =>
      pipelined(part, writesInFlight, (writing) => perform(place, writing)),
    );
  for (const change of changes)
    if (change.kind === "members")
      yield await leased(directory, call, (place) => performMembers(place, change));
}

async function leased<T>(directory: Directory, call: Call, work: (place: Place) => Promise<T>): Promise<T> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call);
  return await work({ directory, server, connection: lease.connection, call });
}

/** Which changes go alone, and which in transactions: those of one request, where there are enough to be worth it. */
function sort(directory: Directory, server: Server, changes: readonly StoreChange[]) {
  const refused: Outcome[] = [];
  const writings = changes.flatMap((change) =>
    change.kind === "members" ? [] : prepare(change, directory, server, refused),
  );
  const fit = writings.filter(
    ({ requests, change }) =>
      requests.length === 1 && !(change.kind === "modify" && change.rename !== undefined),
  );
  if (!usesTransactions(directory, server) || fit.length < worthwhile)
    return { single: writings, together: [], refused };
  const together = new Set(fit);
  return { single: writings.filter((writing) => !together.has(writing)), together: fit, refused };
}

function prepare(change: AccountChange, directory: Directory, server: Server, refused: Outcome[]): Writing[] {
  try {
    return [writingOf(change, directory, server)];
  } catch (error) {
    refused.push(refusal(change.id, error));
    return [];
  }
}
