import type { Call } from "../contract.ts";
import type { Connection } from "./connection.ts";
import { anchorTerms, observed } from "./dialect.ts";
import { anchorPlaces, type Directory } from "./directory.ts";
import { or } from "./filter.ts";
import { searchPages } from "./search.ts";
import type { Server } from "./server.ts";
import type { LdapEntry } from "./wire.ts";

/** Where changes are made: a logged-in connection, and what is known of the server behind it. */
export interface Place {
  readonly directory: Directory;
  readonly server: Server;
  readonly connection: Connection;
  readonly call: Call;
}

/** The entry of an anchor, wherever it lies. */
export async function locate(place: Place, anchor: string): Promise<LdapEntry | undefined> {
  const { directory, server, connection, call } = place;
  const terms = anchorTerms(server.dialect, [anchor]);
  if (terms.length === 0) return undefined;
  for (const base of anchorPlaces(directory, server)) {
    const attributes = observed(server.dialect);
    const query = { base, scope: "sub", filter: or(terms), attributes } as const;
    for await (const [entry] of searchPages(connection, query, directory.pageSize, call))
      if (entry) return entry;
  }
  return undefined;
}
