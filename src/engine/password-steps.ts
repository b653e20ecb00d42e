import type { NewPassword, Outcome, StoreChange } from "../connectors/contract.ts";
import { StoreError, type StoreErrorKind } from "../connectors/errors.ts";
import type { TargetModel } from "../core/desired/target-model.ts";
import type { AccountItem } from "../core/model/change.ts";
import { keyedDigest } from "../core/model/hash.ts";
import { type PasswordChange, placeText } from "../core/model/password.ts";
import { allOf } from "./breathe.ts";
import { generatePassword } from "./generate-password.ts";
import type { Parts } from "./parts.ts";
import type { Step } from "./store-changes.ts";
import type { TargetLane } from "./target-lane.ts";

/** Deliveries under way at once. */
const deliveriesAtOnce = 8;
/** Milliseconds that one delivery may take, its retries included. */
const deliveryTimeout = 30_000;

/**
 * Failures on end by which a place is away for everybody, and not for one whom it cannot take: none that follows is tried, so that nobody
 * waits for each of a thousand.
 */
const failuresOfAPlace = 8;

/** What is said of a store as a whole, or of what was sent to it. */
const ofStores: ReadonlySet<StoreErrorKind> = new Set(["Unavailable", "Unauthenticated", "InDoubt"]);

/** The changes of a batch that can be made, with their passwords, and the outcomes of those that cannot. */
export interface Prepared {
  readonly changes: readonly StoreChange[];
  readonly refused: readonly Outcome[];
}

/**
 * Gives each change that sets a password its value: generated and delivered, read, or as a person gave it. What cannot be delivered is
 * not made. Values live for as long as the batch, and are kept nowhere else.
 */
export class PasswordSteps {
  readonly #parts: Parts;
  readonly #lane: TargetLane;
  readonly #given: string | undefined;
  /** What the place where they go failed with, on end. */
  #failures: StoreError[] = [];
  /** Changes under way whose password is on its way to somebody. */
  readonly #delivered = new Set<StoreChange>();

  constructor(parts: Parts, lane: TargetLane, given: string | undefined) {
    this.#parts = parts;
    this.#lane = lane;
    this.#given = given;
  }

  async prepare(steps: readonly Step[]): Promise<Prepared> {
    const changes: StoreChange[] = [];
    const refused: Outcome[] = [];
    const waiting: [Step, AccountItem & { readonly password: PasswordChange }][] = [];
    for (const step of steps) {
      const item = step.items.find((each) => each.kind === "account" && each.password !== undefined);
      if (item?.kind === "account" && item.password)
        waiting.push([step, { ...item, password: item.password }]);
      else changes.push(step.change);
    }
    const next = waiting.values();
    const worker = async () => {
      for (const [{ change }, item] of next) {
        const password = await this.#valueOf(item);
        if (password instanceof StoreError) refused.push({ id: change.id, ok: false, error: password });
        else {
          if (item.password.how === "Generated") this.#delivered.add(change);
          changes.push({ ...change, password } as StoreChange);
        }
      }
    };
    await allOf(Array.from({ length: deliveriesAtOnce }, worker));
    return { changes, refused };
  }

  /** Takes in what came of the passwords of a batch; no outcome: nobody knows. */
  note(steps: readonly Step[], outcomes: ReadonlyMap<number, Outcome>): void {
    for (const { change, items } of steps) {
      const outcome = outcomes.get(change.id);
      if (!this.#delivered.delete(change)) continue;
      const [item] = items;
      const unknown = new StoreError("InDoubt", "the store gave no outcome");
      const error = outcome?.ok ? undefined : (outcome?.error ?? unknown);
      if (item) this.#lane.vainDeliveries.note(item.identity, error, this.#parts.clock.now());
    }
  }

  async #valueOf(
    item: AccountItem & { readonly password: PasswordChange },
  ): Promise<NewPassword | StoreError> {
    const { how, mustChange } = item.password;
    try {
      if (how === "Generated") this.#lane.vainDeliveries.check(item.identity, this.#parts.clock.now());
      if (how === "Read") return { value: await this.#read(item, item.password), mustChange };
      const value = how === "Given" ? this.#given : generatePassword(this.#length());
      if (value === undefined) throw new StoreError("Invalid", "nobody has given the password");
      if (how === "Generated") await this.#deliver(item, item.password, value);
      return { value, mustChange };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // The store itself is well, and nothing was sent to it: only what needs this password waits.
      const kind = ofStores.has(error.kind) ? "Retryable" : error.kind;
      return new StoreError(kind, `${error.message}; the account is not changed without it`);
    }
  }

  async #read({ identity }: AccountItem, { place, version }: PasswordChange): Promise<string> {
    const { passwords, model } = this.#lane;
    if (!place) throw new StoreError("Invalid", "the plan does not say where the password is");
    const value = await this.#unlessAway((signal) => passwords.read(place, signal));
    if (passwordVersion(model, identity, value) === version) return value;
    throw new StoreError("Moved", `${placeText(place)} has changed meanwhile: it is planned anew`);
  }

  async #deliver(
    { identity, name: account, rename }: AccountItem,
    { place, mustChange }: PasswordChange,
    password: string,
  ): Promise<void> {
    const { passwords, model } = this.#lane;
    if (!place) throw new StoreError("Invalid", "the plan does not say where the password goes");
    const delivery = {
      id: this.#parts.newId(),
      ...{ password, mustChange, identity, account: rename ?? account },
      ...{ target: model.name, store: model.store },
    };
    await this.#unlessAway((signal) => passwords.deliver(place, delivery, signal));
  }

  async #unlessAway<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const away = this.#failures[failuresOfAPlace - 1];
    if (away) throw away;
    // Whoever goes on may have delivered others meanwhile, which are the ones that log in.
    if (this.#parts.stop.aborted)
      throw new StoreError("Retryable", "the work was stopped before its password was had");
    try {
      const result = await work(AbortSignal.timeout(deliveryTimeout));
      this.#failures = [];
      return result;
    } catch (error) {
      if (error instanceof StoreError && error.kind === "Unavailable") this.#failures.push(error);
      throw error;
    }
  }

  #length(): number {
    return this.#lane.model.spec.passwords?.initial?.length ?? 20;
  }
}

export function setsPassword({ items }: Step): boolean {
  return items.some((item) => item.kind === "account" && item.password !== undefined);
}

/** What a link remembers of a password that was read: a digest under the state's key (law 9), another one for each account. */
export function passwordVersion(
  { name, digestKey }: TargetModel,
  identity: string,
  password: string,
): string {
  return keyedDigest(digestKey, JSON.stringify(["password", name, identity, password])).slice(0, 32);
}
