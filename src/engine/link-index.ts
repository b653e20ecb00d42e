import type { TargetModel } from "../core/desired/target-model.ts";
import type { Link } from "../core/model/link.ts";
import { normalise } from "../core/model/matching.ts";
import { proofs } from "../core/plan/remember.ts";

/** What a lane keeps in memory of each link; the rest is read from the state for the accounts in hand. */
export interface IndexedLink {
  readonly identity: string;
  readonly anchor: string;
  readonly name: string;
  readonly status: Link["status"];
  readonly disabledAt: number | undefined;
  readonly seen: string | undefined;
  readonly desired: string | undefined;
  readonly password: string | undefined;
  readonly trouble: Link["trouble"];
  readonly proofs: readonly string[];
}

/** The links of one target, found by identity, anchor and name. The state stays the authority: every write goes there first. */
export class LinkIndex {
  readonly #model: TargetModel;
  readonly #byIdentity = new Map<string, IndexedLink>();
  readonly #byAnchor = new Map<string, IndexedLink>();
  readonly #byName = new Map<string, string>();
  readonly #byProof = new Map<string, string>();

  constructor(model: TargetModel) {
    this.#model = model;
  }

  get size(): number {
    return this.#byIdentity.size;
  }

  put(link: Link): void {
    this.drop(link.identity);
    const { identity, anchor, name, status, disabledAt, seen, desired, password, trouble } = link;
    const entry: IndexedLink = {
      identity,
      anchor,
      name,
      status,
      disabledAt,
      seen,
      desired,
      password,
      trouble,
      proofs: proofs(this.#model, link.strongKeys),
    };
    this.#byIdentity.set(identity, entry);
    this.#byAnchor.set(anchor, entry);
    this.#byName.set(this.#nameKey(name), identity);
    for (const proof of entry.proofs) this.#byProof.set(proof, identity);
  }

  drop(identity: string): void {
    const entry = this.#byIdentity.get(identity);
    if (!entry) return;
    this.#byIdentity.delete(identity);
    this.#byAnchor.delete(entry.anchor);
    const name = this.#nameKey(entry.name);
    if (this.#byName.get(name) === identity) this.#byName.delete(name);
    for (const proof of entry.proofs) if (this.#byProof.get(proof) === identity) this.#byProof.delete(proof);
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

  /** The identity that is linked with this proof of who it is: see `proofs`. */
  ownerOfProof(proof: string): string | undefined {
    return this.#byProof.get(proof);
  }

  entries(): IteratorObject<IndexedLink> {
    return this.#byIdentity.values();
  }

  #nameKey(name: string): string {
    return normalise(this.#model.schema.nameMatching, name);
  }
}
