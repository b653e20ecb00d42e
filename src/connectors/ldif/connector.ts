import { normaliseName } from "../../core/model/distinguished-name.ts";
import type { AttributeSchema } from "../../core/model/values.ts";
import type { Row } from "../../formats/row.ts";
import type { Call, Connector, TargetOptions } from "../contract.ts";
import { named, nameError } from "../files/errors.ts";
import type { FileStore } from "../files/store.ts";
import { writeInTurn } from "../files/write-in-turn.ts";
import { isSecret } from "../ldap/secrets.ts";
import type { LdifTargetBlock } from "./blocks.ts";
import { applyChanges } from "./changes.ts";
import { entitlementsOf } from "./entitlements.ts";
import type { Entries } from "./entries.ts";
import { matchingOf } from "./matching.ts";
import { EntryReader } from "./reader.ts";
import { accountSighting, toRecord } from "./records.ts";
import { isBelow, Shape } from "./shape.ts";

/** The accounts among a file's entries. */
export function ldifTarget(
  store: FileStore,
  { block, attributes }: TargetOptions<LdifTargetBlock>,
): Connector {
  const { place, format } = store;
  const shape = new Shape(block);
  const { groups } = shape;
  const entitled = entitlementsOf(shape);
  const reader = new EntryReader(store, shape);
  // A value that is no text shows when somebody looks at it.
  const reading = <T>(work: () => Promise<T>) => named(place.title, "read", work);
  const record = (row: Row) => toRecord(row, shape, attributes);
  const writable = place.newRows !== undefined;

  return {
    place: `by ${shape.id ?? "name"}`,
    capabilities: {
      create: writable,
      update: writable,
      rename: writable && block.id !== undefined,
      disable: writable && block.disable !== undefined,
      delete: writable,
      entitlements: entitled !== undefined,
      createEntitlements: writable && entitled?.creates === true,
      passwords: false,
      restore: false,
      expect: true,
    },

    async check(call) {
      const { settled } = await reader.load(call);
      const missing = await missingBases(settled, [...block.bases, ...(groups ? [groups.base] : [])], call);
      return {
        server: format.title,
        problems: missing.map(
          (base) => `add the entry ${base} to ${place.title}, or correct the target's bases`,
        ),
      };
    },

    async schema() {
      return {
        attributes: new Map(attributes.map((name) => [name.toLowerCase(), attributeSchema(name, block)])),
        attributeNames: "caseIgnore",
        nameMatching: "distinguishedName",
        lag: 0,
        entitlementNeedsMember:
          groups !== undefined && groups.membersAre === "Names" && groups.filler === undefined,
      };
    },

    async marker(call) {
      return reader.digest(call);
    },

    async *scan(what, call) {
      try {
        if (what === "entitlements") {
          const known = await reader.load(call);
          if (entitled !== undefined) yield* entitled.scan(known, call);
        } else {
          for await (const page of reader.entries(call))
            yield page.filter((row) => shape.isAccount(row)).map((row) => accountSighting(row, shape));
        }
      } catch (error) {
        throw nameError(place.title, "read", error);
      }
    },

    async fetch(anchors, call) {
      const entries = (await reader.load(call)).settled.copy();
      return reading(async () => {
        await entries.loadAccounts(anchors);
        return anchors.flatMap((anchor) => entries.account(anchor)?.now ?? []).map(record);
      });
    },

    async find(questions, call) {
      const { finder } = await reader.load(call);
      return reading(async () => (await finder.answer(questions, call)).map((rows) => rows.map(record)));
    },

    async entitlements(refs, call) {
      const known = await reader.load(call);
      if (entitled === undefined) return refs.map(() => undefined);
      return reading(() => entitled.find(known, refs, call));
    },

    async *memberships(entitlements, call) {
      const known = await reader.load(call);
      if (entitled === undefined) return;
      try {
        yield* entitled.members(known, entitlements, call);
      } catch (error) {
        throw nameError(place.title, "read", error);
      }
    },

    memberKey: (account) => entitled?.memberKey(account) ?? account.anchor,

    async *apply(changes, call) {
      const load = () => reader.load(call);
      yield* await writeInTurn(store, changes, load, (known, newRows) =>
        applyChanges(known, changes, newRows, call),
      );
    },
  };
}

/** Those that no entry is, or lies below. */
async function missingBases(
  settled: Entries,
  bases: readonly string[],
  call: Call,
): Promise<readonly string[]> {
  const { shape } = settled.reading;
  const missing = new Map(bases.map((base) => [normaliseName(base), base]));
  const see = (row: Row) => {
    for (const base of missing.keys()) if (isBelow(shape.nameOf(row), base)) missing.delete(base);
  };
  for await (const page of settled.rows(call)) {
    if (missing.size === 0) break;
    for (const row of page) see(row);
  }
  return [...missing.values()];
}

/** A file says nothing of its attributes: each may hold several values, and a directory will say which it takes. */
function attributeSchema(name: string, { id, disable, entitlements }: LdifTargetBlock): AttributeSchema {
  const is = (other: string | undefined) => other?.toLowerCase() === name.toLowerCase();
  return {
    name,
    matching: is(id) ? "caseExact" : matchingOf(name),
    multiValued: !is(id),
    readOnly: is(disable?.attribute.name) || is(entitlements?.attribute),
    required: is("objectClass") || (is(id) && !is("entryUUID")),
    secret: isSecret(name),
  };
}
