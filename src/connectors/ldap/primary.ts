import { accountPlaces } from "./directory.ts";
import { texts } from "./entry.ts";
import { and, equals, or } from "./filter.ts";
import type { Place } from "./place.ts";
import { searchPages } from "./search.ts";
import type { LdapEntry } from "./wire.ts";

interface PrimaryMember {
  readonly group: LdapEntry;
  readonly name: string;
}

/** The accounts that have one of these groups as primary group: their own entries say so, and the group does not list them. */
export async function* primaryMembers(
  { directory, server, connection, call }: Place,
  groups: readonly LdapEntry[],
): AsyncGenerator<readonly PrimaryMember[]> {
  const { primary } = directory.shape.groups ?? {};
  if (primary === undefined) return;
  const byId = new Map(
    groups.flatMap((group) => texts(group, primary.group).map((id) => [id, group] as const)),
  );
  if (byId.size === 0) return;
  const ids = [...byId.keys()].map((id) => equals(primary.account, id));
  const filter = and(directory.shape.filter, or(ids));
  for (const place of accountPlaces(directory, server)) {
    const query = { ...place, filter, attributes: [primary.account] };
    for await (const page of searchPages(connection, query, directory.pageSize, call))
      yield page.flatMap((entry) =>
        texts(entry, primary.account).flatMap((id) => {
          const group = byId.get(id);
          return group === undefined ? [] : [{ group, name: entry.dn }];
        }),
      );
  }
}
