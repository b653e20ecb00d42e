import type { FindQuestion } from "../connectors/contract.ts";
import type { AccountRecord } from "../core/model/account.ts";
import { normalise, sameValues } from "../core/model/matching.ts";
import { attributeKey, type StoreSchema, type Values, valuesOf } from "../core/model/values.ts";
import { type Image, isMasked } from "../report/patch.ts";
import type { Intent } from "../state/state.ts";
import { imageAfter } from "./intent-image.ts";

/** Whether a record is what an intent was to make of it. */
export interface Judge {
  /** The account as the change would have left it. */
  shows(intent: Intent, record: AccountRecord): boolean;
  /** Whether a record has these values of an attribute, be they masked. */
  bears(intent: Intent, record: AccountRecord, attribute: string, values: Values): boolean;
  /** An account of the name that was to be created, which is nobody's yet: whether it is the one that was meant. */
  isOurs(intent: Intent, record: AccountRecord): boolean;
  /** Keys by which an account that was to be created is known, whatever its name has become; absent: by its name alone. */
  keysOf?(intent: Intent): readonly FindQuestion["keys"][];
}

/** Whether an attribute has the values that an intent masks: `values` are the record's. */
export type TellMasked = (intent: Intent, attribute: string, values: Values) => boolean;

/** Judges by what intents hold. What they mask is taken on trust, unless something else can tell. */
export function judgeOf(schema: StoreSchema, tellMasked: TellMasked = () => true): Judge {
  const bearsAsMasked: Judge["bears"] = (intent, record, name, values) =>
    values.some(isMasked)
      ? tellMasked(intent, name, valuesOf(record.attributes, name))
      : bears(schema, record, name, values);
  const isLike = (intent: Intent, record: AccountRecord, before: Image, after: Image) => {
    if (after.enabled !== undefined && record.enabled !== undefined && record.enabled !== after.enabled)
      return false;
    const form = (name: string) => normalise(schema.nameMatching, name);
    if (after.name !== undefined && form(after.name) !== form(record.name)) return false;
    const cleared = Object.fromEntries(Object.keys(before.attributes ?? {}).map((name) => [name, []]));
    return Object.entries({ ...cleared, ...after.attributes }).every(([name, values]: [string, Values]) =>
      bearsAsMasked(intent, record, name, values),
    );
  };
  return {
    bears: bearsAsMasked,
    shows: (intent, record) => isLike(intent, record, intent.before as Image, imageAfter(intent)),
    isOurs: (intent, record) => {
      const after = imageAfter(intent);
      // One that bears none of our values may be somebody else's.
      if (Object.keys(after.attributes ?? {}).length === 0) return false;
      const { enabled: _, ...values } = after;
      // It may not have come to be enabled yet: that is the last of what makes an account with a password.
      return isLike(intent, record, {}, after.password === undefined ? after : values);
    },
  };
}

/** Whether the record has these values of an attribute. */
export function bears(schema: StoreSchema, record: AccountRecord, name: string, values: Values): boolean {
  const attribute = schema.attributes.get(attributeKey(schema, name)) ?? { matching: "caseIgnore" as const };
  return sameValues(attribute, valuesOf(record.attributes, name), values);
}
