import type { Call } from "../contract.ts";
import { oids } from "./controls.ts";
import type { Dialect, MarkerPlace } from "./dialect.ts";
import { texts } from "./entry.ts";
import { equals } from "./filter.ts";
import { byPasswordModify } from "./password.ts";
import { readOne } from "./search.ts";
import { policyOverlay } from "./signs.ts";

/** Entries by RFC 4530's entryUUID and the entryCSN (draft-chu-ldap-csn) of OpenLDAP, which every write moves. */
export const openLdap: Dialect = {
  anchor: { attribute: "entryUUID", decode: (value) => value.toString("latin1"), encode: (anchor) => anchor },
  version: {
    attributes: ["entryCSN"],
    read: (entry) => texts(entry, "entryCSN")[0],
    same: (one, other) => one === other,
    filter: (version) => equals("entryCSN", version),
  },
  marker: readContextCsn,
  password: byPasswordModify,
  writerAttribute: "modifiersName",
  signs: policyOverlay(),
  addressOf: ({ name }) => name,
};

/** The suffixes' contextCSN, which OpenLDAP's syncprov moves with every write; without syncprov it stands still. */
async function readContextCsn(
  { connection, suffixes, offers }: MarkerPlace,
  call: Call,
): Promise<string | undefined> {
  if (!offers.has(oids.sync)) return undefined;
  const markers: string[] = [];
  for (const suffix of suffixes) {
    const entry = await readOne(connection, suffix, ["contextCSN"], call);
    const found = entry === undefined ? [] : texts(entry, "contextCSN");
    if (found.length === 0) return undefined;
    markers.push(...found.toSorted());
  }
  return markers.join(" ");
}
