import type { Filter } from "ldapts";
import type { AccountRecord } from "../../core/model/account.ts";
import { normaliseName } from "../../core/model/distinguished-name.ts";
import { normalise, normalisedSet } from "../../core/model/matching.ts";
import type { Matching } from "../../core/model/values.ts";
import type { Call, FindQuestion, Sighting } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { attributeOf } from "./attributes.ts";
import { observed, sighting } from "./dialect.ts";
import { accountPlaces, type Directory } from "./directory.ts";
import { and, equals, or } from "./filter.ts";
import { chunks } from "./pipeline.ts";
import { entriesAt, entriesNamed, termsAtOnce } from "./place.ts";
import type { Lease } from "./pool.ts";
import { makeReader, type Reader } from "./records.ts";
import { searchPages } from "./search.ts";
import type { Server } from "./server.ts";
import { encodeValue } from "./values.ts";

export async function* scanAccounts(directory: Directory, call: Call): AsyncGenerator<readonly Sighting[]> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call);
  for (const place of accountPlaces(directory, server)) {
    const query = {
      ...place,
      filter: directory.shape.filter,
      attributes: observed(server.dialect),
    };
    for await (const page of searchPages(lease.connection, query, directory.pageSize, call))
      yield page.map((entry) => sighting(server.dialect, entry));
  }
}

export async function fetchAccounts(
  directory: Directory,
  anchors: readonly string[],
  call: Call,
): Promise<AccountRecord[]> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call);
  const reader = makeReader(directory, server);
  const records: AccountRecord[] = [];
  const place = { directory, server, connection: lease.connection, call };
  for await (const page of entriesAt(place, anchors, { attributes: reader.wanted }))
    records.push(...page.map(reader.record));
  return records;
}

export async function findAccounts(
  directory: Directory,
  questions: readonly FindQuestion[],
  call: Call,
): Promise<(readonly AccountRecord[])[]> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call);
  const keys = new Set(questions.flatMap((question) => Object.keys(question.keys)));
  const reader = makeReader(directory, server, [...keys]);
  const narrow = narrower(directory, server);
  const hits = new Map<FindQuestion, readonly AccountRecord[]>();
  const names = questions.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const place = { directory, server, connection: lease.connection, call };
  const named = await entriesNamed(place, names, {
    attributes: reader.wanted,
    filter: directory.shape.filter,
  });
  for (const question of questions) {
    const entry = question.name === undefined ? undefined : named.get(normaliseName(question.name));
    if (entry !== undefined) hits.set(question, [narrow(reader.record(entry))]);
  }
  for (const part of chunks(
    questions.filter((question) => question.name === undefined),
    termsAtOnce,
  )) {
    const found = await findByKeys(directory, server, reader, part, lease, call);
    for (const question of part) hits.set(question, found.get(question)!.map(narrow));
  }
  return questions.map((question) => hits.get(question) ?? []);
}

/** Drops the attributes that were read to match by alone. */
function narrower(directory: Directory, server: Server): (record: AccountRecord) => AccountRecord {
  const shown = new Set(directory.attributes.map((name) => attributeOf(server, name).name));
  return (record) => ({
    ...record,
    attributes: Object.fromEntries(Object.entries(record.attributes).filter(([name]) => shown.has(name))),
  });
}

async function findByKeys(
  directory: Directory,
  server: Server,
  reader: Reader,
  questions: readonly FindQuestion[],
  lease: Lease,
  call: Call,
): Promise<ReadonlyMap<FindQuestion, AccountRecord[]>> {
  const found = new Map(questions.map((question) => [question, [] as AccountRecord[]]));
  const asked = questions.flatMap((question) => {
    const keys = keysOf(server, question);
    return keys === undefined ? [] : [{ question, keys }];
  });
  if (asked.length === 0) return found;
  const filter = and(
    directory.shape.filter,
    or(asked.map(({ keys }) => and(...keys.map((key) => key.term)))),
  );
  // Answers are matched back to their questions through the first key of each.
  const byKey = Map.groupBy(asked, ({ keys }) => `${keys[0]!.name}=${keys[0]!.form}`);
  const firsts = new Map(asked.map(({ keys }) => [keys[0]!.name, keys[0]!.matching]));
  for (const place of accountPlaces(directory, server)) {
    const query = { ...place, filter, attributes: reader.wanted };
    for await (const page of searchPages(lease.connection, query, directory.pageSize, call))
      for (const record of page.map(reader.record))
        for (const [name, matching] of firsts)
          for (const form of normalisedSet(matching, record.attributes[name] ?? []))
            for (const { question, keys } of byKey.get(`${name}=${form}`) ?? [])
              if (keys.every((key) => hasKey(record, key))) found.get(question)!.push(record);
  }
  return found;
}

interface Key {
  readonly name: string;
  readonly matching: Matching;
  readonly form: string;
  readonly term: Filter;
}

/**
 * One equality term a key, or undefined where no account can have such a value. A filter that the server cannot evaluate would
 * answer that there is nobody (RFC 4511 §4.5.1.7), so it is refused here.
 */
function keysOf(server: Server, question: FindQuestion): Key[] | undefined {
  const keys: Key[] = [];
  for (const [asked, value] of Object.entries(question.keys)) {
    const attribute = server.subschema.attributes.get(asked.toLowerCase());
    if (attribute === undefined || !attribute.hasEquality) throw unmatchable(asked);
    const { name, matching, transfer } = attribute;
    try {
      const term = equals(transfer, encodeValue(attribute, value));
      keys.push({ name, matching, form: normalise(matching, value), term });
    } catch {
      return undefined;
    }
  }
  return keys.length === 0 ? undefined : keys;
}

function unmatchable(name: string): StoreError {
  return new StoreError(
    "Invalid",
    `cannot look for accounts by ${name}: the server has no such attribute, or no rule to compare it by; match by another`,
  );
}

function hasKey(record: AccountRecord, { name, matching, form }: Key): boolean {
  return normalisedSet(matching, record.attributes[name] ?? []).has(form);
}
