import { z } from "zod";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import type { Backing } from "../memory/connector.ts";
import type { MemoryStore } from "../memory/store.ts";
import type { Notebook } from "../notebook.ts";
import { takingTurns } from "../turns.ts";

const attributes = z.record(z.string(), z.array(z.string()));
const account = z.object({ anchor: z.string(), name: z.string(), enabled: z.boolean(), attributes });
const entitlement = z.object({
  anchor: z.string(),
  name: z.string(),
  attributes,
  members: z.array(z.string()),
});

/** Keys of a notebook: `next`, and one for each account and entitlement by its anchor. */
const keyOf = { account: "account ", entitlement: "entitlement ", next: "next" } as const;

/**
 * Keeps a store's records in a notebook, one text for each, and writes those that differ. `declared` are entitlements that are there
 * though nobody holds them.
 */
export function recordKeeping(
  store: MemoryStore,
  notebook: Notebook | undefined,
  declared: readonly string[],
): Backing {
  let known: ReadonlyMap<string, string> | undefined;
  const load = async (): Promise<ReadonlyMap<string, string>> => {
    if (!notebook) throw new StoreError("Unavailable", "cannot read records: no state is there to keep them");
    const texts = await guard("Unavailable", "read", () => notebook.read());
    if (!known || !isSame(known, texts)) restore(store, texts, declared);
    known = texts;
    return texts;
  };
  const save = async (before: ReadonlyMap<string, string>) => {
    const now = textsOf(store);
    const changed = [...now].filter(([key, text]) => before.get(key) !== text);
    const gone = [...before.keys()].filter((key) => !now.has(key)).map((key) => [key, undefined] as const);
    // Until it is written it is not known.
    known = undefined;
    if (changed.length + gone.length > 0)
      // It may have been kept all the same.
      await guard("InDoubt", "write", () => notebook!.write(Object.fromEntries([...changed, ...gone])));
    known = now;
  };
  const inTurn = takingTurns();
  return {
    load: () => inTurn(async () => void (await load())),
    change: (work) =>
      inTurn(async () => {
        const before = await load();
        const result = work();
        await save(before);
        return result;
      }),
  };
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && a.entries().every(([key, text]) => b.get(key) === text);
}

async function guard<T>(kind: StoreErrorKind, action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(kind, `cannot ${action} the records of this store: ${why}`, { cause });
  }
}

function restore(store: MemoryStore, texts: ReadonlyMap<string, string>, declared: readonly string[]): void {
  const all = <T>(prefix: string, schema: z.ZodType<T>) =>
    [...texts].filter(([key]) => key.startsWith(prefix)).map(([key, text]) => parsed(key, text, schema));
  const isDeclared = new Set(declared.map((name) => store.nameKey(name)));
  const isThere = ({ name, members }: z.output<typeof entitlement>) =>
    members.length > 0 || isDeclared.has(store.nameKey(name));
  store.restore({
    accounts: all(keyOf.account, account),
    deleted: [],
    entitlements: all(keyOf.entitlement, entitlement)
      .filter(isThere)
      .map((each) => ({ ...each, members: new Set(each.members) })),
    next: Number(texts.get(keyOf.next) ?? 1),
  });
  for (const name of declared)
    if (!store.entitlement(name))
      store.putEntitlement({ anchor: name, name, attributes: {}, members: new Set() });
}

function parsed<T>(key: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const cure = "restore the state from a backup";
    throw new StoreError(
      "Unavailable",
      `cannot read the record ${key}: it is not as it was written; ${cure}`,
      {
        cause,
      },
    );
  }
}

function textsOf(store: MemoryStore): ReadonlyMap<string, string> {
  const accounts = store.accounts
    .values()
    .map((each): [string, string] => [`${keyOf.account}${each.anchor}`, JSON.stringify(each)]);
  const entitlements = store.entitlements
    .values()
    .map((each): [string, string] => [
      `${keyOf.entitlement}${each.anchor}`,
      JSON.stringify({ ...each, members: [...each.members].sort() }),
    ]);
  return new Map([...accounts, ...entitlements, [keyOf.next, String(store.next)]]);
}
