import type { DesiredAccount } from "../desired/desired.ts";
import type { TargetModel } from "../desired/target-model.ts";
import type { AccountRecord } from "../model/account.ts";
import { getOrAdd } from "../model/maps.ts";
import { normalise } from "../model/matching.ts";

/** Unlinked accounts, found by the value of any match key, by name and by anchor. */
export interface KnownAccounts {
  readonly byValue: ReadonlyMap<string, readonly AccountRecord[]>;
}

export function accountsByKey(model: TargetModel, records: readonly AccountRecord[]): KnownAccounts {
  const byValue = new Map<string, AccountRecord[]>();
  const keys = matchKeys(model);
  for (const record of records) {
    getOrAdd(byValue, nameKey(model, record.name), () => []).push(record);
    getOrAdd(byValue, `anchor\n${record.anchor}`, () => []).push(record);
    for (const { name, matching } of keys)
      for (const value of record.attributes[name] ?? [])
        getOrAdd(byValue, `${name}=\n${normalise(matching, value)}`, () => []).push(record);
  }
  return { byValue };
}

/** Every unlinked account that shares a key's value, the name or the pinned anchor with what is desired. */
export function candidatesFor(
  model: TargetModel,
  known: KnownAccounts,
  { desired, pinned }: { readonly desired: DesiredAccount; readonly pinned: string | undefined },
): readonly AccountRecord[] {
  if (desired.presence !== "Present") return [];
  const found = new Set<AccountRecord>(known.byValue.get(nameKey(model, desired.name)));
  if (pinned !== undefined)
    for (const record of known.byValue.get(`anchor\n${pinned}`) ?? []) found.add(record);
  for (const { name, matching } of matchKeys(model)) {
    const values = desired.attributes.find((attribute) => attribute.schema.name === name)?.values ?? [];
    for (const value of values)
      for (const record of known.byValue.get(`${name}=\n${normalise(matching, value)}`) ?? [])
        found.add(record);
  }
  return [...found];
}

function matchKeys(model: TargetModel) {
  const keys = new Set(model.match.flatMap((rule) => rule.keys));
  return model.mappings.map((mapping) => mapping.attribute).filter((attribute) => keys.has(attribute.name));
}

function nameKey(model: TargetModel, name: string): string {
  return `name\n${normalise(model.schema.nameMatching, name)}`;
}
