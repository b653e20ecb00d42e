import type { EntitlementRecord } from "../../core/model/account.ts";
import { hashOf } from "./key-index.ts";

/** Counts who holds what, in a few bytes an entitlement: the same members give the same version, in whatever order. */
export class Tally {
  readonly #members = new Map<string, Uint32Array>();

  constructor(names: readonly string[]) {
    for (const name of names) this.#members.set(name, new Uint32Array(3));
  }

  add(name: string, member: string): void {
    let members = this.#members.get(name);
    if (members === undefined) {
      members = new Uint32Array(3);
      this.#members.set(name, members);
    }
    members[0]!++;
    members[1]! += hashOf(member, 1);
    members[2]! += hashOf(member, 2);
  }

  records(): ReadonlyMap<string, EntitlementRecord> {
    const records = [...this.#members].map(
      ([name, members]) =>
        [name, { anchor: name, name, version: members.join("-"), attributes: {} }] as const,
    );
    return new Map(records);
  }
}
