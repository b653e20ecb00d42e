import { type AddRequest, type Change, type ModifyRequest as Modify, ModifyRequest } from "ldapts";
import { normaliseName } from "../../core/model/distinguished-name.ts";
import { StoreError } from "../errors.ts";
import { oids, postRead, readPostRead } from "./controls.ts";
import { observed, sighting } from "./dialect.ts";
import { codes, resultError } from "./errors.ts";
import { told } from "./outcome.ts";
import { locate, type Place } from "./place.ts";
import { readOne } from "./search.ts";
import type { GroupShape } from "./shape.ts";
import type { LdapEntry, LdapResult } from "./wire.ts";
import type { MembersChange } from "./write.ts";

/** One group's change under way. */
export interface Job {
  readonly place: Place;
  readonly change: MembersChange;
  readonly groups: GroupShape;
  readonly refused: Map<string, StoreError>;
  /** The group after the last write, where the server told. */
  now: LdapEntry | undefined;
}

/** The group as it is now. Where its version did not come with the last write, it may hold what others wrote since, and is not told. */
export async function afterwards({ place, change, now }: Job) {
  const { dialect } = place.server;
  if (now !== undefined) return told(place.server, now, change.entitlement);
  if (change.entitlement !== undefined) return { anchor: change.entitlement, name: change.name };
  const group = await readOne(place.connection, change.name, observed(dialect), place.call);
  if (group === undefined) throw missing(change);
  const { anchor, name } = sighting(dialect, group);
  return { anchor, name };
}

/** Throws where the group's name is another's by now, or nobody's, unless it is addressed by its anchor. */
export async function checkGroup({ place, change }: Job): Promise<void> {
  const { entitlement: anchor, name } = change;
  const { dialect } = place.server;
  if (anchor === undefined || dialect.addressOf({ anchor, name }) !== name) return;
  const group = await readOne(place.connection, name, observed(dialect), place.call);
  if (group !== undefined && sighting(dialect, group).anchor === anchor) return;
  const now = await locate(place, anchor);
  if (now === undefined && group === undefined) throw missing(change);
  const instead = now === undefined ? "another group has that name now" : `it is called ${now.dn} now`;
  throw new StoreError("Moved", `cannot change ${name}: ${instead}`);
}

/** How requests name the group. */
export function addressOf({ place, change: { entitlement: anchor, name } }: Job): string {
  return anchor === undefined ? name : place.server.dialect.addressOf({ anchor, name });
}

export async function modify(job: Job, changes: Change[]): Promise<LdapResult> {
  const { entitlement: anchor, name } = job.change;
  const request = new ModifyRequest({ messageId: 0, dn: addressOf(job), changes });
  const result = await send(job, request, `change ${name}`);
  if (result.code !== codes.noSuchObject || anchor === undefined) return result;
  const now = await locate(job.place, anchor);
  if (now === undefined) throw resultError(`change ${name}`, result);
  if (normaliseName(now.dn) === normaliseName(name)) return result;
  throw new StoreError("Moved", `cannot change ${name}: it is called ${now.dn} now`);
}

export async function send(job: Job, request: AddRequest | Modify, action: string): Promise<LdapResult> {
  const { place } = job;
  const { offers, dialect } = place.server;
  // Never an assertion: OpenLDAP's memberof overlay puts it to the members too, of whom it is not true, and leaves their memberOf as it was.
  request.controls = offers.has(oids.postRead) ? [postRead(observed(dialect))] : [];
  const result = await place.connection.send(request, place.call, { action, writes: true });
  job.now = readPostRead(result) ?? job.now;
  return result;
}

export function missing(change: MembersChange): StoreError {
  return new StoreError("NotFound", `cannot find the group ${change.name}`);
}
