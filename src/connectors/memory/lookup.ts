import type { EntitlementRef } from "../../core/model/account.ts";
import { parseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import type { FindQuestion } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { attributeSchema } from "./changes.ts";
import type { MemoryAccount, MemoryEntitlement } from "./content.ts";
import type { MemoryStore } from "./store.ts";

/** Answers questions from one index an attribute, made when first asked for. */
export function finder(store: MemoryStore, shows: (account: MemoryAccount) => boolean) {
  const indexes = new Map<string, Map<string, MemoryAccount[]>>();
  const index = (attribute: string) => {
    let found = indexes.get(attribute);
    if (found === undefined) {
      const matching = attributeSchema(store, attribute)?.matching ?? "caseExact";
      found = new Map();
      for (const account of store.accounts.values().filter(shows)) {
        for (const value of account.attributes[store.attributeKey(attribute)] ?? []) {
          const form = normalise(matching, value);
          const holders = found.get(form);
          if (holders === undefined) found.set(form, [account]);
          else if (!holders.includes(account)) holders.push(account);
        }
      }
      indexes.set(attribute, found);
    }
    return found;
  };
  const holders = ([attribute, value]: readonly [string, string]) => {
    const matching = attributeSchema(store, attribute)?.matching ?? "caseExact";
    return index(attribute).get(normalise(matching, value)) ?? [];
  };
  return (question: FindQuestion): readonly MemoryAccount[] => {
    if (question.name !== undefined) {
      const account = store.account(question.name);
      return account !== undefined && shows(account) ? [account] : [];
    }
    const [first = [], ...rest] = Object.entries(question.keys).map(holders);
    return first.filter((account) => rest.every((others) => others.includes(account)));
  };
}

/** By name: the whole name, or the first step's value of a distinguished one. */
export function resolver(store: MemoryStore) {
  const byStep = Map.groupBy(store.entitlements.values(), (entitlement) =>
    firstValue(store, entitlement.name),
  );
  return (ref: EntitlementRef): MemoryEntitlement | undefined => {
    if (ref.by === "Id") return store.entitlements.get(ref.name);
    const whole = store.entitlement(ref.name);
    if (ref.by === "DN" || whole !== undefined) return whole;
    const [found, other] = byStep.get(store.nameKey(ref.name)) ?? [];
    if (other === undefined) return found;
    throw new StoreError(
      "Invalid",
      `cannot tell which entitlement ${ref.name} is: ${found?.name} and ${other.name} are called so; point at it by DN or Id`,
    );
  };
}

function firstValue(store: MemoryStore, name: string): string {
  try {
    return store.nameKey(parseName(name)[0]?.[0]?.value ?? name);
  } catch {
    return store.nameKey(name);
  }
}
