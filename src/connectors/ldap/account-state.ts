import { Attribute, Change } from "ldapts";
import { normalise } from "../../core/model/matching.ts";
import type { Attributes } from "../../core/model/values.ts";
import { attributeOf, change } from "./attributes.ts";
import { texts } from "./entry.ts";
import type { LdapTarget } from "./schema.ts";
import type { Server } from "./server.ts";
import { lockAttribute, lockedForGood } from "./signs.ts";
import { decodeValue } from "./values.ts";
import type { LdapEntry } from "./wire.ts";

/** How what an entry holds says whether the account is enabled. (Where it lies may say so too: see `Shape.disabledBase`.) */
export interface AccountState {
  /** The attributes that tell. */
  readonly attributes: readonly string[];
  isEnabled(entry: LdapEntry, server: Server): boolean;
  /** What a new entry is to hold, given what is mapped; `raw` beside it, as it travels. */
  initial(
    enabled: boolean,
    mapped: Attributes,
  ): { readonly mapped: Attributes; readonly raw: readonly Attribute[] };
  /** Enables or disables an entry. `now` holds `attributes` as they are, where `looksFirst`. */
  changes(enabled: boolean, server: Server, now: LdapEntry | undefined): Change[];
  /** Whether the changes follow from what the entry holds. */
  readonly looksFirst: boolean;
  /** Whether a new password enables the account, which has to be disabled again then. */
  readonly endsWithPassword?: true;
}

/** The state as the target's `disable` says it; undefined where nothing that an entry holds does. */
export function accountState(disable: LdapTarget["disable"]): AccountState | undefined {
  if (disable?.attribute !== undefined) return byAttribute(disable.attribute);
  return disable?.lock === undefined ? undefined : byLock;
}

type StateAttribute = NonNullable<NonNullable<LdapTarget["disable"]>["attribute"]>;

function byAttribute({ name, disabled, enabled: on }: StateAttribute): AccountState {
  return {
    attributes: [name],
    looksFirst: false,
    isEnabled(entry, server) {
      const attribute = attributeOf(server, name);
      const form = (value: string) => normalise(attribute.matching, value);
      const values = entry.attributes.get(attribute.transfer.toLowerCase()) ?? [];
      return !values.some((value) => form(decodeValue(attribute, value)) === form(disabled));
    },
    initial(enabled, mapped) {
      if (!enabled) return { mapped: { ...mapped, [name]: [disabled] }, raw: [] };
      return { mapped: on === undefined ? mapped : { [name]: [on], ...mapped }, raw: [] };
    },
    changes(enabled, server) {
      const values = enabled ? (on === undefined ? [] : [on]) : [disabled];
      return [change("replace", attributeOf(server, name), values)];
    },
  };
}

/** The password policy overlay's lock. Its value is no time that a calendar has, so that it travels as it is. */
const byLock: AccountState = {
  attributes: [lockAttribute],
  looksFirst: false,
  endsWithPassword: true,
  isEnabled: (entry) => !texts(entry, lockAttribute).includes(lockedForGood),
  initial: (enabled, mapped) => ({ mapped, raw: enabled ? [] : [lock([lockedForGood])] }),
  changes: (enabled) => [
    new Change({ operation: "replace", modification: lock(enabled ? [] : [lockedForGood]) }),
  ],
};

const lock = (values: string[]) => new Attribute({ type: lockAttribute, values });
