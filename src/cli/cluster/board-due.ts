import { identityId } from "../../core/kinds/identity-id.ts";
import { type ApiKindName, plurals } from "../../core/kinds/kinds.ts";
import type { Snapshot } from "../../core/kinds/resource.ts";
import { getOrAdd } from "../../core/model/maps.ts";
import { keyOf } from "./board-changes.ts";

/** The few that everybody looks at come first. */
const order = new Set<ApiKindName>(["Target", "Store", ...(Object.keys(plurals) as ApiKindName[])]);

/** Objects whose status is to be made anew. */
export class Due {
  readonly #names = new Map<ApiKindName, Set<string>>();
  /** As `Kind/name`. */
  readonly #held = new Set<string>();

  add(kind: ApiKindName, name: string): void {
    getOrAdd(this.#names, kind, () => new Set()).add(name);
  }

  /** `key` is `Kind/name`. */
  addKey(key: string): void {
    const [kind, name] = key.split("/", 2) as [ApiKindName, string];
    this.add(kind, name);
  }

  /** It is due once `release` is called, and not before, whatever else happens. */
  hold(key: string): void {
    this.#held.add(key);
  }

  /** It waits no longer, and is due. */
  free(key: string): void {
    this.#held.delete(key);
    this.addKey(key);
  }

  /** Nothing waits any longer. */
  release(): void {
    for (const key of this.#held) this.free(key);
  }

  /** Everything that there is. */
  addAll({ objects, unknown }: Snapshot): void {
    for (const [kind, all] of Object.entries(objects))
      for (const name of all.keys()) this.add(kind as ApiKindName, name);
    for (const key of unknown.keys()) this.addKey(key);
  }

  /** The next few, all of one kind; undefined where nothing is due. */
  take(most: number): { readonly kind: ApiKindName; readonly names: readonly string[] } | undefined {
    for (const kind of order) {
      const due = this.#names.get(kind);
      if (!due || due.size === 0) continue;
      const names = [...due.values().take(most)];
      for (const name of names) due.delete(name);
      return { kind, names: names.filter((name) => !this.#held.has(keyOf(kind, name))) };
    }
    return undefined;
  }
}

/** Names of identities' objects, by id. */
export class IdentityNames {
  readonly #names = new Map<string, string>();

  of(identity: string): string | undefined {
    return this.#names.get(identity);
  }

  /** An object came, went or changed. */
  update(name: string, before: Snapshot | undefined, now: Snapshot): void {
    const [was, is] = [before, now].map((snapshot) => {
      const resource = snapshot?.objects.Identity.get(name)?.resource;
      return resource && identityId(resource);
    });
    if (was !== undefined && this.#names.get(was) === name) this.#names.delete(was);
    if (is !== undefined) this.#names.set(is, name);
  }
}
