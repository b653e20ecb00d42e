import { AddRequest, Attribute, Change } from "ldapts";
import type { Member, Outcome } from "../contract.ts";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import { encodeAttributes, valueChanges } from "./attributes.ts";
import { additionError, codes, resultError } from "./errors.ts";
import { addressOf, afterwards, checkGroup, type Job, missing, modify, send } from "./group-write.ts";
import { groupsOf, needsMember } from "./groups.ts";
import { readName } from "./name.ts";
import { refusal } from "./outcome.ts";
import { chunks } from "./pipeline.ts";
import type { Place } from "./place.ts";
import { primaryMembers } from "./primary.ts";
import { readOne } from "./search.ts";
import { type GroupShape, memberForm, memberKey, nameOfNew, uidOf } from "./shape.ts";
import type { LdapResult } from "./wire.ts";
import { type MembersChange, withNaming } from "./write.ts";

/** Values in one modify. */
const valuesAtOnce = 5_000;

/** What servers say when some of the values are so already; Active Directory has codes of its own for it. */
const maybeSo: ReadonlySet<number> = new Set([
  codes.noSuchAttribute,
  codes.attributeOrValueExists,
  codes.entryAlreadyExists,
  codes.unwillingToPerform,
]);

/** Errors that one member can be to blame for. All others are of the group, the server or the login, and end the change. */
const ofOneMember: ReadonlySet<StoreErrorKind> = new Set(["Invalid", "Conflict"]);

/** A value that stands for an account. */
interface Value {
  readonly text: string;
  /** What `memberKey` calls the account. */
  readonly key: string;
}

/** Values that come and go in one modify. */
interface Delta {
  readonly add: readonly Value[];
  readonly remove: readonly Value[];
}

/**
 * Makes one group's changes: member values come and go, the list is never replaced. Errors are outcomes; nothing is thrown. `inPlace` are
 * the groups that were just seen where they are taken to be.
 */
export async function performMembers(
  place: Place,
  wanted: MembersChange,
  inPlace: ReadonlySet<string>,
): Promise<Outcome> {
  try {
    const groups = groupsOf(place.directory);
    const change = wanted.create === undefined ? wanted : { ...wanted, name: nameOfNew(groups, wanted.name) };
    const job: Job = { place, change, groups, refused: new Map(), now: undefined };
    readName(change.name);
    if (change.entitlement === undefined || !inPlace.has(change.entitlement)) await checkGroup(job);
    const [add, remove] = [valuesOf(job, change.add), valuesOf(job, change.remove)];
    const coming = change.create === undefined ? add : await createGroup(job, add);
    if (change.update !== undefined) await updateGroup(job);
    for (const delta of deltasOf(coming, remove)) await push(job, delta);
    const outcome = { id: change.id, ok: true, ...(await afterwards(job)) } as const;
    return job.refused.size === 0 ? outcome : { ...outcome, refused: job.refused };
  } catch (error) {
    return refusal(wanted.id, error);
  }
}

/** The values that stand for accounts; an account without one is refused. */
function valuesOf({ groups, refused, change, place }: Job, members: readonly Member[]): Value[] {
  const { dialect } = place.server;
  if (groups.membersAre === "Names")
    return members.map((member) => ({
      text: dialect.addressOf(member),
      key: memberKey(groups, member.name),
    }));
  return members.flatMap(({ name }) => {
    const uid = uidOf(name);
    if (uid !== undefined) return [{ text: uid, key: uid }];
    const message = `cannot take ${name} into ${change.name}: a posixGroup lists uids; name the target's accounts by uid`;
    refused.set(memberKey(groups, name), new StoreError("Invalid", message));
    return [];
  });
}

/** What comes goes with what leaves or before it, so that an exchange of the last member never leaves the group empty. */
function deltasOf(add: readonly Value[], remove: readonly Value[]): Delta[] {
  if (add.length + remove.length <= valuesAtOnce) return [{ add, remove }];
  return [
    ...chunks(add, valuesAtOnce).map((part) => ({ add: part, remove: [] })),
    ...chunks(remove, valuesAtOnce).map((part) => ({ add: [], remove: part })),
  ];
}

/** Adds the group with as many members as one request should have; returns the others. */
async function createGroup(job: Job, members: readonly Value[]): Promise<readonly Value[]> {
  const { change, groups, place } = job;
  const first =
    members.length === 0 && groups.filler !== undefined
      ? [groups.filler]
      : members.slice(0, valuesAtOnce).map(({ text }) => text);
  if (first.length === 0 && needsMember(place.server, groups)) throw empty(`add ${change.name}`, groups);
  const [step] = readName(change.name);
  const declared = { ...groups.initial(step![0]!.value), ...change.create?.attributes };
  const attributes = encodeAttributes(withNaming(declared, step!, place.server), place.server);
  if (first.length > 0) attributes.push(new Attribute({ type: job.groups.memberAttribute, values: first }));
  const result = await send(
    job,
    new AddRequest({ messageId: 0, dn: change.name, attributes }),
    `add ${change.name}`,
  );
  if (result.code === codes.success) return members.slice(valuesAtOnce);
  const error = additionError(`add ${change.name}`, result);
  const isTaken = result.code === codes.entryAlreadyExists;
  const isOfMember = ofOneMember.has(error.kind) || result.code === codes.noSuchObject;
  // A member may be to blame, which shows where a group can be there without any.
  if (members.length === 0 || needsMember(place.server, groups) || !isOfMember || isTaken) throw error;
  await createGroup(job, []);
  return members;
}

async function updateGroup(job: Job): Promise<void> {
  const { change, place } = job;
  const changes = (change.update ?? []).flatMap((delta) => valueChanges(delta, place.server));
  if (changes.length === 0) return;
  const result = await modify(job, changes);
  if (result.code !== codes.success) throw resultError(`change ${change.name}`, result);
}

/** Makes a delta. Values that are so already are passed over; where one is refused, halves find out which. */
async function push(job: Job, delta: Delta): Promise<void> {
  const size = delta.add.length + delta.remove.length;
  if (size === 0) return;
  const result = await modify(job, changesOf(job, delta));
  if (result.code === codes.success) return;
  if (maybeSo.has(result.code)) {
    const left = await stillToDo(job, delta);
    if (left.add.length + left.remove.length < size) return await push(job, left);
  }
  const { filler } = job.groups;
  if (emptied(job, delta, result) && filler !== undefined && !delta.add.some(({ text }) => text === filler))
    return await push(job, { ...delta, add: [...delta.add, { text: filler, key: "" }] });
  const error = emptied(job, delta, result)
    ? empty(`take the last member from ${job.change.name}`, job.groups)
    : resultError(`change ${job.change.name}`, result);
  // The group is there, or it would have been thrown: a member is not.
  if (!ofOneMember.has(error.kind) && result.code !== codes.noSuchObject) throw error;
  if (size === 1) job.refused.set([...delta.add, ...delta.remove][0]!.key, error);
  else for (const half of halves(delta)) await push(job, half);
}

function changesOf({ groups }: Job, { add, remove }: Delta): Change[] {
  const values = (operation: "add" | "delete", list: readonly Value[]) =>
    list.length === 0
      ? []
      : [
          new Change({
            operation,
            modification: new Attribute({
              type: groups.memberAttribute,
              values: list.map(({ text }) => text),
            }),
          }),
        ];
  return [...values("add", add), ...values("delete", remove)];
}

function halves({ add, remove }: Delta): Delta[] {
  if (add.length > 0 && remove.length > 0)
    return [
      { add, remove: [] },
      { add: [], remove },
    ];
  return [add, remove].flatMap((list, side) =>
    chunks(list, Math.max(Math.ceil(list.length / 2), 1)).map((part) =>
      side === 0 ? { add: part, remove: [] } : { add: [], remove: part },
    ),
  );
}

/** The part of a delta that is not so already, by the group as it is. Nobody can be taken from a primary group: that is refused. */
async function stillToDo(job: Job, delta: Delta): Promise<Delta> {
  const { place, change, groups, refused } = job;
  const form = memberForm(groups);
  const wanted = [groups.memberAttribute, ...(groups.primary ? [groups.primary.group] : [])];
  const group = await readOne(place.connection, addressOf(job), wanted, place.call);
  if (group === undefined) throw missing(change);
  const listed = group.attributes.get(groups.memberAttribute.toLowerCase()) ?? [];
  const members = new Set(listed.map((value) => form(value.toString())));
  const primary = new Set<string>();
  for await (const some of primaryMembers(place, [group]))
    for (const { name } of some) primary.add(form(name));
  for (const { key } of delta.remove)
    if (primary.has(key) && !members.has(key)) refused.set(key, primaryGroup(key, change.name));
  return {
    add: delta.add.filter(({ key }) => !members.has(key) && !primary.has(key)),
    remove: delta.remove.filter(({ key }) => members.has(key)),
  };
}

function primaryGroup(member: string, group: string): StoreError {
  return new StoreError(
    "Invalid",
    `cannot take ${member} from ${group}: it is its primary group; make another group its primary group first`,
  );
}

const emptied = ({ groups, place }: Job, { remove }: Delta, { code }: LdapResult) =>
  code === codes.objectClassViolation && remove.length > 0 && needsMember(place.server, groups);

function empty(action: string, groups: GroupShape): StoreError {
  return new StoreError(
    "Invalid",
    `cannot ${action}: a ${groups.objectClass} must have a member; name a stand-in in groups.filler`,
  );
}
