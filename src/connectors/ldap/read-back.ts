import { normaliseName } from "../../core/model/distinguished-name.ts";
import type { Outcome } from "../contract.ts";
import { observed, sighting } from "./dialect.ts";
import { texts } from "./entry.ts";
import { refusal, success, withoutVersion } from "./outcome.ts";
import { entriesNamed, type Place } from "./place.ts";
import type { LdapEntry } from "./wire.ts";
import type { Writing } from "./write.ts";

/** The outcomes of changes that were made, where the server did not tell anchors and versions with them. */
export async function readBack(place: Place, writings: readonly Writing[]): Promise<Outcome[]> {
  const { dialect } = place.server;
  const attributes = [...observed(dialect), ...(dialect.writerAttribute ? [dialect.writerAttribute] : [])];
  const names = writings.flatMap(({ change, name }) => (change.kind === "delete" ? [] : [name]));
  const entries = await entriesNamed(place, names, { attributes }).catch(() => new Map<string, LdapEntry>());
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
