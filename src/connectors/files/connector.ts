import type { AttributeSchema } from "../../core/model/values.ts";
import type { Format } from "../../formats/row.ts";
import type { Connector } from "../contract.ts";
import { missingColumns, readAccounts } from "./accounts.ts";
import { applyChanges } from "./changes.ts";
import { withFile } from "./file.ts";
import { Finder } from "./finder.ts";
import { anchorOf, doubleUses, heldBy, type Layout, nameOf, toRecord, versionOf } from "./layout.ts";
import { Reader } from "./reader.ts";
import type { FileStore } from "./store.ts";
import { writeInTurn } from "./write-in-turn.ts";

/** The accounts in a store's files, one row each. */
export function filesTarget(store: FileStore, layout: Layout): Connector {
  const { place, format, bounds } = store;
  const reader = new Reader(store, async function* (files, call) {
    const accounts = yield* readAccounts(files, format, layout, bounds, call);
    return { ...accounts, finder: new Finder(accounts) };
  });
  const writable = place.newRows !== undefined;

  return {
    place: `by ${layout.id}`,
    ...(layout.entitlements && { entitlementPlace: `column ${layout.entitlements.column}` }),
    capabilities: {
      create: writable,
      update: writable,
      rename: writable && layout.id !== layout.name,
      disable: writable && layout.disabled !== undefined,
      delete: writable,
      entitlements: layout.entitlements !== undefined,
      createEntitlements: false,
      passwords: false,
      restore: false,
      expect: true,
    },

    async check(call) {
      const problems = [...doubleUses(layout)];
      for (const file of await place.files()) {
        const sheet = await withFile(file, async (open) => format.open(open.pieces(call)));
        for (const column of missingColumns(layout, sheet))
          problems.push(`add the column "${column}" to ${file.name}, or correct the target's columns`);
      }
      if (problems.length === 0) await reader.load(call);
      return { server: format.title, problems };
    },

    async schema() {
      return {
        attributes: new Map(
          [...layout.attributes.keys()].map((name) => [name, attributeSchema(name, layout, format)]),
        ),
        attributeNames: "caseExact",
        nameMatching: "caseExact",
        lag: 0,
        entitlementNeedsMember: false,
      };
    },

    async marker(call) {
      return reader.digest(call);
    },

    async *scan(what, call) {
      if (what === "entitlements") {
        const { entitlements } = await reader.load(call);
        yield [...entitlements.values()].map(({ anchor, version, name }) => ({ anchor, version, name }));
        return;
      }
      for await (const page of reader.rows(call)) {
        yield page.map((row) => ({
          anchor: anchorOf(row, layout),
          version: versionOf(row),
          name: nameOf(row, layout),
        }));
      }
    },

    async fetch(anchors, call) {
      const { snapshot, byAnchor } = await reader.load(call);
      const found = await snapshot.find(byAnchor, anchors);
      return [...found.values()].map(({ row }) => toRecord(row, layout));
    },

    async find(questions, call) {
      return (await reader.load(call)).finder.answer(questions, call);
    },

    async entitlements(refs, call) {
      const { entitlements } = await reader.load(call);
      return refs.map((ref) => (ref.by === "DN" ? undefined : entitlements.get(ref.name)));
    },

    async *memberships(entitlements, call) {
      const wanted = new Set(entitlements);
      for await (const page of reader.rows(call)) {
        yield page.flatMap((row) =>
          [...heldBy(row, layout).intersection(wanted)].map((entitlement) => ({
            entitlement,
            member: anchorOf(row, layout),
          })),
        );
      }
    },

    memberKey: ({ anchor }) => anchor,

    async *apply(changes, call) {
      const load = () => reader.load(call);
      yield* await writeInTurn(store, changes, load, (accounts, newRows) =>
        applyChanges(accounts, changes, newRows, call),
      );
    },
  };
}

function attributeSchema(name: string, layout: Layout, { multiValued }: Format): AttributeSchema {
  const column = layout.columnOf(name);
  return {
    name,
    matching: "caseExact",
    multiValued: multiValued && ![layout.id, layout.name].includes(column) && !layout.isSingle(column),
    readOnly: column === layout.disabled?.column || column === layout.entitlements?.column,
    required: column === layout.id && layout.id !== layout.name,
    secret: false,
  };
}
