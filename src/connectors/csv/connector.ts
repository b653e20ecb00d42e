import { setImmediate as breathe } from "node:timers/promises";
import type { EntitlementRecord } from "../../core/model/account.ts";
import { canonicalJson, sha256 } from "../../core/model/hash.ts";
import type { AttributeSchema } from "../../core/model/values.ts";
import type { Call, Connector, FindQuestion, Outcome, TargetOptions } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { takingTurns } from "../turns.ts";
import {
  type Accounts,
  columnOf,
  holders,
  missingColumns,
  readAccounts,
  toRecord,
  versionOf,
} from "./accounts.ts";
import type { CsvStoreBlock, CsvTargetBlock } from "./blocks.ts";
import { applyChanges } from "./changes.ts";
import { replaceWhole } from "./file.ts";
import type { Reading } from "./reading.ts";
import { formatTable, type Row } from "./table.ts";

const pageSize = 1_000;

export function csvTarget(
  store: CsvStoreBlock,
  read: (call: Call) => Promise<Reading>,
  inTurn: ReturnType<typeof takingTurns>,
  { block, attributes }: TargetOptions<CsvTargetBlock>,
): Connector {
  let last: { readonly reading: Reading; readonly accounts: Accounts } | undefined;
  const load = async (call: Call) => {
    const reading = await read(call);
    if (last?.reading !== reading) {
      last = { reading, accounts: readAccounts(store.file, reading.table, block, attributes) };
    }
    return last;
  };

  return {
    capabilities: {
      create: true,
      update: true,
      rename: block.id !== undefined,
      disable: block.disabled !== undefined,
      delete: true,
      entitlements: block.entitlements !== undefined,
      createEntitlements: false,
      passwords: false,
      restore: false,
      expect: true,
    },

    async check(call) {
      const { table } = await read(call);
      const missing = missingColumns(block, attributes, table.header.cells);
      if (missing.length === 0) await load(call);
      return {
        server: `CSV, ${store.encoding}`,
        problems: missing.map(
          (column) => `add the column "${column}" to ${store.file}, or correct the target's columns`,
        ),
      };
    },

    async schema(call) {
      await load(call);
      return {
        attributes: new Map(attributes.map((name) => [name, attributeSchema(name, block)])),
        attributeNames: "caseExact",
        nameMatching: "caseExact",
        lag: 0,
        entitlementNeedsMember: false,
      };
    },

    async marker(call) {
      return (await load(call)).reading.content.digest;
    },

    async *scan(what, call) {
      const { accounts } = await load(call);
      const { layout, byAnchor } = accounts;
      if (what === "entitlements")
        yield* pages(entitlementRecords(accounts).values(), ({ anchor, version, name }) => ({
          anchor,
          version,
          name,
        }));
      else
        yield* pages(byAnchor, ([anchor, row]) => ({
          anchor,
          version: versionOf(row, layout),
          name: row.cells[layout.key]!,
        }));
    },

    async fetch(anchors, call) {
      const { layout, byAnchor } = (await load(call)).accounts;
      return anchors.flatMap((anchor) => {
        const row = byAnchor.get(anchor);
        return row === undefined ? [] : [toRecord(row, layout)];
      });
    },

    async find(questions, call) {
      const { accounts } = await load(call);
      const answer = finder(accounts);
      return questions.map((question) => answer(question).map((row) => toRecord(row, accounts.layout)));
    },

    async entitlements(refs, call) {
      const records = entitlementRecords((await load(call)).accounts);
      return refs.map((ref) => (ref.by === "DN" ? undefined : records.get(ref.name)));
    },

    async *memberships(entitlements, call) {
      const all = holders((await load(call)).accounts);
      const found = entitlements.flatMap((entitlement) =>
        (all.get(entitlement) ?? []).map((member) => ({ entitlement, member })),
      );
      yield* pages(found, (membership) => membership);
    },

    memberKey: ({ anchor }) => anchor,

    async *apply(changes, call) {
      yield* await inTurn(async () => {
        const { reading, accounts } = await load(call);
        const { table, outcomes, changed } = applyChanges(accounts, changes, store.encoding);
        const failure = changed ? await replace(store, reading, formatTable(table, store)) : undefined;
        if (failure === undefined) return outcomes;
        return outcomes.map((one): Outcome => (one.ok ? { id: one.id, ok: false, error: failure } : one));
      });
    },
  };
}

/** The error for which nothing was written, if any. */
async function replace(
  store: CsvStoreBlock,
  reading: Reading,
  text: string,
): Promise<StoreError | undefined> {
  try {
    await replaceWhole(reading.path, store, reading.content, text);
    return undefined;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}

/** Answers questions from one index an attribute, made when first asked for. Cells match exactly. */
function finder({ layout, byName, byAnchor }: Accounts) {
  const indexes = new Map<string, Map<string, Row[]>>();
  const having = ([attribute, value]: readonly [string, string]): readonly Row[] => {
    const column = layout.attributes.get(attribute);
    if (column === undefined || value === "") return [];
    let index = indexes.get(attribute);
    if (index === undefined) {
      index = Map.groupBy(byAnchor.values(), (row) => row.cells[column]!);
      indexes.set(attribute, index);
    }
    return index.get(value) ?? [];
  };
  return (question: FindQuestion): readonly Row[] => {
    if (question.name !== undefined) {
      const row = byName.get(question.name);
      return row === undefined ? [] : [row];
    }
    const [first = [], ...rest] = Object.entries(question.keys).map(having);
    return first.filter((row) => rest.every((others) => others.includes(row)));
  };
}

function entitlementRecords(accounts: Accounts): ReadonlyMap<string, EntitlementRecord> {
  const records = [...holders(accounts)].map(([name, members]) => {
    const version = sha256(canonicalJson([...members].sort()));
    return [name, { anchor: name, name, version, attributes: {} }] as const;
  });
  return new Map(records);
}

function attributeSchema(name: string, block: CsvTargetBlock): AttributeSchema {
  const column = columnOf(block, name);
  return {
    name,
    matching: "caseExact",
    multiValued: false,
    readOnly: column === block.disabled?.column || column === block.entitlements?.column,
    required: column === block.id,
    secret: false,
  };
}

/** Makes each page when it is asked for, and lets others work between two. */
async function* pages<T, R>(items: Iterable<T>, make: (item: T) => R): AsyncGenerator<readonly R[]> {
  let page: R[] = [];
  for (const item of items) {
    page.push(make(item));
    if (page.length < pageSize) continue;
    yield page;
    page = [];
    await breathe();
  }
  if (page.length > 0) yield page;
}
