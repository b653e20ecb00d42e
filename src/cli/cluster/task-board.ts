import type { Snapshot } from "../../core/kinds/resource.ts";
import type { TaskObjectStatus } from "../../core/kinds/status.ts";
import { isLive, type Task, type TaskEvent } from "../../core/tasks/task.ts";
import { eachInSlices } from "../../engine/breathe.ts";
import type { ControllerEvent } from "../../engine/controller.ts";
import type { TargetReport } from "../../engine/run.ts";
import { tasksNote } from "../../report/cluster/notes.ts";
import { taskObjectStatus } from "../../report/cluster/task.ts";
import { plain } from "../../report/words.ts";
import type { ClusterResources } from "../../resources/kubernetes/cluster-resources.ts";
import type { ClusterObject } from "../../resources/kubernetes/objects.ts";
import type { Publisher } from "../../resources/kubernetes/publisher.ts";
import { clearAnswer, isOurs, makeTask, removeTask } from "../../resources/kubernetes/task-objects.ts";
import type { State } from "../../state/state.ts";
import { BoardPrinter, type BoardPrinterParts } from "./board-printer.ts";

export interface TaskBoardParts {
  readonly resources: Pick<ClusterResources, "object" | "tasks">;
  readonly state: Pick<State, "realm" | "tasks">;
  readonly publisher: Pick<Publisher, "status" | "event" | "object">;
  readonly leads: BoardPrinterParts["leads"];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told why objects could not be looked at just now; they are with the next run. */
  readonly failed: (error: unknown) => void;
}

const kind = "ProvisioningTask";
/** Milliseconds for which the object of a closed task stays, so that people see what became of it. */
const shownFor = 24 * 3_600_000;
/** Milliseconds after which an object that was handed on to be made, and is not seen, is made again: somebody may have deleted it. */
const onItsWay = 60_000;

/**
 * Keeps one object in the cluster for each task: made when a task is opened, told how it stands, removed some time after it is closed.
 * Nothing is read back from them but what people say there.
 */
export class TaskBoard {
  readonly #parts: TaskBoardParts;
  readonly #printer: BoardPrinter;
  /** Objects that were handed on to be made, and are not seen yet, with when that was. */
  readonly #made = new Map<string, number>();
  /** Tasks that are closed never change; those whose objects are still there. */
  #closed = new Map<string, Task>();
  #snapshot: Snapshot | undefined;
  #isDue = false;
  #work: Promise<void> | undefined;
  #isOver = false;

  constructor(parts: TaskBoardParts) {
    this.#parts = parts;
    this.#printer = new BoardPrinter(parts);
  }

  /** Something happened: what follows from it is written later. */
  tell(event: ControllerEvent): void {
    if (event.kind === "Loaded") this.#snapshot = event.loaded.snapshot;
    else if (event.kind !== "Ran") return;
    else for (const report of event.reports) this.#note(report);
    this.#isDue = true;
    if (!this.#isOver) this.#work ??= this.#run();
  }

  /** Resolves when all that was told is handed on. */
  async idle(): Promise<void> {
    while (this.#work) await this.#work;
  }

  /** Writes no more. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.idle();
  }

  async #run(): Promise<void> {
    try {
      while (this.#isDue && !this.#isOver) {
        this.#isDue = false;
        if (this.#snapshot) await this.#settle(this.#snapshot);
      }
    } catch (error) {
      this.#parts.failed(error);
    } finally {
      this.#work = undefined;
    }
  }

  async #settle(snapshot: Snapshot): Promise<void> {
    const { resources, state } = this.#parts;
    const objects = resources.tasks();
    if (!objects) return;
    const live = new Map((await state.tasks()).map((task) => [task.name, task]));
    await this.#learnClosed(objects, live);
    for (const { metadata } of objects) this.#made.delete(metadata.name);
    const there = new Set(objects.map(({ metadata }) => metadata.name));
    await eachInSlices(live.values(), (task) => {
      if (!there.has(task.name)) this.#make(task);
    });
    await eachInSlices(objects, (object) => {
      const { name } = object.metadata;
      this.#show(snapshot, object, live.get(name) ?? this.#closed.get(name));
    });
  }

  /** Of the objects whose tasks are not live any longer. */
  async #learnClosed(objects: readonly ClusterObject[], live: ReadonlyMap<string, Task>): Promise<void> {
    const closed = new Map<string, Task>();
    for (const { metadata } of objects) {
      const { name } = metadata;
      if (live.has(name)) continue;
      const [task] = this.#closed.has(name)
        ? [this.#closed.get(name)]
        : await this.#parts.state.tasks({ name });
      if (task) closed.set(name, task);
    }
    this.#closed = closed;
  }

  #make({ name, target }: Task): void {
    const { publisher, state, leads, now } = this.#parts;
    if (now() - (this.#made.get(name) ?? Number.NEGATIVE_INFINITY) < onItsWay) return;
    const object = { kind, namespace: state.realm, name } as const;
    const dropped = () => void this.#made.delete(name);
    this.#made.set(name, now());
    publisher.object({
      object,
      request: () => (leads() ? makeTask(object, target) : dropped()),
      dropped,
    });
  }

  #show(snapshot: Snapshot, object: ClusterObject, task: Task | undefined): void {
    const now = this.#parts.now();
    const seen = this.#printer.see(snapshot, kind, object.metadata.name);
    if (!seen) return;
    const previous = seen.previous as TaskObjectStatus | undefined;
    const isOver = !task || (task.closed !== undefined && task.closed + shownFor <= now);
    if (isOver && isOurs(object.metadata)) {
      this.#change(object, removeTask);
      return;
    }
    this.#printer.print(seen, taskObjectStatus({ generation: seen.generation, previous, now, task }), now);
    if (task && isAnsweredInVain(object, task)) this.#change(object, clearAnswer);
  }

  /** Only while the object says what it says now: what is said meanwhile is looked at anew. */
  #change({ metadata }: ClusterObject, how: typeof removeTask): void {
    const { publisher, resources, leads } = this.#parts;
    const { namespace, name, uid, generation } = metadata;
    const request = () => {
      const now = resources.object(kind, name);
      const isSame = now?.metadata.uid === uid && now.metadata.generation === generation;
      return leads() && isSame ? how(now) : undefined;
    };
    publisher.object({ object: { kind, namespace, name }, request, dropped: () => {} });
  }

  #note({ target, tasks: { events } }: TargetReport): void {
    const note = tasksNote(events);
    if (note) this.#printer.note("Target", target, note);
    for (const each of events) this.#remind(each);
  }

  /** That it was opened, closed or is overdue its status tells, with an Event of its own. */
  #remind({ kind: what, task, message }: TaskEvent): void {
    if (what !== "Reminded" && what !== "Overdue" && what !== "Changed") return;
    const { resources, publisher, now } = this.#parts;
    const object = resources.object(kind, task.name);
    if (!object || !isLive(task) || !this.#printer.mayTell(now())) return;
    const { namespace, name, uid } = object.metadata;
    publisher.event({
      object: { kind, namespace, name, uid },
      type: what === "Overdue" ? "Warning" : "Normal",
      reason: what === "Changed" ? "TaskChanged" : "TaskReminder",
      action: "Remind",
      note: plain(message),
      at: now(),
    });
  }
}

/** What was said was taken, and came to nothing: to be said again, it has to be gone first. */
function isAnsweredInVain({ metadata, spec }: ClusterObject, { phase, answer }: Task): boolean {
  const { outcome } = (spec ?? {}) as { readonly outcome?: unknown };
  return outcome !== undefined && phase === "Open" && answer === `${metadata.uid}/${metadata.generation}`;
}
