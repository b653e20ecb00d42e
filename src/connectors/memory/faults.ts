import type { StoreChange } from "../contract.ts";
import type { StoreError } from "../errors.ts";

export type MemoryCall =
  | "fingerprint"
  | "check"
  | "schema"
  | "marker"
  | "scan"
  | "fetch"
  | "find"
  | "entitlements"
  | "memberships"
  | "apply";

/**
 * What goes wrong, for tests. A hook that throws something other than a `StoreError` is a crash of the process: what was changed
 * before it stays, and no outcome follows.
 */
export interface MemoryFaults {
  /** Before each call. Throws: the call fails. A promise: the call is slow. */
  call?(call: MemoryCall): void | Promise<void>;
  /** Before each page after the first. Throws: the connection dropped in mid-page. */
  page?(call: MemoryCall, page: number): void;
  /** Before each change. An error: it is refused with it, and not made. */
  refuse?(change: StoreChange): StoreError | undefined;
  /** After each change was made. True: its answer is lost, its outcome InDoubt. */
  losesAnswer?(change: StoreChange): boolean;
  /** True: the store leaves this account out of what it answers, and says nothing. */
  hides?(name: string): boolean;
}
