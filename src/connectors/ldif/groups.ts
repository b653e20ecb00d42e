import type { EntitlementRecord, EntitlementRef } from "../../core/model/account.ts";
import { normaliseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import { nameColumn } from "../../formats/ldif/row.ts";
import type { Row } from "../../formats/row.ts";
import type { Membership } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { type GroupShape, memberForm } from "../ldap/shape.ts";
import type { Entries } from "./entries.ts";
import { matchingOf } from "./matching.ts";
import { groupRecord } from "./records.ts";

/** Groups read in one go: each may have 100,000 members. */
const groupsAtOnce = 20;
const pageSize = 1_000;

/** The target's groups as they are, a few at a time. */
export async function* groupPages(settled: Entries): AsyncGenerator<readonly Row[]> {
  const { snapshot, groups } = settled.reading;
  const numbers = [...groups].filter(([name]) => !settled.has(name)).map(([, number]) => number);
  for (let at = 0; at < numbers.length; at += groupsAtOnce)
    yield (await snapshot.at(numbers.slice(at, at + groupsAtOnce))).map(({ row }) => row);
  yield [...settled.groups()].map(({ now }) => now!);
}

/** A group's anchor is its name in its one form, and so `by: DN` and `by: Id` look for the same. */
export async function findGroups(
  settled: Entries,
  groups: GroupShape,
  refs: readonly EntitlementRef[],
): Promise<(EntitlementRecord | undefined)[]> {
  const { shape } = settled.reading;
  const entries = settled.copy();
  await entries.load(refs.filter(({ by }) => by !== "Name").map(({ name }) => normaliseName(name)));
  const form = (value: string) => normalise(matchingOf(groups.nameAttribute), value);
  const wanted = Map.groupBy(
    refs.filter(({ by }) => by === "Name"),
    ({ name }) => form(name),
  );
  const found = new Map<EntitlementRef, Row>();
  if (wanted.size > 0)
    for await (const page of groupPages(settled))
      for (const row of page)
        for (const value of new Set(row.values(groups.nameAttribute).map(form)))
          for (const ref of wanted.get(value) ?? []) keep(found, ref, row);
  return refs.map((ref) => {
    const row = ref.by === "Name" ? found.get(ref) : entries.named(normaliseName(ref.name))?.now;
    return row !== undefined && shape.isGroup(row) ? groupRecord(row, shape, groups) : undefined;
  });
}

function keep(found: Map<EntitlementRef, Row>, ref: EntitlementRef, row: Row): void {
  const other = found.get(ref);
  if (other !== undefined) {
    const [one, two] = [other, row].map((each) => each.values(nameColumn)[0]);
    throw new StoreError(
      "Invalid",
      `cannot tell which group ${ref.name} is: ${one} and ${two} are called so; point at it by DN`,
    );
  }
  found.set(ref, row);
}

/** Who is in these groups, each once, the stand-in left out. */
export async function* memberPages(
  settled: Entries,
  groups: GroupShape,
  anchors: readonly string[],
): AsyncGenerator<readonly Membership[]> {
  const form = memberForm(groups);
  const filler = groups.filler === undefined ? undefined : form(groups.filler);
  for (const entitlement of anchors) {
    const entries = settled.copy();
    await entries.load([entitlement]);
    const values = entries.named(entitlement)?.now?.values(groups.memberAttribute) ?? [];
    const members = [...new Set(values.map(form))].filter((member) => member !== filler);
    for (let at = 0; at < members.length; at += pageSize)
      yield members.slice(at, at + pageSize).map((member) => ({ entitlement, member }));
  }
}
