import type { AccountRecord } from "../../core/model/account.ts";
import { isAtOrBelow } from "../../core/model/distinguished-name.ts";
import { attributeKey, type StoreSchema } from "../../core/model/values.ts";
import type { Call, Capabilities, Connector, Outcome, StoreChange, TargetOptions } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { MemoryTargetBlock } from "./blocks.ts";
import { applyChange, attributeSchema } from "./changes.ts";
import type { MemoryAccount } from "./content.ts";
import type { MemoryCall } from "./faults.ts";
import { finder, resolver } from "./lookup.ts";
import type { MemoryStore } from "./store.ts";

const everything: Capabilities = {
  create: true,
  update: true,
  rename: true,
  disable: true,
  delete: true,
  entitlements: true,
  createEntitlements: true,
  passwords: true,
  restore: true,
  expect: true,
};

/** What keeps the store beyond the process; nothing, for a store that a test owns. */
export interface Backing {
  load(): Promise<void>;
  /** Loads, does the work on the store and saves, all in one. */
  change<T>(work: () => T): Promise<T>;
}

/** Begins a call: all of them stop for an aborted signal, a closed connection and the store's faults. */
export type Begin = (name: MemoryCall, call: Call) => Promise<void>;

export function memoryTarget(
  store: MemoryStore,
  begin: Begin,
  backing: Backing | undefined,
  { block, attributes }: TargetOptions<MemoryTargetBlock>,
): Connector {
  const { base } = block;
  const shows = (account: MemoryAccount) =>
    store.shows(account) && (base === undefined || isAtOrBelow(account.name, base));
  const record = (account: MemoryAccount): AccountRecord => ({
    anchor: account.anchor,
    name: account.name,
    version: store.version(account),
    enabled: store.options.capabilities?.disable === false ? undefined : account.enabled,
    ...(account.protected === undefined ? {} : { protected: account.protected }),
    ...(account.trouble === undefined ? {} : { trouble: account.trouble }),
    attributes: Object.fromEntries(
      attributes.flatMap((name) => {
        const values = account.attributes[store.attributeKey(name)];
        return values === undefined ? [] : [[attributeSchema(store, name)?.name ?? name, values]];
      }),
    ),
  });

  return {
    capabilities: { ...everything, ...store.options.capabilities },

    async check(call) {
      await begin("check", call);
      const unknown = attributes.filter((name) => attributeSchema(store, name) === undefined);
      return {
        server: "memory",
        problems: unknown.map((name) => `declare the attribute ${name} in the memory store, or unmap it`),
      };
    },

    async schema(call) {
      await begin("schema", call);
      return schemaOf(store, attributes);
    },

    ...(store.options.marker !== false && {
      async marker(call: Call) {
        await begin("marker", call);
        return store.marker();
      },
    }),

    async *scan(what, call) {
      await begin("scan", call);
      const records =
        what === "accounts" ? [...store.accounts.values().filter(shows)] : [...store.entitlements.values()];
      const sightings = records.map((seen) => ({
        anchor: seen.anchor,
        version: store.version(seen),
        name: seen.name,
      }));
      yield* pages(store, "scan", sightings, call);
    },

    async fetch(anchors, call) {
      await begin("fetch", call);
      return anchors.flatMap((anchor) => {
        const account = store.accounts.get(anchor);
        return account !== undefined && shows(account) ? [record(account)] : [];
      });
    },

    async find(questions, call) {
      await begin("find", call);
      const answer = finder(store, shows);
      return questions.map((question) => answer(question).map(record));
    },

    async entitlements(refs, call) {
      await begin("entitlements", call);
      const resolve = resolver(store);
      return refs.map((ref) => {
        const found = resolve(ref);
        if (found === undefined) return undefined;
        const { protected: why, ...record } = found;
        return {
          ...record,
          version: store.version(found),
          ...(why === undefined ? {} : { protected: why }),
        };
      });
    },

    async *memberships(entitlements, call) {
      await begin("memberships", call);
      const found = entitlements.flatMap((anchor) =>
        [...(store.entitlements.get(anchor)?.members ?? [])].flatMap((member) => {
          const account = store.accounts.get(member);
          return account === undefined ? [] : [{ entitlement: anchor, member: store.nameKey(account.name) }];
        }),
      );
      yield* pages(store, "memberships", found, call);
    },

    memberKey: ({ name }) => store.nameKey(name),

    async *apply(changes, call) {
      await begin("apply", call);
      if (backing === undefined) {
        for (const change of changes) yield outcomeOf(store, change);
        return;
      }
      yield* await backing.change(() => changes.map((change) => outcomeOf(store, change)));
    },
  };
}

function outcomeOf(store: MemoryStore, change: StoreChange): Outcome {
  store.writes++;
  try {
    const refusal = store.faults.refuse?.(change);
    if (refusal !== undefined) throw refusal;
    const outcome = applyChange(store, change);
    if (store.faults.losesAnswer?.(change) !== true) return outcome;
    throw new StoreError("InDoubt", `sent the change of ${change.name}, and got no answer`);
  } catch (error) {
    if (error instanceof StoreError) return { id: change.id, ok: false, error };
    throw error;
  }
}

async function* pages<T>(
  store: MemoryStore,
  name: MemoryCall,
  items: readonly T[],
  call: Call,
): AsyncGenerator<readonly T[]> {
  const size = store.options.pageSize ?? 500;
  for (let at = 0; at < items.length; at += size) {
    if (at > 0) {
      checkSignal(call);
      store.faults.page?.(name, at / size);
    }
    yield items.slice(at, at + size);
  }
}

export function checkSignal(call: Call): void {
  if (call.signal.aborted) throw new StoreError("Retryable", "stopped the call: it was aborted");
}

function schemaOf(store: MemoryStore, attributes: readonly string[]): StoreSchema {
  const { options } = store;
  const names = { attributeNames: options.attributeNames ?? "caseExact" } as const;
  const known = [...Object.keys(options.attributes ?? {}), ...attributes].flatMap((name) => {
    const schema = attributeSchema(store, name);
    return schema === undefined ? [] : [[attributeKey(names, schema.name), schema] as const];
  });
  return {
    ...names,
    attributes: new Map(known),
    nameMatching: options.nameMatching ?? "distinguishedName",
    lag: options.lag ?? 0,
    entitlementNeedsMember: options.entitlementNeedsMember ?? false,
  };
}
