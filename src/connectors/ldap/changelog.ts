import { GreaterThanEqualsFilter } from "ldapts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { texts } from "./entry.ts";
import { readOne, searchPages } from "./search.ts";

/** Changes of which the numbers are known: far more than a server makes in the 2 s for which stamps leave doubts. */
const span = 2_000;

/** Which change of an entry was its last, by the numbers of a server's retro changelog (draft-good-ldap-changelog). */
export interface Changelog {
  /** Learns the changes since the last time; what cannot be read stays unknown. */
  refresh(connection: Connection, call: Call): Promise<void>;
  /** Undefined where the log does not tell. */
  numberOf(anchor: string): number | undefined;
}

export function changelog(): Changelog {
  let numbers = new Map<string, number>();
  let last = 0;
  return {
    numberOf: (anchor) => numbers.get(anchor),
    async refresh(connection, call) {
      const root = await readOne(connection, "", ["changeLog", "lastChangeNumber"], call);
      const [base] = root === undefined ? [] : texts(root, "changeLog");
      const now = Number((root && texts(root, "lastChangeNumber")[0]) ?? 0);
      // A log that was restored, or trimmed while nobody looked, counts from elsewhere.
      if (now < last || now - last > span) [numbers, last] = [new Map(), Math.max(now - span, 0)];
      if (base === undefined || now === last) return;
      try {
        for (const [anchor, number] of await readChanges(connection, base, last + 1, call))
          numbers.set(anchor, number);
        last = now;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        [numbers, last] = [new Map(), 0];
      }
    },
  };
}

/** The last number of each entry that was changed since. Throws where a change does not say of which entry it is. */
async function readChanges(
  connection: Connection,
  base: string,
  since: number,
  call: Call,
): Promise<Map<string, number>> {
  const filter = new GreaterThanEqualsFilter({ attribute: "changeNumber", value: String(since) });
  const query = { base, scope: "one", filter, attributes: ["changeNumber", "targetUniqueId"] } as const;
  const found = new Map<string, number>();
  for await (const page of searchPages(connection, query, span, call))
    for (const entry of page) {
      const [number] = texts(entry, "changeNumber");
      const [anchor] = texts(entry, "targetUniqueId");
      if (number === undefined || anchor === undefined)
        throw new StoreError("Denied", `cannot read the number and targetUniqueId of ${entry.dn}`);
      const known = found.get(anchor.toLowerCase()) ?? 0;
      found.set(anchor.toLowerCase(), Math.max(known, Number(number)));
    }
  return found;
}
