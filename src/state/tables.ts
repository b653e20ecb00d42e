import type { KnownManifest } from "../core/kinds/known-manifest.ts";
import type { FormerAccount, Holding, Link } from "../core/model/link.ts";
import type { Task } from "../core/tasks/task.ts";
import type { Batch, Hold, JournalEntry, SeenEntitlement, ShownPlan } from "./state.ts";
import { parse, type Table, type Value } from "./table.ts";

export const links: Table<Link> = {
  name: "links",
  columns: { target: "text", identity: "text", anchor: "text", reasons: "text", body: "text" },
  key: ["target", "identity"],
  encode: ({ target, identity, anchor, reasons, ...body }) => [
    target,
    identity,
    anchor,
    JSON.stringify(reasons),
    JSON.stringify(body),
  ],
  decode: ({ target, identity, anchor, reasons, body }, shared) =>
    ({ target, identity, anchor, reasons: shared.parse(reasons), ...parse<object>(body) }) as Link,
};

export const formerAccounts: Table<FormerAccount> = {
  name: "former_accounts",
  columns: { target: "text", identity: "text", anchor: "text", strong_keys: "text" },
  key: ["target", "identity"],
  encode: ({ target, identity, anchor, strongKeys }) => [
    target,
    identity,
    anchor,
    JSON.stringify(strongKeys),
  ],
  decode: ({ strong_keys, ...row }) =>
    ({ ...row, strongKeys: parse<object>(strong_keys) }) as unknown as FormerAccount,
};

export const holdings: Table<Holding> = {
  name: "holdings",
  columns: {
    target: "text",
    identity: "text",
    entitlement: "text",
    name: "text",
    origin: "text",
    reasons: "text",
  },
  key: ["target", "identity", "entitlement"],
  encode: (holding) => [
    holding.target,
    holding.identity,
    holding.entitlement,
    holding.name,
    holding.origin,
    JSON.stringify(holding.reasons),
  ],
  decode: ({ reasons, ...row }, shared) => ({ ...row, reasons: shared.parse(reasons) }) as unknown as Holding,
};

export const entitlements: Table<SeenEntitlement & { readonly target: string }> = {
  name: "entitlements",
  columns: { target: "text", anchor: "text", name: "text", version: "text" },
  key: ["target", "anchor"],
  encode: (seen) => [seen.target, seen.anchor, seen.name, seen.version],
  decode: (row) => row as unknown as SeenEntitlement & { readonly target: string },
};

/** A batch is open for as long as it has its intents; its counts stay, since they are what the budgets are summed from. */
export const batches: Table<Batch> = {
  name: "batches",
  columns: {
    id: "text",
    target: "text",
    at: "bigint",
    removals: "bigint",
    updates: "bigint",
    creates: "bigint",
    emergency: "bigint",
    intents: "text",
  },
  key: [],
  encode: ({ id, target, at, counts, intents }) => [
    id,
    target,
    at,
    counts.Removals ?? 0,
    counts.Updates ?? 0,
    counts.Creates ?? 0,
    counts.Emergency ?? 0,
    JSON.stringify(intents),
  ],
  decode: (row) => ({
    id: row.id as string,
    target: row.target as string,
    at: row.at as number,
    intents: row.intents === null ? [] : parse(row.intents),
    counts: {
      ...some("Removals", row.removals),
      ...some("Updates", row.updates),
      ...some("Creates", row.creates),
      ...some("Emergency", row.emergency),
    },
  }),
};

export const journal: Table<Omit<JournalEntry, "seq">, JournalEntry> = {
  name: "journal",
  columns: { at: "bigint", target: "text", identity: "text", reasons: "text", body: "text" },
  key: [],
  encode: ({ at, target, identity, reasons, ...body }) => [
    at,
    target,
    identity,
    JSON.stringify(reasons),
    JSON.stringify(body),
  ],
  decode: ({ seq, at, target, identity, reasons, body }, shared) =>
    ({ seq, at, target, identity, reasons: shared.parse(reasons), ...parse<object>(body) }) as JournalEntry,
};

/** A hold that is put again keeps its time, its expiry and its approval. */
export const holds: Table<Hold> = {
  name: "holds",
  columns: {
    target: "text",
    hash: "text",
    at: "bigint",
    expires: "bigint",
    approved_by: "text",
    approved_at: "bigint",
    body: "text",
  },
  key: ["target", "hash"],
  keeps: ["at", "expires", "approved_by", "approved_at"],
  encode: ({ target, hash, at, expires, approved, ...body }) => [
    target,
    hash,
    at,
    expires,
    approved?.by ?? null,
    approved?.at ?? null,
    JSON.stringify(body),
  ],
  decode: ({ approved_by, approved_at, body, ...row }) =>
    ({
      ...row,
      ...parse<object>(body),
      ...(approved_by === null ? {} : { approved: { by: approved_by, at: approved_at } }),
    }) as unknown as Hold,
};

export const tasks: Table<Task> = {
  name: "tasks",
  columns: { name: "text", target: "text", opened: "bigint", closed: "bigint", body: "text" },
  key: ["name"],
  encode: ({ name, target, opened, closed, ...body }) => [
    name,
    target,
    opened,
    closed ?? null,
    JSON.stringify(body),
  ],
  decode: ({ closed, body, ...row }) =>
    ({ ...row, ...(closed === null ? {} : { closed }), ...parse<object>(body) }) as unknown as Task,
};

export const plans: Table<ShownPlan> = {
  name: "plans",
  columns: { hash: "text", at: "bigint", items: "text" },
  key: ["hash"],
  encode: (plan) => [plan.hash, plan.at, JSON.stringify([...plan.items])],
  decode: (row) => ({
    hash: row.hash as string,
    at: row.at as number,
    items: new Set(parse<string[]>(row.items)),
  }),
};

export const manifests: Table<KnownManifest> = {
  name: "manifests",
  columns: { kind: "text", name: "text", body: "text" },
  key: ["kind", "name"],
  encode: (known) => [known.resource.kind, known.resource.name, JSON.stringify(known)],
  decode: (row) => parse(row.body),
};

export const stores: Table<{ readonly name: string; readonly fingerprint: string }> = {
  name: "stores",
  columns: { name: "text", fingerprint: "text" },
  key: ["name"],
  encode: (store) => [store.name, store.fingerprint],
  decode: (row) => row as { name: string; fingerprint: string },
};

export const notes: Table<{ readonly target: string; readonly name: string; readonly text: string }> = {
  name: "notes",
  columns: { target: "text", name: "text", text: "text" },
  key: ["target", "name"],
  encode: (note) => [note.target, note.name, note.text],
  decode: (row) => row as { target: string; name: string; text: string },
};

function some(name: string, count: Value | undefined): object {
  return count === 0 ? {} : { [name]: count };
}
