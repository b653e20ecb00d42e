import type { PasswordDelivery, PasswordPlace } from "../core/model/password.ts";

/**
 * Where the passwords of one target are read from and delivered to: given by whoever knows the cluster and the disk. Both throw a
 * `StoreError` that names the place and the cure, and never holds a value; `Unavailable` where the place is away for everybody.
 */
export interface PasswordDesk {
  /** The password that stands there, without a line's end. */
  read(place: PasswordPlace, signal: AbortSignal): Promise<string>;
  /** Resolves when it is kept there, in the place of any earlier one of the same account. Done twice it does no harm. */
  deliver(place: PasswordPlace, delivery: PasswordDelivery, signal: AbortSignal): Promise<void>;
}
