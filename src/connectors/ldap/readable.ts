import { effectiveRights, oids } from "./controls.ts";
import { anchorTerms, sighting } from "./dialect.ts";
import { anchorPlaces } from "./directory.ts";
import { denied, texts } from "./entry.ts";
import { or } from "./filter.ts";
import { chunks } from "./pipeline.ts";
import type { Place } from "./place.ts";
import { searchPages } from "./search.ts";
import type { LdapEntry } from "./wire.ts";

const termsAtOnce = 100;

/**
 * Throws `Denied` where access rules hide this attribute of one of these entries, in which none of its values was seen: they are not
 * absent. Servers that do not tell rights are taken at their word.
 */
export async function checkReadable(
  { directory, server, connection, call }: Place,
  entries: readonly LdapEntry[],
  attribute: string,
): Promise<void> {
  if (!server.offers.has(oids.effectiveRights)) return;
  const anchors = entries.map((entry) => sighting(server.dialect, entry).anchor);
  const controls = [effectiveRights(server.boundAs)];
  for (const part of chunks(anchors, termsAtOnce)) {
    const filter = or(anchorTerms(server.dialect, part));
    for (const base of anchorPlaces(directory, server)) {
      const query = { base, scope: "sub", filter, attributes: [attribute], controls } as const;
      for await (const page of searchPages(connection, query, directory.pageSize, call))
        for (const entry of page) if (!mayRead(entry, attribute)) throw denied(`read ${entry.dn}`, attribute);
    }
  }
}

/** By the server's words, `cn:rsc, member:none`; r is reading. An attribute that it does not speak of is left to it. */
function mayRead(entry: LdapEntry, attribute: string): boolean {
  const rights = texts(entry, "attributeLevelRights").flatMap((text) => text.split(/,\s*/));
  const [, granted] = rights
    .map((text) => text.split(":"))
    .find(([name]) => name?.toLowerCase() === attribute.toLowerCase()) ?? ["", "r"];
  return granted !== "none" && granted?.includes("r") === true;
}
