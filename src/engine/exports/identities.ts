import { accessViews, stateOf, unknownAccess } from "../../core/export/access.ts";
import type { ExportModel } from "../../core/export/model.ts";
import type { RowSubject } from "../../core/export/row.ts";
import { identityValue, viewClasses } from "../../core/expression/identity-value.ts";
import { identityId } from "../../core/kinds/identity-id.ts";
import type { InForce } from "../../core/kinds/resource.ts";
import { getOrAdd } from "../../core/model/maps.ts";
import type { State } from "../../state/state.ts";
import type { Desires } from "../desires.ts";
import { ExportFault } from "./fault.ts";

/** Identities that are made rows of together. */
const pageSize = 1_000;

/** What the rows of all identities are made from: those in force, in the manifests' order. Throws an `ExportFault` where something of it is unknown. */
export async function* identitySubjects(
  { reads }: ExportModel,
  desires: Desires,
  state: Pick<State, "linksOf">,
  now: number,
): AsyncGenerator<readonly RowSubject[]> {
  const targets = reads.has("accounts") ? [...desires.snapshot.objects.Target.keys()] : [];
  for (const page of pagesOf(desires)) {
    const ids = page.map(({ resource }) => identityId(resource));
    const accounts = await linkedAccounts(state, targets, ids);
    yield page.map(({ resource: { name, spec } }, at): RowSubject => {
      const id = ids[at]!;
      return {
        title: `Identity/${name}`,
        identity: identityValue(name, spec),
        accounts: accounts.get(id) ?? [],
        ...accessOf(reads, desires, { id, name, now }),
      };
    });
  }
}

/** `access` and `state` of an identity, where they are read. `target`: there alone. */
export function accessOf(
  reads: ExportModel["reads"],
  desires: Desires,
  { id, name, now, target }: { id: string; name: string; now: number; target?: string },
): Pick<RowSubject, "access" | "state"> {
  if (!reads.has("access") && !reads.has("state")) return {};
  const access = desires.access(id, now);
  if (!access) return { access: [], state: "" };
  const unknown = reads.has("access") ? unknownAccess(access, target) : undefined;
  if (unknown !== undefined)
    throw new ExportFault(`what Identity/${name} ought to have is unknown: ${unknown}`);
  return { access: accessViews(access, target), state: stateOf(access) };
}

/** Those who are gone from the manifests are known still, until nothing of theirs is left: they are no rows. */
function* pagesOf(desires: Desires): Generator<readonly InForce<"Identity">[]> {
  let page: InForce<"Identity">[] = [];
  for (const identity of desires.snapshot.objects.Identity.values()) {
    if (identity.standing.status === "Vanished") continue;
    page.push(identity);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function linkedAccounts(
  state: Pick<State, "linksOf">,
  targets: readonly string[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly object[]>> {
  const accounts = new Map<string, object[]>();
  for (const target of targets)
    for (const { identity, name, anchor, status } of await state.linksOf(target, ids))
      getOrAdd(accounts, identity, () => []).push(
        new viewClasses.LinkedAccount({ target, name, anchor, enabled: status === "Enabled" }),
      );
  return accounts;
}
