import type { Member, Outcome, StoreChange } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import type { PlanItem } from "../core/model/change.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { BudgetClass, Guarded } from "../core/plan/guard.ts";
import { wave } from "../core/plan/item.ts";
import type { Covering } from "../core/tasks/covering.ts";
import type { BatchResult } from "../state/state.ts";
import { allOf, breathing, chunks, inSlices } from "./breathe.ts";
import { budgetCounts, spending } from "./budget-counts.ts";
import { intentOf, lineOf } from "./journal-line.ts";
import type { Ledger } from "./ledger.ts";
import { type FailedItem, type Sorted, sortOutcomes } from "./outcomes.ts";
import { callFor, type Parts } from "./parts.ts";
import { PasswordSteps, setsPassword } from "./password-steps.ts";
import { type Step, storeChanges } from "./store-changes.ts";
import type { TargetLane } from "./target-lane.ts";

/** What came of applying: every item of the plan is in exactly one of the lists. */
export interface Applied {
  readonly done: readonly PlanItem[];
  readonly failed: readonly FailedItem[];
  /** Not tried: the store went away, somebody stopped the work, or what it stands on failed. */
  readonly left: readonly PlanItem[];
  /** Given to people to do: of a target whose store they change. */
  readonly handed?: readonly PlanItem[];
}

export interface ApplyInput {
  readonly lane: TargetLane;
  readonly guarded: Guarded;
  readonly ledger: Ledger;
  readonly revision: string;
  /** Who approved an item that had been held, by item hash. */
  readonly approvedBy: (item: string) => string | undefined;
  /** In which task people say that they have made a change, where nothing but their word is kept. */
  readonly saidIn?: Covering;
  /** The password that a person gave, for the item that sets it. */
  readonly password?: string;
}

/** Changes in one batch: its intents are committed before the first, its outcomes after the last. */
const batchSize = 1000;
/** The same where passwords are delivered first: those of a store that goes away meanwhile were delivered in vain. */
const batchWithPasswords = 100;
/** Batches of one wave under way at once, so that the state is written while the store works. */
const batchesAtOnce = 2;

/** Applies a guarded plan wave by wave. Kill it at any instant: what was begun is in the state, and is looked up when it starts again (law 7). */
export async function applyPlan(parts: Parts, input: ApplyInput): Promise<Applied> {
  const work = new Work(parts, input);
  const waves = new Map<number, PlanItem[]>();
  for (const item of input.guarded.items)
    getOrAdd(waves, item.wave === wave.Entitlements ? wave.Grants : item.wave, () => []).push(item);
  for (const [number, items] of [...waves].sort(([a], [b]) => a - b)) {
    if (number === wave.State) await work.stateAlone(items);
    else await work.wave(items);
  }
  await work.giveBack();
  return work.result();
}

class Work {
  readonly #parts: Parts;
  readonly #input: ApplyInput;
  readonly #ledger: Ledger;
  readonly #passwords: PasswordSteps;
  readonly #done: PlanItem[] = [];
  readonly #failed: FailedItem[] = [];
  readonly #left: PlanItem[] = [];
  /** What became of the entitlements that were created, by the name that was wanted. */
  readonly #createdEntitlements = new Map<string, { readonly entitlement: string; readonly name: string }>();
  readonly #uncreated = new Set<string>();
  readonly #breathe = breathing();
  #halted = false;

  constructor(parts: Parts, input: ApplyInput) {
    this.#parts = parts;
    this.#input = input;
    this.#ledger = input.ledger;
    this.#passwords = new PasswordSteps(parts, input.lane, input.password);
  }

  result(): Applied {
    return { done: this.#done, failed: this.#failed, left: this.#left };
  }

  /** Adoptions and forgotten links: one transaction of the state, nothing written to the store. */
  async stateAlone(items: readonly PlanItem[]): Promise<void> {
    for (const some of chunks(items, batchSize)) {
      const journal = some.map((item) => lineOf(this.#intent(item), { result: "Done" }));
      const writes = this.#ledger.write(
        some.map((item) => ({ item, anchor: item.anchor ?? "", name: item.name })),
      );
      const spent = this.#spending(budgetCounts(some, this.#input.guarded));
      await this.#parts.state.finish({ ...writes, journal, ...spent });
      this.#ledger.commit(writes, this.#parts.clock.now());
      this.#done.push(...some);
    }
  }

  async wave(items: readonly PlanItem[]): Promise<void> {
    const standing = items.filter((item) => !this.#standsOnFailure(item));
    const { sets, orphaned } = await inSlices(
      storeChanges(standing, (identity) => this.#accountOf(identity)),
    );
    this.#left.push(...items.filter((item) => this.#standsOnFailure(item)), ...orphaned);
    for (const steps of sets) {
      const batches = chunks(steps, steps.some(setsPassword) ? batchWithPasswords : batchSize);
      const worker = async () => {
        for (const batch of batches) {
          if (this.#halted || this.#parts.stop.aborted)
            this.#left.push(...batch.flatMap((step) => step.items));
          else await this.#batch(batch);
        }
      };
      await allOf(Array.from({ length: batchesAtOnce }, worker), () => {
        this.#halted = true;
      });
    }
  }

  /** An account whose attributes name one that could not be created. */
  #standsOnFailure(item: PlanItem): boolean {
    return item.kind === "account" && item.after?.some((identity) => this.#uncreated.has(identity)) === true;
  }

  async #batch(steps: readonly Step[]): Promise<void> {
    const { state, newId, clock } = this.#parts;
    const { lane } = this.#input;
    const intents = new Map(
      steps.flatMap((step) => step.items.map((item) => [item, this.#intent(item)] as const)),
    );
    const batch = newId();
    await state.begin({
      id: batch,
      target: lane.model.name,
      at: clock.now(),
      intents: [...intents.values()],
      counts: budgetCounts(intents.keys(), this.#input.guarded),
    });
    await this.#breathe();
    const { changes, refused } = await this.#passwords.prepare(steps);
    const outcomes = new Map<number, Outcome>(refused.map((outcome) => [outcome.id, outcome]));
    let broken: StoreError | undefined;
    try {
      if (changes.length > 0)
        for await (const outcome of lane.connector.apply(
          changes.map((change) => this.#addressed(change)),
          callFor(this.#parts, 300_000),
        ))
          outcomes.set(outcome.id, outcome);
    } catch (error) {
      broken =
        error instanceof StoreError ? error : new StoreError("InDoubt", String(error), { cause: error });
    }
    await this.#breathe();
    this.#passwords.note(steps, outcomes);
    const sorted = sortOutcomes(lane, steps, outcomes, broken);
    if (sorted.halts) this.#halted = true;
    if (sorted.doubtful.length > 0) {
      // Begun anew before this batch ends, so that no instant is without a record of what is in doubt.
      const doubt = sorted.doubtful.flatMap(({ item }) => intents.get(item) ?? []);
      await state.begin({
        id: newId(),
        target: lane.model.name,
        at: clock.now(),
        intents: doubt,
        counts: {},
      });
    }
    // What is in doubt gets its journal line when it has been looked up.
    const journal = [
      ...sorted.done.map(({ item, anchor, name }) =>
        lineOf(intents.get(item)!, { result: "Done", anchor, name }),
      ),
      ...sorted.failed.map(({ item, error }) => lineOf(intents.get(item)!, { result: "Failed", error })),
    ];
    const writes = this.#ledger.write(sorted.done);
    await this.#breathe();
    await state.finish({ batch, ...writes, journal });
    this.#ledger.commit(writes, this.#parts.clock.now());
    this.#note(sorted);
    this.#parts.progress({
      target: lane.model.name,
      step: "applying",
      done: this.#done.length,
      total: this.#input.guarded.items.length,
    });
    await this.#breathe();
  }

  /** Members past the first change of an entitlement that is created go to it by the anchor and the name that it got then. */
  #addressed(change: StoreChange): StoreChange {
    if (change.kind !== "members" || change.entitlement !== undefined || change.create) return change;
    return { ...change, ...this.#createdEntitlements.get(change.name) };
  }

  #note({ done, failed, doubtful }: Sorted): void {
    for (const { item, anchor, name } of done) {
      this.#done.push(item);
      if (item.kind === "entitlement")
        this.#createdEntitlements.set(item.name, { entitlement: anchor, name });
    }
    for (const each of [...failed, ...doubtful]) {
      this.#failed.push(each);
      if (each.item.operation === "Create") this.#uncreated.add(each.item.identity);
    }
  }

  /** What was proved not to be done has touched nobody, unless something else of the same account was. */
  async giveBack(): Promise<void> {
    if (this.#failed.length === 0) return;
    const touched = new Set([...this.#done, ...this.#failed.flatMap(doubted)].map((item) => item.identity));
    const undone = this.#failed.flatMap(({ item }) => (touched.has(item.identity) ? [] : [item]));
    const counts = Object.entries(budgetCounts(undone, this.#input.guarded));
    const spent = this.#spending(Object.fromEntries(counts.map(([budget, count]) => [budget, -count])));
    if (spent.spent) await this.#parts.state.finish(spent);
  }

  #spending(counts: Partial<Record<BudgetClass, number>>): Pick<BatchResult, "spent"> {
    return spending(this.#parts, this.#input.lane.model.name, counts);
  }

  #accountOf(identity: string): Member | undefined {
    const link = this.#input.lane.index.of(identity);
    return link && { anchor: link.anchor, name: link.name };
  }

  #intent(item: PlanItem) {
    const { revision, approvedBy, saidIn } = this.#input;
    const { name: task, answered } = saidIn?.(item) ?? {};
    return {
      ...intentOf(item, this.#parts.clock.now(), revision, approvedBy(item.hash)),
      ...(task !== undefined && { task }),
      ...(answered && { doneBy: answered.by }),
    };
  }
}

function doubted({ item, kind }: FailedItem): readonly PlanItem[] {
  return kind === "InDoubt" ? [item] : [];
}
