import { randomUUID } from "node:crypto";
import type { VersionForm } from "./dialect.ts";
import { equals } from "./filter.ts";
import { decodeValue } from "./values.ts";
import type { LdapEntry } from "./wire.ts";

/** Milliseconds: two changes can bear one stamp, which counts seconds. */
const distrustedFor = 2_000;
/** Milliseconds by which the server's clock and ours may differ at most. */
const skew = 600_000;

/**
 * Versions by modifyTimestamp (RFC 4512 §3.4.4), for servers that show nothing better. It counts seconds: an entry that was read in the second of its
 * change may change again without the stamp telling. A stamp is trusted only when the server is known to be past it: it has stamped
 * something 2 s later, or the stamp is 10 minutes old. Until then a version is told by the number of the entry's last change, where a changelog
 * has it (`changeOf`), and else equals no other, so that the entry is read again.
 */
export function stampVersions(
  now: () => number = Date.now,
  changeOf: (entry: LdapEntry) => number | undefined = () => undefined,
): VersionForm {
  let newest = 0;
  const read = (entry: LdapEntry) => {
    const [value] = entry.attributes.get("modifytimestamp") ?? [];
    if (value === undefined) return undefined;
    const time = Date.parse(decodeValue({ form: "time" }, value));
    // One from the future is an accident, not the server's clock.
    if (time <= now() + skew) newest = Math.max(newest, time);
    const isPast = time + distrustedFor <= newest || time + skew <= now();
    return isPast ? value.toString() : `${value}?${changeOf(entry) ?? randomUUID()}`;
  };
  return {
    attributes: ["modifyTimestamp"],
    read,
    isFirm: (version) => !version.includes("?"),
    same(one, other) {
      const [change, otherChange] = [numberIn(one), numberIn(other)];
      if (change !== undefined && otherChange !== undefined && change !== otherChange) return false;
      return stampOf(one) === stampOf(other);
    },
    filter: (version) => equals("modifyTimestamp", stampOf(version)),
  };
}

/** The stamp of a version, trusted or not. */
function stampOf(version: string): string {
  return version.split("?")[0]!;
}

function numberIn(version: string): string | undefined {
  return /\?(\d+)$/.exec(version)?.[1];
}
