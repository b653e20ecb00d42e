import type { Matching } from "../../core/model/values.ts";
import { type Changelog, changelog } from "./changelog.ts";
import type { Dialect, VersionForm } from "./dialect.ts";
import { texts } from "./entry.ts";
import { and, equals } from "./filter.ts";
import { readMarker389 } from "./marker-389.ts";
import { byExplainedModify } from "./password.ts";
import { policyOf389 } from "./signs.ts";
import { stampVersions } from "./stamp.ts";

const anchorAttribute = "nsUniqueId";
const anchorOf = (value: Buffer) => value.toString("latin1").toLowerCase();

/**
 * 389 Directory Server, and what shares its ancestors. It has no assertions (RFC 4528), but tells the entry after a change (RFC 4527).
 * `numbered`: entries show entryUSN; where they do not, the retro changelog may tell what modifyTimestamp cannot.
 */
export function ds389(numbered: boolean): Dialect {
  const log = changelog();
  return {
    anchor: { attribute: anchorAttribute, decode: anchorOf, encode: (anchor) => anchor },
    version: usnVersions(log),
    ...(numbered ? {} : { refresh: log.refresh }),
    marker: readMarker389,
    // Not as a value at first: that is answered before the policy's own attributes are written, and the version changes once more.
    password: byExplainedModify,
    writerAttribute: "modifiersName",
    signs: policyOf389(),
    addressOf: ({ name }) => name,
  };
}

/**
 * Versions by entryUSN, which the USN plugin moves with every write, those of other plugins included. A database that is restored counts
 * from where it was: the number together with the time is not used twice. An entry may be without one: the plugin is off, was off when
 * the entry was written, or hides it by access rules; the time alone then has to do.
 */
function usnVersions(log: Changelog): VersionForm {
  const stamps = stampVersions(Date.now, (entry) => {
    const [anchor] = entry.attributes.get(anchorAttribute.toLowerCase()) ?? [];
    return anchor && log.numberOf(anchorOf(anchor));
  });
  const numberOf = (version: string) => /^(\d+)@(.*)$/s.exec(version);
  return {
    attributes: ["entryUSN", ...stamps.attributes],
    isFirm: (version) => numberOf(version) !== null || stamps.isFirm?.(version) === true,
    read(entry) {
      const [number] = texts(entry, "entryUSN");
      if (number === undefined) return stamps.read(entry);
      return `${number}@${texts(entry, "modifyTimestamp")[0] ?? ""}`;
    },
    same(one, other) {
      const isNumbered = numberOf(one) !== null || numberOf(other) !== null;
      return isNumbered ? one === other : stamps.same(one, other);
    },
    filter(version) {
      const [, number, stamp] = numberOf(version) ?? [];
      if (number === undefined) return stamps.filter(version);
      return and(equals("entryUSN", number), ...(stamp ? [equals("modifyTimestamp", stamp)] : []));
    },
  };
}

/** The MemberOf plugin adds it to who comes into a group, so that the entry may have memberOf (memberOfAutoAddOC), and leaves it there. */
export const addedClasses = ["nsMemberOf"] as const;

/** How values match where the schema names no rule, as it does for most of the server's own attributes: by their syntax's own (RFC 4517 §3.3). */
export const matchingBySyntax: Readonly<Record<string, Matching>> = {
  "1.3.6.1.4.1.1466.115.121.1.5": "binary",
  "1.3.6.1.4.1.1466.115.121.1.7": "boolean",
  "1.3.6.1.4.1.1466.115.121.1.12": "distinguishedName",
  "1.3.6.1.4.1.1466.115.121.1.15": "caseIgnore",
  "1.3.6.1.4.1.1466.115.121.1.24": "caseIgnore",
  "1.3.6.1.4.1.1466.115.121.1.26": "caseExact",
  "1.3.6.1.4.1.1466.115.121.1.27": "integer",
  "1.3.6.1.4.1.1466.115.121.1.28": "binary",
  "1.3.6.1.4.1.1466.115.121.1.34": "distinguishedName",
  "1.3.6.1.4.1.1466.115.121.1.36": "telephone",
  "1.3.6.1.4.1.1466.115.121.1.38": "caseIgnore",
  "1.3.6.1.4.1.1466.115.121.1.40": "binary",
  "1.3.6.1.4.1.1466.115.121.1.41": "caseIgnore",
  "1.3.6.1.4.1.1466.115.121.1.44": "caseIgnore",
  "1.3.6.1.4.1.1466.115.121.1.50": "telephone",
};
