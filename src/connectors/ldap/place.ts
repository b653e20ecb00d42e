import type { Control, Filter } from "ldapts";
import { normaliseName } from "../../core/model/distinguished-name.ts";
import type { Call } from "../contract.ts";
import type { Connection } from "./connection.ts";
import { anchorTerms, observed } from "./dialect.ts";
import { anchorPlaces, type Directory } from "./directory.ts";
import { and, equals, everything, or } from "./filter.ts";
import { chunks, pipelined } from "./pipeline.ts";
import { readOne, searchPages } from "./search.ts";
import type { Server } from "./server.ts";
import type { LdapEntry } from "./wire.ts";

/** Where one call works: a logged-in connection, and what is known of the server behind it. */
export interface Place {
  readonly directory: Directory;
  readonly server: Server;
  readonly connection: Connection;
  readonly call: Call;
}

/** Terms of one filter: long enough to save round trips, short enough for a server that has to go through all entries for each. */
export const termsAtOnce = 200;
const readsInFlight = 64;

interface Asked {
  readonly attributes: readonly string[];
  /** What entries must match besides. */
  readonly filter?: Filter;
  readonly controls?: readonly Control[];
  readonly pageSize?: number;
}

/** The entries of these anchors wherever they lie, page by page; those that are not there are in none. */
export function entriesAt(
  place: Place,
  anchors: readonly string[],
  asked: Asked,
): AsyncGenerator<readonly LdapEntry[]> {
  const { directory, server } = place;
  return searchAny(place, anchorPlaces(directory, server), anchorTerms(server.dialect, anchors), asked);
}

/** The entries of these names, by normalised name: many with one search where the server can look for them so. */
export async function entriesNamed(
  place: Place,
  names: readonly string[],
  { attributes, filter = everything() }: Pick<Asked, "attributes" | "filter">,
): Promise<ReadonlyMap<string, LdapEntry>> {
  const { server, connection, call } = place;
  const { nameAttribute } = server.dialect;
  const found = new Map<string, LdapEntry>();
  const keep = (entry: LdapEntry) => found.set(normaliseName(entry.dn), entry);
  if (nameAttribute === undefined) {
    await pipelined(names, readsInFlight, async (name) => {
      const entry = await readOne(connection, name, attributes, call, filter);
      if (entry !== undefined) keep(entry);
    });
    return found;
  }
  const terms = names.map((name) => equals(nameAttribute, name));
  for await (const page of searchAny(place, server.namingContexts, terms, { attributes, filter }))
    page.forEach(keep);
  return found;
}

/** The entry of an anchor, wherever it lies. */
export async function locate(place: Place, anchor: string): Promise<LdapEntry | undefined> {
  const attributes = observed(place.server.dialect);
  for await (const [entry] of entriesAt(place, [anchor], { attributes })) if (entry) return entry;
  return undefined;
}

/** The entries that any of these terms matches, as many terms in one search as it should have. */
async function* searchAny(
  { directory, connection, call }: Place,
  bases: readonly string[],
  terms: readonly Filter[],
  { attributes, filter, controls = [], pageSize = directory.pageSize }: Asked,
): AsyncGenerator<readonly LdapEntry[]> {
  for (const part of chunks(terms, termsAtOnce)) {
    const all = filter === undefined ? or(part) : and(filter, or(part));
    for (const base of bases) {
      const query = { base, scope: "sub", filter: all, attributes, controls } as const;
      yield* searchPages(connection, query, pageSize, call);
    }
  }
}
