import type { AccountRecord } from "../../core/model/account.ts";
import { isAtOrBelow, normaliseName } from "../../core/model/distinguished-name.ts";
import { attributeOf, decodeAttributes } from "./attributes.ts";
import { type Dialect, observed, sighting } from "./dialect.ts";
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
  const signs = dialect.signs?.attributes ?? [];
  const asked = [...shown, ...telling].map((one) => one.transfer);
  return {
    wanted: [...new Set([...observed(dialect), ...asked, ...signs])],
    record: (entry) => ({
      ...sighting(dialect, entry),
      enabled: isEnabled(entry),
      attributes: decodeAttributes(shown, entry),
      ...protection(server, entry),
      ...trouble(dialect, entry, state?.attributes ?? []),
    }),
  };
}

/** Why nobody may change an entry: what the directory says, or that Rollcall would lock itself out. */
export function protection({ dialect, boundAs }: Server, entry: LdapEntry): Pick<AccountRecord, "protected"> {
  const isOurs = normaliseName(entry.dn) === normaliseName(boundAs);
  const why = isOurs ? "it is what Rollcall is logged in as" : dialect.signs?.protection?.(entry);
  return why === undefined ? {} : { protected: why };
}

function trouble(
  { signs }: Dialect,
  entry: LdapEntry,
  telling: readonly string[],
): Pick<AccountRecord, "trouble"> {
  const found = signs?.troubles?.(entry, telling) ?? [];
  return found.length === 0 ? {} : { trouble: found };
}
