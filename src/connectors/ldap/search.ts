import { type Control, type Filter, SearchRequest } from "ldapts";
import type { Call } from "../contract.ts";
import type { Connection } from "./connection.ts";
import { paging, readCookie } from "./controls.ts";
import { codes, resultError } from "./errors.ts";
import { everything } from "./filter.ts";
import { pipelined } from "./pipeline.ts";
import { hasParts, type ReadEntry, withAllValues } from "./ranges.ts";
import type { LdapEntry, LdapResult } from "./wire.ts";

/** Entries whose further values are being read. */
const partsInFlight = 8;

export interface Query {
  readonly base: string;
  readonly scope: "base" | "one" | "sub";
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly controls?: readonly Control[];
}

/**
 * The entries that match, page by page, each asked for while the one before is worked on. Ends normally only after the last:
 * an empty page with a cookie goes on, any result but success is an error.
 */
export async function* searchPages(
  connection: Connection,
  query: Query,
  pageSize: number,
  call: Call,
): AsyncGenerator<readonly LdapEntry[]> {
  const action = `search ${query.base}`;
  let page = ask(connection, query, call, paging(pageSize, Buffer.alloc(0)));
  for (;;) {
    const { entries: sent, result } = await page;
    if (result.code !== codes.success) throw resultError(action, result);
    const entries = await completed(connection, query.attributes, sent, call);
    const cookie = readCookie(result);
    if (cookie.length === 0) {
      yield entries;
      return;
    }
    page = ask(connection, query, call, paging(pageSize, cookie));
    // Its failure is thrown when its turn comes; until then it is nobody's.
    page.catch(() => {});
    if (entries.length > 0) yield entries;
  }
}

/** One entry by its name, or undefined when there is none (or none that the bind DN may see, which servers do not tell apart). */
export async function readOne(
  connection: Connection,
  dn: string,
  attributes: readonly string[],
  call: Call,
  filter: Filter = everything(),
): Promise<LdapEntry | undefined> {
  const { entries, result } = await readBase(connection, dn, attributes, call, filter);
  // No entry can have a name that is none.
  if (result.code === codes.noSuchObject || result.code === codes.invalidDnSyntax) return undefined;
  if (result.code !== codes.success) throw resultError(`read ${dn === "" ? "the root DSE" : dn}`, result);
  return (await completed(connection, attributes, entries, call))[0];
}

function readBase(
  connection: Connection,
  dn: string,
  attributes: readonly string[],
  call: Call,
  filter: Filter = everything(),
) {
  return ask(connection, { base: dn, scope: "base", filter, attributes }, call);
}

/** The entries with all their values, where a server sends the first ones only. */
function completed(
  connection: Connection,
  attributes: readonly string[],
  entries: readonly LdapEntry[],
  call: Call,
): Promise<readonly LdapEntry[]> | readonly LdapEntry[] {
  if (!entries.some(hasParts)) return entries;
  const read: ReadEntry = async (dn, wanted) => {
    const { entries, result } = await readBase(connection, dn, wanted, call);
    if (result.code !== codes.success) throw resultError(`read ${dn}`, result);
    return entries[0];
  };
  return pipelined(entries, partsInFlight, (entry) => withAllValues(entry, attributes, read, call));
}

async function ask(
  connection: Connection,
  query: Query,
  call: Call,
  control?: ReturnType<typeof paging>,
): Promise<{ entries: LdapEntry[]; result: LdapResult }> {
  const entries: LdapEntry[] = [];
  const request = new SearchRequest({
    messageId: 0,
    baseDN: query.base,
    scope: query.scope,
    filter: query.filter,
    attributes: [...query.attributes],
    derefAliases: "never",
    // The library's own default would be 10 seconds; the call's deadline is ours.
    timeLimit: 0,
    controls: [...connection.searchControls, ...(query.controls ?? []), ...(control ? [control] : [])],
  });
  const result = await connection.send(
    request,
    call,
    { action: `search ${query.base}`, writes: false },
    (entry) => entries.push(entry),
  );
  return { entries, result };
}
