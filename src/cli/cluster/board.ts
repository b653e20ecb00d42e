import { identityId } from "../../core/kinds/identity-id.ts";
import type { ApiKindName, KindName } from "../../core/kinds/kinds.ts";
import type { Snapshot } from "../../core/kinds/resource.ts";
import { getOrAdd } from "../../core/model/maps.ts";
import { eachInSlices, inSlices } from "../../engine/breathe.ts";
import type { ControllerEvent } from "../../engine/controller.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ExportReport } from "../../engine/exports/run.ts";
import type { TargetReport } from "../../engine/run.ts";
import { runningTargets } from "../../engine/running.ts";
import { runNotes } from "../../report/cluster/notes.ts";
import type { ClusterResources } from "../../resources/kubernetes/cluster-resources.ts";
import type { Publisher } from "../../resources/kubernetes/publisher.ts";
import { startSlices } from "../../resources/slices.ts";
import type { State } from "../../state/state.ts";
import type { ApprovalOutcome } from "./approvals.ts";
import { changedObjects, keyOf, policyKinds, sameInBoth } from "./board-changes.ts";
import { Due, IdentityNames } from "./board-due.ts";
import { entitlementsOf, identityView, unseenTargets } from "./board-identities.ts";
import { BoardPrinter, type BoardPrinterParts } from "./board-printer.ts";
import { Runs, touchedBy } from "./board-runs.ts";
import { statusFor } from "./board-status.ts";
import type { View } from "./board-views.ts";

export interface StatusBoardParts {
  readonly resources: Pick<ClusterResources, "object" | "approvals">;
  readonly state: Pick<State, "holdings" | "fingerprints">;
  readonly engine: Pick<Engine, "lane">;
  readonly publisher: Pick<Publisher, "status" | "event">;
  /** Targets in quarantine, with how often one change was tried in vain. */
  readonly quarantined: () => ReadonlyMap<string, number>;
  readonly leads: BoardPrinterParts["leads"];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told why statuses could not be made just now; they are made with the next run. */
  readonly failed: (error: unknown) => void;
}

/** Identities whose statuses are made together. */
const batch = 100;
/** Milliseconds that a run is given before anything is made of what led to it: changes come before what is told of them. */
const patience = 100;
/** Milliseconds after which every object is compared again: somebody else may have written to its status. */
const compareEvery = 600_000;
/** Kinds of which nothing is told before all targets were run with what they say. */
const awaitsRuns: ReadonlySet<KindName> = new Set<KindName>(["Identity", ...policyKinds]);

/**
 * Keeps the statuses of one namespace's objects as what was found of them. It is told what happens, looks at what that may have
 * changed, and hands on what differs from what the API server has; nobody waits for it.
 */
export class StatusBoard {
  readonly #parts: StatusBoardParts;
  readonly #runs = new Runs();
  readonly #printer: BoardPrinter;
  readonly #handled = new Map<string, string>();
  readonly #exports = new Map<string, ExportReport>();
  readonly #events: ControllerEvent[] = [];
  #approvals: ReadonlyMap<string, ApprovalOutcome> = new Map();
  #snapshot: Snapshot | undefined;
  readonly #names = new IdentityNames();
  readonly #due = new Due();
  /** Targets where an identity was changed since its status was last made. */
  readonly #changed = new Map<string, Set<string>>();
  #comparedAt = Number.NEGATIVE_INFINITY;
  #work: Promise<void> | undefined;
  #soon: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: StatusBoardParts) {
    this.#parts = parts;
    this.#printer = new BoardPrinter(parts);
  }

  /** Something happened: what follows from it is written later. */
  tell(event: ControllerEvent): void {
    if (event.kind === "Failed") return;
    this.#events.push(event);
    if (event.kind === "Ran") this.#start();
    else this.#soon ??= setTimeout(() => this.#start(), patience);
  }

  /** What Approvals came to, by name. */
  approvals(outcomes: ReadonlyMap<string, ApprovalOutcome>): void {
    this.#approvals = outcomes;
    for (const name of outcomes.keys()) this.#due.add("Approval", name);
    this.#start();
  }

  /** The pass, or the file, that `rollcall.dev/requestedAt` asked for is done. */
  answered(kind: "Target" | "Export", name: string, value: string): void {
    this.#handled.set(keyOf(kind, name), value);
    this.#due.add(kind, name);
    this.#start();
  }

  /** Resolves when all that was told is handed on. */
  async idle(): Promise<void> {
    if (this.#events.length > 0) this.#start();
    while (this.#work) await this.#work;
  }

  /** Makes no more statuses. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#soon);
    await this.idle();
  }

  #start(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (!this.#closed) this.#work ??= this.#run();
  }

  async #run(): Promise<void> {
    const slices = startSlices();
    try {
      while (!this.#closed) {
        if (slices.over()) await slices.rest();
        const event = this.#events.shift();
        if (event?.kind === "Loaded") await this.#loaded(event.loaded.snapshot);
        else if (event?.kind === "Ran") await this.#ran(event.reports);
        else if (event?.kind === "Exported") this.#exported(event.report);
        else if (!(await this.#makeSome()) && this.#events.length === 0) return;
      }
    } catch (error) {
      this.#parts.failed(error);
    } finally {
      this.#work = undefined;
    }
  }

  async #loaded(snapshot: Snapshot): Promise<void> {
    const before = this.#snapshot;
    const changed = await inSlices(changedObjects(before, snapshot, this.#parts.resources));
    this.#snapshot = snapshot;
    this.#runs.load(before, snapshot);
    for (const key of changed) {
      const [kind, name] = key.split("/", 2) as [KindName, string];
      if (kind === "Identity") this.#names.update(name, before, snapshot);
      if (kind === "Export" && !sameInBoth(kind, name, before, snapshot)) this.#exports.delete(name);
      // Who waits until it is ready waits for what it leads to.
      if (awaitsRuns.has(kind) && snapshot.objects[kind].get(name)?.standing.status === "Current")
        this.#due.hold(key);
      else this.#due.free(key);
    }
    for (const kind of ["Target", "Store"] as const)
      for (const name of snapshot.objects[kind].keys()) this.#due.add(kind, name);
    if (this.#runs.areOver) this.#due.release();
    if (runningTargets(snapshot).length === 0) this.#compareAll(snapshot);
    // What was told while nobody looked is looked at once somebody does.
    else if (before && runningTargets(before).length === 0) this.#comparedAt = Number.NEGATIVE_INFINITY;
  }

  #exported(report: ExportReport): void {
    // What is being written while it is edited tells nothing of the edit.
    if (this.#snapshot?.objects.Export.get(report.name)?.resource.digest !== report.digest) return;
    this.#exports.set(report.name, report);
    this.#due.add("Export", report.name);
  }

  async #ran(reports: readonly TargetReport[]): Promise<void> {
    const snapshot = this.#snapshot;
    if (!snapshot) return;
    for (const report of reports) {
      const { target, store, applied } = report;
      for (const note of runNotes(await this.#runs.note(report))) this.#printer.note("Target", target, note);
      this.#due.add("Target", target);
      this.#due.add("Store", store);
      for (const { identity } of applied?.done ?? [])
        getOrAdd(this.#changed, identity, () => new Set()).add(target);
      await eachInSlices(touchedBy(report), (identity) => {
        const name = this.#names.of(identity);
        if (name !== undefined) this.#due.add("Identity", name);
      });
    }
    if (this.#runs.areOver) this.#due.release();
    this.#compareAll(snapshot);
  }

  /** Once all running targets were run for the first time, and then now and again: whatever may have happened meanwhile. */
  #compareAll(snapshot: Snapshot): void {
    const now = this.#parts.now();
    const ran = runningTargets(snapshot).every(({ name }) => this.#runs.facts(name));
    // A clock that went back counts for nothing.
    const isRecent = now >= this.#comparedAt && now - this.#comparedAt < compareEvery;
    if (!ran || isRecent) return;
    this.#comparedAt = now;
    this.#due.addAll(snapshot);
    for (const { metadata } of this.#parts.resources.approvals() ?? [])
      this.#due.add("Approval", metadata.name);
  }

  /** Makes the next few statuses; false where none is due. */
  async #makeSome(): Promise<boolean> {
    const snapshot = this.#snapshot;
    const due = snapshot && this.#due.take(batch);
    if (!snapshot || !due) return false;
    try {
      await this.#make(due.kind, due.names, await this.#view(snapshot));
    } catch (error) {
      for (const name of due.names) this.#due.add(due.kind, name);
      throw error;
    }
    return true;
  }

  async #view(snapshot: Snapshot): Promise<View> {
    const { engine, quarantined, now, state } = this.#parts;
    const [approvals, runs, exports] = [this.#approvals, this.#runs, this.#exports];
    // As it is now: what is answered from here on was found by a run that is not taken in yet.
    const handled = new Map(this.#handled);
    const common = { snapshot, engine, runs, exports, handled, approvals };
    return { ...common, quarantined: quarantined(), servers: await state.fingerprints(), now: now() };
  }

  async #make(kind: ApiKindName, names: readonly string[], view: View): Promise<void> {
    if (kind === "Identity") return this.#makeIdentities(names, view);
    await eachInSlices(names, (name) => {
      const seen = this.#printer.see(view.snapshot, kind, name);
      const status = seen && statusFor(view, seen);
      if (status) this.#printer.print(seen, status, view.now);
    });
  }

  async #makeIdentities(names: readonly string[], view: View): Promise<void> {
    const { objects } = view.snapshot;
    const ids = names.map((name) => {
      const resource = objects.Identity.get(name)?.resource;
      return resource ? identityId(resource) : name;
    });
    const entitlements = await entitlementsOf(view, this.#parts.state, ids);
    const unseen = unseenTargets(view);
    await eachInSlices(names.entries(), ([index, name]) => {
      const seen = this.#printer.see(view.snapshot, "Identity", name);
      const identity = ids[index]!;
      const changed = this.#changed.get(identity);
      this.#changed.delete(identity);
      if (!seen) return;
      this.#printer.print(
        seen,
        identityView(view, seen, identity, { entitlements, unseen, changed }),
        view.now,
      );
    });
  }
}
