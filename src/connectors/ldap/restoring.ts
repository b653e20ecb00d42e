import type { Control, Filter, ModifyRequest } from "ldapts";
import type { LdapEntry } from "./wire.ts";

/** How a directory that keeps what was deleted gives it back. */
export interface Restoring {
  /** Make a search find what was deleted. */
  readonly controls: readonly Control[];
  /** What was deleted. */
  readonly filter: Filter;
  /** What to do where it is denied. */
  readonly cure: string;
  /** Gives a deleted entry back by a name. */
  request(deleted: LdapEntry, name: string): ModifyRequest;
}
