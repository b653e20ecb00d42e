import { StoreError } from "../../src/connectors/errors.ts";
import type { PasswordDelivery, PasswordPlace } from "../../src/core/model/password.ts";
import { placeText } from "../../src/core/model/password.ts";
import type { PasswordDesk } from "../../src/engine/password-desk.ts";

/** A desk in memory: what stands where, and all that was ever delivered. */
export class MemoryDesk implements PasswordDesk {
  /** By the words for the place: `Secret alice`. */
  readonly kept = new Map<string, string>();
  readonly delivered: PasswordDelivery[] = [];
  /** Before a delivery. Throws: it fails. */
  before: (delivery: PasswordDelivery) => void = () => {};
  /** After one was kept. Throws: the process dies. */
  after: (delivery: PasswordDelivery) => void = () => {};

  async read(place: PasswordPlace): Promise<string> {
    const value = this.kept.get(placeText(place));
    if (value === undefined) throw new StoreError("NotFound", `cannot find ${placeText(place)}: create it`);
    return value;
  }

  async deliver(place: PasswordPlace, delivery: PasswordDelivery): Promise<void> {
    this.before(delivery);
    this.kept.set(placeText(place), delivery.password);
    this.delivered.push(delivery);
    this.after(delivery);
  }
}
