import { StoreError } from "../connectors/errors.ts";
import type { Resource, Snapshot } from "../core/kinds/resource.ts";
import { allOf, inSlices } from "./breathe.ts";
import { changedIdentities, samePolicies, withReports } from "./changed.ts";
import { Claims } from "./claims.ts";
import { Connections } from "./connections.ts";
import { Desires, type DesireTarget } from "./desires.ts";
import { openTarget } from "./open-target.ts";
import { inGroups } from "./order.ts";
import type { Parts } from "./parts.ts";
import { runTarget, type TargetReport } from "./run.ts";
import type { RunOptions } from "./run-options.ts";
import { runningTargets } from "./running.ts";
import { type PasswordOrder, setPassword } from "./set-password.ts";
import type { Stores } from "./stores.ts";
import type { TargetLane } from "./target-lane.ts";
import { unreachable } from "./unreachable.ts";

interface OpenTarget {
  readonly digest: string;
  readonly lane: TargetLane;
}

/**
 * One lane a target, one writer a store. Manifest edits, passes, timers and people mark accounts dirty here; `run` takes what is
 * dirty, target by target, those first that others refer to.
 */
export class Engine {
  readonly #parts: Parts;
  readonly #stores: Stores;
  readonly #connections: Connections;
  readonly #claims: Claims;
  readonly #targets = new Map<string, OpenTarget>();
  readonly #timers = new Map<string, number>();
  #snapshot: Snapshot | undefined;
  #desires: Desires | undefined;

  constructor(parts: Parts, stores: Stores) {
    this.#parts = parts;
    this.#stores = stores;
    this.#claims = new Claims(parts);
    this.#connections = new Connections(parts, (store) => stores.connect(store));
  }

  /** Takes what is in force now, and marks what it changes. */
  async load(snapshot: Snapshot): Promise<void> {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    this.#desires = undefined;
    if (!before || !samePolicies(before, snapshot)) {
      for (const { lane } of this.#targets.values()) lane.everything = true;
      return;
    }
    this.#mark(await inSlices(changedIdentities(before, snapshot)));
  }

  /** When time alone next changes a decision (ms), or undefined. */
  nextTimer(): number | undefined {
    let next: number | undefined;
    for (const at of this.#timers.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  /** Looks at every identity anew in the next run. */
  markAll(): void {
    for (const { lane } of this.#targets.values()) lane.everything = true;
  }

  /** Runs the named targets, or all; each report says what was found and done, or why it could not be. */
  run(options: RunOptions, only?: ReadonlySet<string>): Promise<readonly TargetReport[]> {
    return this.runEach((target) => (only && !only.has(target) ? undefined : options));
  }

  /** Runs the targets for which there are options; others are left alone, and their stores if they are not open. */
  async runEach(optionsOf: (target: string) => RunOptions | undefined): Promise<readonly TargetReport[]> {
    const snapshot = this.#snapshot;
    if (!snapshot) throw new Error("load a snapshot before running");
    const reports = new Map<string, TargetReport>();
    const running = runningTargets(snapshot);
    for (const target of running) {
      const options = optionsOf(target.name);
      const failed = options && (await this.#open(snapshot, target, options));
      if (failed) reports.set(target.name, failed);
    }
    await this.#closeUnused(new Set(running.map((target) => target.name)));
    await this.#claims.update(snapshot, (target) => this.#targets.has(target));
    const desires = this.#desired(snapshot);
    await this.#markDue(snapshot);
    const groups = inGroups([...this.#targets.values()].map((open) => open.lane));
    const runGroup = async (lanes: readonly TargetLane[]) => {
      for (const lane of lanes) {
        const options = optionsOf(lane.model.name);
        if (!options || reports.has(lane.model.name)) continue;
        const report = await runTarget(this.#parts, lane, desires, options);
        reports.set(lane.model.name, report);
        this.#markDependents(lane, report);
      }
    };
    await allOf(groups.map(runGroup));
    // In the order of the manifests, whichever was done first.
    return running.flatMap((target) => reports.get(target.name) ?? []);
  }

  /** Opens the targets for a plan of this identity alone, and reports those that cannot be opened. */
  async narrow(identity: string): Promise<readonly TargetReport[]> {
    const snapshot = this.#snapshot;
    if (!snapshot) throw new Error("load a snapshot before narrowing");
    const options: RunOptions = { planOnly: true, shown: undefined, pass: false, full: false };
    const failed: TargetReport[] = [];
    for (const target of runningTargets(snapshot)) {
      const report = await this.#open(snapshot, target, options);
      if (report) failed.push(report);
    }
    for (const { lane } of this.#targets.values()) {
      lane.everything = false;
      lane.open = new Set([identity]);
      lane.standing = undefined;
    }
    return failed;
  }

  /** Opens one target, and does nothing else of it. Gives its lane, or a report of why it cannot be opened. `planOnly`: nothing is written, not even the state. */
  async reach(name: string, planOnly: boolean): Promise<TargetLane | TargetReport> {
    const snapshot = this.#snapshot;
    const target = snapshot && runningTargets(snapshot).find((each) => each.name === name);
    const options: RunOptions = { planOnly, shown: undefined, pass: false, full: false };
    const failed = target && (await this.#open(snapshot, target, options));
    if (snapshot) await this.#claims.update(snapshot, (each) => this.#targets.has(each));
    const unknown = `no target ${name} is looked after: see that it is there, and not suspended`;
    return (
      failed ??
      (target && this.#targets.get(name)?.lane) ??
      unreachable(name, "", new StoreError("NotFound", unknown))
    );
  }

  /** Sets one password, as a person asks for it. */
  async setPassword(order: PasswordOrder): Promise<TargetReport> {
    const lane = await this.reach(order.target, false);
    return "error" in lane ? lane : setPassword(this.#parts, lane, this.desires()!, order);
  }

  async close(): Promise<void> {
    await this.#connections.closeAllBut(new Set());
    this.#targets.clear();
  }

  /** For `explain`: the same answers that runs are made from. Targets must have been opened by a run. */
  desires(): Desires | undefined {
    return this.#snapshot && this.#desired(this.#snapshot);
  }

  lane(target: string): TargetLane | undefined {
    return this.#targets.get(target)?.lane;
  }

  /** What would be decided if these were the manifests. Nothing comes of it. */
  supposing(snapshot: Snapshot): Desires {
    return new Desires(snapshot, this.#desireTargets(), new Map());
  }

  #desired(snapshot: Snapshot): Desires {
    this.#desires ??= new Desires(snapshot, this.#desireTargets(), this.#timers);
    return this.#desires;
  }

  #desireTargets(): ReadonlyMap<string, DesireTarget> {
    const targets = new Map<string, DesireTarget>();
    for (const [name, { lane }] of this.#targets)
      targets.set(name, {
        model: lane.model,
        index: lane.index,
        decided: (identity) => lane.choices.of(identity),
        isTaken: (identity, key, candidate) => lane.choices.isTaken(identity, key, candidate),
      });
    return targets;
  }

  async #open(
    snapshot: Snapshot,
    target: Resource<"Target">,
    options: RunOptions,
  ): Promise<TargetReport | undefined> {
    const store = snapshot.objects.Store.get(target.spec.store.name)?.resource;
    if (!store) return undefined;
    const digest = `${target.digest}\n${store.digest}`;
    const isOpen = this.#targets.get(target.name)?.digest === digest;
    if (isOpen && !options.pass) return undefined;
    try {
      const connection = await this.#connections.to(store, !options.planOnly);
      if (isOpen) return undefined;
      const isClaimed = (place: string, anchor: string) => this.#isClaimed(target.name, place, anchor);
      const lane = await openTarget(this.#parts, this.#stores, connection, store, target, isClaimed);
      await this.#claims.settle(lane, options);
      this.#targets.set(target.name, { digest, lane });
      this.#desires = undefined;
      return undefined;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#targets.delete(target.name);
      // Targets of a connection that is gone are opened anew, and look at everyone.
      if (!this.#connections.isOpen(store.name))
        for (const [name, { lane }] of [...this.#targets])
          if (lane.model.store === store.name) this.#targets.delete(name);
      return unreachable(target.name, store.name, error);
    }
  }

  /** Whether a target other than this one has linked the account of this place. */
  #isClaimed(target: string, place: string, anchor: string): boolean {
    for (const { lane } of this.#targets.values())
      if (lane.place === place && lane.model.name !== target && lane.index.at(anchor)) return true;
    return this.#claims.has(place, anchor);
  }

  async #closeUnused(running: ReadonlySet<string>): Promise<void> {
    for (const name of [...this.#targets.keys()]) if (!running.has(name)) this.#targets.delete(name);
    await this.#connections.closeAllBut(
      new Set([...this.#targets.values()].map(({ lane }) => lane.model.store)),
    );
  }

  async #markDue(snapshot: Snapshot): Promise<void> {
    const now = this.#parts.clock.now();
    const due = new Set<string>();
    for (const [identity, at] of this.#timers) if (at <= now) due.add(identity);
    for (const identity of due) this.#timers.delete(identity);
    this.#mark(await inSlices(withReports(snapshot, due)));
  }

  #mark(identities: Iterable<string>): void {
    for (const identity of identities)
      for (const { lane } of this.#targets.values()) lane.dirty.add(identity);
  }

  #markDependents(of: TargetLane, report: TargetReport): void {
    const { applied, tasks } = report;
    const { done = [] } = applied ?? {};
    const { noted = new Set() } = tasks;
    if (done.length + noted.size === 0) return;
    for (const { lane } of this.#targets.values()) {
      if (lane.model.dependsOn.has(of.model.name)) {
        for (const { identity } of done) lane.dirty.add(identity);
        for (const identity of noted) lane.dirty.add(identity);
      }
      // Whose account is whose tells what came of a task, in all targets of a store.
      if (lane.model.store === of.model.store) lane.asked = undefined;
    }
  }
}
