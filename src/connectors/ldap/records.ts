import type { AccountRecord } from "../../core/model/account.ts";
import { isAtOrBelow } from "../../core/model/distinguished-name.ts";
import { attributeOf, decodeAttributes } from "./attributes.ts";
import { observed, sighting } from "./dialect.ts";
import type { Directory } from "./directory.ts";
import type { Server } from "./server.ts";
import type { LdapEntry } from "./wire.ts";

/** Turns entries into records of the attributes asked for. */
export interface Reader {
  /** What to ask the server for; never `*`, never a secret. */
  readonly wanted: readonly string[];
  record(entry: LdapEntry): AccountRecord;
}

export function makeReader(directory: Directory, server: Server, more: readonly string[] = []): Reader {
  const { state, disabledBase } = directory.shape;
  const { dialect } = server;
  const names = new Set([...directory.attributes, ...more]);
  const shown = [...names].map((name) => attributeOf(server, name)).filter((attribute) => !attribute.secret);
  const telling = (state?.attributes ?? []).map((name) => attributeOf(server, name));
  const isEnabled = (entry: LdapEntry) => {
    if (state !== undefined) return state.isEnabled(entry, server);
    return disabledBase === undefined ? undefined : !isAtOrBelow(entry.dn, disabledBase);
  };
  return {
    wanted: [...new Set([...observed(dialect), ...[...shown, ...telling].map((one) => one.transfer)])],
    record: (entry) => ({
      ...sighting(dialect, entry),
      enabled: isEnabled(entry),
      attributes: decodeAttributes(shown, entry),
    }),
  };
}
