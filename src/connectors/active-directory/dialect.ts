import type { Dialect, Signs } from "../ldap/dialect.ts";
import { texts } from "../ldap/entry.ts";
import { equals } from "../ldap/filter.ts";
import { readOne } from "../ldap/search.ts";
import { decodeGuid, encodeGuid } from "./guid.ts";
import { byUnicodePwd } from "./password.ts";
import { restoring } from "./restoring.ts";

/**
 * Objects by objectGUID, in versions that one controller counts for itself: its invocationId is in them, since another one counts
 * otherwise, and whenChanged, since one that was restored from a snapshot counts the same numbers again (MS-ADTS §3.1.1.1.9, §3.1.1.5).
 */
export function dialectOf(invocationId: string, signs: Signs): Dialect {
  return {
    anchor: { attribute: "objectGUID", decode: decodeGuid, encode: encodeGuid },
    version: {
      attributes: ["uSNChanged", "whenChanged"],
      read(entry) {
        const [usn] = texts(entry, "uSNChanged");
        const [when] = texts(entry, "whenChanged");
        return usn === undefined || when === undefined ? undefined : `${usn}@${when}@${invocationId}`;
      },
      same: (one, other) => one === other,
      filter: (version) => equals("uSNChanged", version.split("@")[0] ?? ""),
    },
    async marker({ connection }, call) {
      const root = await readOne(connection, "", ["highestCommittedUSN"], call);
      const usn = root && texts(root, "highestCommittedUSN")[0];
      return usn === undefined ? undefined : `${usn}@${invocationId}`;
    },
    nameAttribute: "distinguishedName",
    password: byUnicodePwd,
    signs,
    restoring,
    // Whatever has the name by then, nothing but this very object is hit (MS-ADTS §3.1.1.3.1.2.4).
    addressOf: ({ anchor, name }) => (encodeGuid(anchor) === undefined ? name : `<GUID=${anchor}>`),
  };
}
