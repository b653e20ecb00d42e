import { hash } from "node:crypto";
import type { Call } from "../contract.ts";
import type { Dialect, MarkerPlace, Signs } from "../ldap/dialect.ts";
import { texts } from "../ldap/entry.ts";
import { equals } from "../ldap/filter.ts";
import { readOne, searchPages } from "../ldap/search.ts";
import { decodeGuid, encodeGuid } from "./guid.ts";
import { byUnicodePwd } from "./password.ts";
import { restoring } from "./restoring.ts";

/**
 * Objects by objectGUID, in versions that one controller counts for itself: its invocationId is in them, since another one counts
 * otherwise, and whenChanged, since one that was restored from a snapshot counts the same numbers again (MS-ADTS §3.1.1.1.9, §3.1.1.5).
 * Their names are, too: of what lies below a unit that is renamed nothing else changes.
 */
export function dialectOf(invocationId: string, signs: Signs): Dialect {
  return {
    anchor: { attribute: "objectGUID", decode: decodeGuid, encode: encodeGuid },
    version: {
      attributes: ["uSNChanged", "whenChanged"],
      read(entry) {
        const [usn] = texts(entry, "uSNChanged");
        const [when] = texts(entry, "whenChanged");
        if (usn === undefined || when === undefined) return undefined;
        return `${usn}@${when}@${invocationId}@${hash("sha1", entry.dn, "base64url").slice(0, 8)}`;
      },
      same: (one, other) => one === other,
      filter: (version) => equals("uSNChanged", version.split("@")[0] ?? ""),
    },
    async marker(place, call) {
      const latest = await latestChange(place, call);
      return latest === undefined ? undefined : `${latest}@${invocationId}`;
    },
    nameAttribute: "distinguishedName",
    password: byUnicodePwd,
    signs,
    restoring,
    // Whatever has the name by then, nothing but this very object is hit (MS-ADTS §3.1.1.3.1.2.4).
    addressOf: ({ anchor, name }) => (encodeGuid(anchor) === undefined ? name : `<GUID=${anchor}>`),
  };
}

/** How far the controller has counted, and when the last number was given, where it was to something here: it may have been given before. */
async function latestChange({ connection, suffixes }: MarkerPlace, call: Call): Promise<string | undefined> {
  const root = await readOne(connection, "", ["highestCommittedUSN"], call);
  const usn = root && texts(root, "highestCommittedUSN")[0];
  if (usn === undefined) return undefined;
  const times: string[] = [];
  for (const base of suffixes) {
    const filter = equals("uSNChanged", usn);
    const query = { base, scope: "sub", filter, attributes: ["whenChanged"] } as const;
    for await (const page of searchPages(connection, query, 10, call))
      times.push(...page.flatMap((entry) => texts(entry, "whenChanged")));
  }
  return [usn, ...times].join("@");
}
