import { StoreError } from "../connectors/errors.ts";
import type { Snapshot } from "../core/kinds/resource.ts";
import type { State } from "../state/state.ts";
import type { Parts } from "./parts.ts";
import { placeOf, type TargetLane } from "./target-lane.ts";

/**
 * Which target an account belongs to, where several are on one place. Targets that do not run (they are suspended, or were not
 * asked for) keep their accounts all the same: theirs are read from the state.
 */
export class Claims {
  readonly #parts: Parts;
  readonly #resting = new Map<string, { readonly place: string; readonly anchors: ReadonlySet<string> }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Reads the links of all targets that are not open; those that are speak for themselves. What a target that is deleted leaves behind is
   * free to be adopted by another.
   */
  async update({ objects }: Snapshot, isOpen: (target: string) => boolean): Promise<void> {
    const resting = [...objects.Target].filter(
      ([name, { standing }]) => standing.status !== "Vanished" && !isOpen(name),
    );
    const names = new Set(resting.map(([name]) => name));
    for (const name of this.#resting.keys()) if (!names.has(name)) this.#resting.delete(name);
    for (const [name, { resource }] of resting) {
      if (this.#resting.has(name)) continue;
      const place = (await this.#parts.state.notes(name)).get("place");
      const anchors = new Set<string>();
      for await (const page of this.#parts.state.links(name))
        for (const link of page) anchors.add(link.anchor);
      this.#resting.set(name, { place: place ?? `Store/${resource.spec.store.name}`, anchors });
    }
  }

  has(place: string, anchor: string): boolean {
    for (const resting of this.#resting.values())
      if (isWithin(resting.place, place) && resting.anchors.has(anchor)) return true;
    return false;
  }

  /**
   * Links hold only for the place they were made in: the same ids in another store, table or column are other people's accounts.
   * Throws where a target with links has come to lie elsewhere.
   */
  async settle(lane: TargetLane, options: { readonly planOnly: boolean }): Promise<void> {
    const { model, connector, place, index } = lane;
    const formerPlace = placeOf(model.store, connector.formerPlace);
    const { state } = this.#parts;
    const notes = await state.notes(model.name);
    await this.#settleEntitlements(lane, notes.get(entitlementNote), options);
    const known = notes.get("place");
    if (known === place) return;
    if (known !== undefined && !isWithin(known, place) && known !== formerPlace && index.size > 0)
      throw new StoreError(
        "Invalid",
        `Target/${model.name} has ${index.size} accounts in ${known} and now lies in ${place}: give it a new name there, or put it back`,
      );
    if (!options.planOnly) await state.setNotes(model.name, { place });
  }

  /** What was given holds for the list it was taken from: the same id in another table is an entitlement that nobody was given. */
  async #settleEntitlements(
    { model, connector }: TargetLane,
    known: string | undefined,
    { planOnly }: { readonly planOnly: boolean },
  ): Promise<void> {
    const { state } = this.#parts;
    const place = connector.entitlementPlace;
    // Where nothing is given any more, nothing is taken: what was given is remembered as it was.
    if (place === known || !connector.capabilities.entitlements) return;
    if (known !== undefined && (await hasHoldings(state, model.name)))
      throw new StoreError(
        "Invalid",
        `Target/${model.name} has given entitlements of ${known}, and is now to give ${place ? `those of ${place}` : "others"}: give it a new name, or put it back`,
      );
    if (!planOnly) await state.setNotes(model.name, { [entitlementNote]: place });
  }
}

const entitlementNote = "entitlementPlace";

async function hasHoldings(state: State, target: string): Promise<boolean> {
  for await (const page of state.links(target)) {
    const identities = page.map(({ identity }) => identity);
    if ((await state.holdings(target, { identities })).length > 0) return true;
  }
  return false;
}

/** Version 0.1 said less of a place: not by what accounts are known. */
function isWithin(known: string, place: string): boolean {
  return place === known || place.startsWith(`${known}, by `);
}
