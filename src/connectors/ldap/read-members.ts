import type { Call, Membership } from "../contract.ts";
import { observed, sighting } from "./dialect.ts";
import type { Directory } from "./directory.ts";
import { denied } from "./entry.ts";
import { groupsOf, needsMember } from "./groups.ts";
import { entriesAt, type Place } from "./place.ts";
import { primaryMembers } from "./primary.ts";
import { checkReadable } from "./readable.ts";
import { memberForm } from "./shape.ts";

/** Groups in one page of members: the whole page is in memory. */
const groupsAtOnce = 50;

/** Who is in these groups, the filler left out, and who has one as primary group. */
export async function* readMembers(
  directory: Directory,
  anchors: readonly string[],
  call: Call,
): AsyncGenerator<readonly Membership[]> {
  if (anchors.length === 0) return;
  const groups = groupsOf(directory);
  using lease = await directory.pool.lease(call);
  const { connection } = lease;
  const server = await directory.server(lease, call);
  const place: Place = { directory, server, connection, call };
  const attribute = groups.memberAttribute;
  const form = memberForm(groups);
  const filler = groups.filler === undefined ? undefined : form(groups.filler);
  const attributes = [
    ...observed(server.dialect),
    attribute,
    ...(groups.primary ? [groups.primary.group] : []),
  ];
  for await (const page of entriesAt(place, anchors, { attributes, pageSize: groupsAtOnce })) {
    const empty = page.filter((entry) => !entry.attributes.get(attribute.toLowerCase())?.length);
    if (empty.length > 0) await checkReadable(place, empty, attribute);
    for (const entry of page) {
      const values = entry.attributes.get(attribute.toLowerCase()) ?? [];
      // Its class forbids an empty group: the members are there, and hidden by access rules.
      if (values.length === 0 && needsMember(server, groups))
        throw denied(`read the members of ${entry.dn}`, attribute);
      const { anchor: entitlement } = sighting(server.dialect, entry);
      const members = values.map((value) => form(value.toString())).filter((member) => member !== filler);
      yield members.map((member) => ({ entitlement, member }));
    }
    for await (const some of primaryMembers(place, page))
      yield some.map(({ group, name }) => ({
        entitlement: sighting(server.dialect, group).anchor,
        member: form(name),
      }));
  }
}
