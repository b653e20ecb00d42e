import type { Link } from "../core/model/link.ts";
import { normalise } from "../core/model/matching.ts";
import type { StoreSchema } from "../core/model/values.ts";

/** What a lane keeps in memory of each link; the rest is read from the state for the accounts in hand. */
export interface IndexedLink {
  readonly identity: string;
  readonly anchor: string;
  readonly name: string;
  readonly status: Link["status"];
  readonly disabledAt: number | undefined;
  readonly seen: string | undefined;
  readonly desired: string | undefined;
}

/** The links of one target, found by identity, anchor and name. The state stays the authority: every write goes there first. */
export class LinkIndex {
  readonly #matching: StoreSchema["nameMatching"];
  readonly #byIdentity = new Map<string, IndexedLink>();
  readonly #byAnchor = new Map<string, IndexedLink>();
  readonly #byName = new Map<string, string>();

  constructor(matching: StoreSchema["nameMatching"]) {
    this.#matching = matching;
  }

  get size(): number {
    return this.#byIdentity.size;
  }

  put(link: Link): void {
    this.drop(link.identity);
    const { identity, anchor, name, status, disabledAt, seen, desired } = link;
    const entry: IndexedLink = { identity, anchor, name, status, disabledAt, seen, desired };
    this.#byIdentity.set(identity, entry);
    this.#byAnchor.set(anchor, entry);
    this.#byName.set(normalise(this.#matching, name), identity);
  }

  drop(identity: string): void {
    const entry = this.#byIdentity.get(identity);
    if (!entry) return;
    this.#byIdentity.delete(identity);
    this.#byAnchor.delete(entry.anchor);
    const name = normalise(this.#matching, entry.name);
    if (this.#byName.get(name) === identity) this.#byName.delete(name);
  }

  of(identity: string): IndexedLink | undefined {
    return this.#byIdentity.get(identity);
  }

  at(anchor: string): IndexedLink | undefined {
    return this.#byAnchor.get(anchor);
  }

  /** The identity whose account has this name, given in its normalised form. */
  ownerOf(normalisedName: string): string | undefined {
    return this.#byName.get(normalisedName);
  }

  entries(): Iterable<IndexedLink> {
    return this.#byIdentity.values();
  }
}
