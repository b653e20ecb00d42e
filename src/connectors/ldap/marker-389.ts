import { isAtOrBelow } from "../../core/model/distinguished-name.ts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import type { MarkerPlace } from "./dialect.ts";
import { texts } from "./entry.ts";
import { equals } from "./filter.ts";
import { readOne, searchPages } from "./search.ts";
import type { LdapEntry } from "./wire.ts";

const wanted = ["lastusn", "nsBackendSuffix", "dataVersion", "changeLog", "lastChangeNumber"];

/**
 * The last numbers of the suffixes' databases, else of the retro changelog, and what else a restored database gives away: that the server
 * was started since, or, where it was restored as it ran, that the entry of the last number no longer has it.
 */
export async function readMarker389(
  { connection, suffixes }: MarkerPlace,
  call: Call,
): Promise<string | undefined> {
  const root = await readOne(connection, "", wanted, call);
  const [started] = root === undefined ? [] : texts(root, "dataVersion");
  if (root === undefined || started === undefined) return undefined;
  const markers = [started];
  const databases = databasesOf(root, suffixes);
  if (databases.length === 0) return changesOf(root, started);
  for (const { database, held } of databases) {
    const [last] = texts(root, `lastusn;${database}`);
    if (last === undefined) return changesOf(root, started);
    markers.push(`${database}=${last}/${await holderOf(connection, held, last, call)}`);
  }
  return markers.join(" ");
}

/** The databases that hold these suffixes, or a part of one: `userroot` of `userroot:dc=example,dc=org`. */
function databasesOf(root: LdapEntry, suffixes: readonly string[]) {
  const pairs = texts(root, "nsBackendSuffix").map((pair) => {
    const at = pair.indexOf(":");
    return { database: pair.slice(0, at), held: pair.slice(at + 1) };
  });
  return pairs.filter(({ held }) =>
    suffixes.some((suffix) => isAtOrBelow(suffix, held) || isAtOrBelow(held, suffix)),
  );
}

function changesOf(root: LdapEntry, started: string): string | undefined {
  const [last] = texts(root, "changeLog").length === 0 ? [] : texts(root, "lastChangeNumber");
  return last === undefined ? undefined : `${started} changes=${last}`;
}

/** The entry whose change was the last; empty where it was a deletion, or cannot be looked for. */
async function holderOf(connection: Connection, base: string, usn: string, call: Call): Promise<string> {
  const query = { base, scope: "sub", filter: equals("entryUSN", usn), attributes: ["nsUniqueId"] } as const;
  try {
    for await (const [entry] of searchPages(connection, query, 1, call))
      if (entry) return texts(entry, "nsUniqueId")[0] ?? "";
    return "";
  } catch (error) {
    if (error instanceof StoreError) return "";
    throw error;
  }
}
