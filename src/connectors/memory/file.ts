import { open, readFile, rename, stat } from "node:fs/promises";
import { z } from "zod";
import { loginTroubles } from "../../core/model/account.ts";
import type { ConnectorEnvironment } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { takingTurns } from "../turns.ts";
import type { Backing } from "./connector.ts";
import { type MemoryStore, withoutEmpty } from "./store.ts";

const attributes = z.record(z.string(), z.array(z.string())).default({});

const account = z.strictObject({
  anchor: z.string().optional(),
  name: z.string(),
  enabled: z.boolean().default(true),
  attributes,
  protected: z.string().optional().describe("Why nobody may change it."),
  trouble: z.array(z.enum(loginTroubles)).optional().describe("What keeps it from logging in."),
});

/** Written by hand, an anchor may be left out: the name stands in for it until the first save. */
const format = z.strictObject({
  fingerprint: z.string().optional(),
  next: z.int().min(1).default(1),
  passwords: z
    .record(z.string(), z.strictObject({ salt: z.string(), hash: z.string(), mustChange: z.boolean() }))
    .optional()
    .describe("By anchor."),
  accounts: z.array(account).default([]),
  deleted: z.array(account).default([]).describe("Those that can be brought back."),
  entitlements: z
    .array(
      z.strictObject({
        anchor: z.string().optional(),
        name: z.string(),
        attributes,
        members: z.array(z.string()).default([]).describe("Anchors of accounts."),
        protected: z.string().optional(),
      }),
    )
    .default([]),
});

/** Keeps a store in a JSON file: read again whenever the file is another, replaced as a whole after each batch of changes. */
export function memoryFile(store: MemoryStore, path: string, environment: ConnectorEnvironment): Backing {
  let known = "";
  const stamp = async (file: string) => {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  };
  const guard = async <T>(action: string, work: (file: string) => Promise<T>): Promise<T> => {
    const file = environment.path(path);
    try {
      return await work(file);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const cause = error instanceof Error ? error.message : String(error);
      throw new StoreError("Unavailable", `cannot ${action} the memory store's file ${path}: ${cause}`, {
        cause: error,
      });
    }
  };
  const load = () =>
    guard("read", async (file) => {
      const now = await stamp(file);
      if (now === known) return;
      restore(store, await readFile(file, "utf8"), path);
      known = now;
    });
  const save = () =>
    guard("write", async (file) => {
      const read = known;
      known = ""; // whatever happens now, the file is read again
      const temporary = `${file}.new`;
      const handle = await open(temporary, "w", 0o600);
      try {
        await handle.writeFile(serialise(store));
        await handle.sync();
      } finally {
        await handle.close();
      }
      if ((await stamp(file)) !== read) {
        throw new StoreError(
          "Retryable",
          `cannot write the memory store's file ${path}: somebody else just did; try again`,
        );
      }
      await rename(temporary, file);
      known = await stamp(file);
    });
  // Between a load and its save, the store is not what the file says.
  const inTurn = takingTurns();
  return {
    load: () => inTurn(load),
    change: (work) =>
      inTurn(async () => {
        await load();
        const result = work();
        await save();
        return result;
      }),
  };
}

function restore(store: MemoryStore, text: string, path: string): void {
  let parsed: z.output<typeof format>;
  try {
    parsed = format.parse(JSON.parse(text));
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new StoreError(
      "Unavailable",
      `cannot read the memory store's file ${path}: ${cause}; restore it, or write {} for an empty store`,
    );
  }
  if (parsed.fingerprint !== undefined) store.fingerprint = parsed.fingerprint;
  const names = new Set<string>();
  const twice = parsed.accounts.find(({ name }) => names.size === names.add(store.nameKey(name)).size);
  if (twice !== undefined) {
    throw new StoreError(
      "Unavailable",
      `cannot read the memory store's file ${path}: it has two accounts named ${twice.name}; take one out`,
    );
  }
  const known = (each: z.output<typeof account>) => ({
    ...each,
    anchor: each.anchor ?? each.name,
    attributes: withoutEmpty(
      Object.entries(each.attributes).map(([name, values]) => [store.attributeKey(name), values]),
    ),
  });
  store.restore({
    next: parsed.next,
    passwords: Object.entries(parsed.passwords ?? {}),
    accounts: parsed.accounts.map(known),
    deleted: parsed.deleted.map(known),
    entitlements: parsed.entitlements.map((entitlement) => ({
      ...entitlement,
      anchor: entitlement.anchor ?? entitlement.name,
      members: new Set(entitlement.members),
    })),
  });
}

function serialise(store: MemoryStore): string {
  const content = {
    fingerprint: store.fingerprint,
    next: store.next,
    ...(store.passwords.entries.size > 0 && { passwords: Object.fromEntries(store.passwords.entries) }),
    accounts: [...store.accounts.values()],
    deleted: [...store.deleted.values()],
    entitlements: store.entitlements
      .values()
      .map((entitlement) => ({ ...entitlement, members: [...entitlement.members].sort() }))
      .toArray(),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
