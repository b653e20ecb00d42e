import { normaliseName } from "../../core/model/distinguished-name.ts";
import type { Outcome } from "../contract.ts";
import { observed, sighting } from "./dialect.ts";
import { texts } from "./entry.ts";
import { equals, or } from "./filter.ts";
import { refusal, success, withoutVersion } from "./outcome.ts";
import { chunks } from "./pipeline.ts";
import type { Place } from "./place.ts";
import { readOne, searchPages } from "./search.ts";
import type { LdapEntry } from "./wire.ts";
import type { Writing } from "./write.ts";

const namesAtOnce = 200;

/** The outcomes of changes that were made, where the server did not tell anchors and versions with them. */
export async function readBack(place: Place, writings: readonly Writing[]): Promise<Outcome[]> {
  const there = writings.filter(({ change }) => change.kind !== "delete");
  const entries = await entriesOf(
    place,
    there.map(({ name }) => name),
  ).catch(() => new Map<string, LdapEntry>());
  return writings.map((writing) => {
    const named = entries.get(normaliseName(writing.name));
    try {
      const entry = named !== undefined && isOf(place, writing, named) ? named : undefined;
      const outcome = success(place.server, writing, entry);
      return entry === undefined || isOurs(place, entry) ? outcome : withoutVersion(outcome);
    } catch (error) {
      return refusal(writing.change.id, error);
    }
  });
}

async function entriesOf(
  { directory, server, connection, call }: Place,
  names: readonly string[],
): Promise<Map<string, LdapEntry>> {
  const { dialect } = server;
  const wanted = [...observed(dialect), ...(dialect.writerAttribute ? [dialect.writerAttribute] : [])];
  const found = new Map<string, LdapEntry>();
  const { nameAttribute } = dialect;
  if (nameAttribute === undefined) {
    const entries = await Promise.all(names.map((name) => readOne(connection, name, wanted, call)));
    for (const entry of entries) if (entry !== undefined) found.set(normaliseName(entry.dn), entry);
    return found;
  }
  for (const part of chunks(names, namesAtOnce)) {
    const filter = or(part.map((name) => equals(nameAttribute, name)));
    for (const base of server.namingContexts) {
      const query = { base, scope: "sub", filter, attributes: wanted } as const;
      for await (const page of searchPages(connection, query, directory.pageSize, call))
        for (const entry of page) found.set(normaliseName(entry.dn), entry);
    }
  }
  return found;
}

/** Whether it is the entry that was changed: another may have taken the name since. */
function isOf({ server }: Place, { change }: Writing, entry: LdapEntry): boolean {
  return change.kind === "create" || sighting(server.dialect, entry).anchor === change.anchor;
}

/** Whether nobody else has written since: a version that holds another's change must not be taken for what we made. */
function isOurs({ server }: Place, entry: LdapEntry): boolean {
  const { writerAttribute } = server.dialect;
  const [name] = writerAttribute === undefined ? [] : texts(entry, writerAttribute);
  return name !== undefined && normaliseName(name) === normaliseName(server.boundAs);
}
