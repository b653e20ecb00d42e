import { TaskBoard } from "../../src/cli/cluster/task-board.ts";
import type { Snapshot } from "../../src/core/kinds/resource.ts";
import type { TaskObjectStatus } from "../../src/core/kinds/status.ts";
import type { Task, TaskEvent } from "../../src/core/tasks/task.ts";
import type { TargetReport } from "../../src/engine/run.ts";
import type { ApiRequest } from "../../src/resources/kubernetes/api.ts";
import type { EventNote } from "../../src/resources/kubernetes/events.ts";
import type { ClusterObject } from "../../src/resources/kubernetes/objects.ts";
import type { ObjectWrite } from "../../src/resources/kubernetes/publisher.ts";

export const opened = Date.parse("2026-03-01T09:00:00Z");
export const day = 24 * 3_600_000;
const snapshot = {} as Snapshot;

/** A namespace's tasks and their objects, and the board between them: without an API server. */
export class TaskWorld {
  tasks: Task[] = [];
  readonly objects = new Map<string, ClusterObject>();
  readonly requests: ApiRequest[] = [];
  readonly events: EventNote[] = [];
  readonly failures: unknown[] = [];
  statuses = 0;
  now = opened;
  leads = true;
  isRead = true;
  /** Whether an object that is made is there when somebody looks. */
  stays = true;
  #version = 0;
  readonly #board = new TaskBoard({
    resources: {
      object: (_, name) => this.objects.get(name),
      tasks: () => {
        const tasks = [...this.objects.values()].filter(({ kind }) => kind === "ProvisioningTask");
        return this.isRead ? tasks : undefined;
      },
    },
    state: {
      realm: "acme",
      tasks: async ({ name } = {}) =>
        this.tasks.filter((task) => (name === undefined ? task.closed === undefined : task.name === name)),
    },
    publisher: {
      object: (write) => this.#send(write),
      status: ({ object: { name }, status }) => {
        this.statuses++;
        this.put({ ...this.objects.get(name)!, status });
      },
      event: (event) => void this.events.push(event),
    },
    leads: () => this.leads,
    now: () => this.now,
    failed: (error) => void this.failures.push(error),
  });

  put(object: ClusterObject): void {
    const resourceVersion = `${++this.#version}`;
    this.objects.set(object.metadata.name, { ...object, metadata: { ...object.metadata, resourceVersion } });
  }

  /** Runs, as the controller does, and lets all that is handed on arrive. */
  async run(events: readonly TaskEvent[] = []): Promise<void> {
    this.#board.tell({ kind: "Loaded", loaded: { snapshot, complete: { ok: true } } });
    await this.#board.idle();
    await this.ran(events);
  }

  /** One look at everything. */
  async ran(events: readonly TaskEvent[] = []): Promise<void> {
    const report = { target: "badges", tasks: { events, live: [] } } as unknown as TargetReport;
    this.#board.tell({ kind: "Ran", reports: [report], milliseconds: 1 });
    await this.#board.idle();
  }

  status(name = "badges-1"): TaskObjectStatus | undefined {
    return this.objects.get(name)?.status as TaskObjectStatus | undefined;
  }

  #send({ object: { name }, request }: ObjectWrite): void {
    const made = request();
    if (!made) return;
    this.requests.push(made);
    if (made.method === "DELETE") this.objects.delete(name);
    const { spec, metadata: { labels } = {} } = (made.body ?? {}) as {
      spec?: object;
      metadata?: { labels?: object };
    };
    if (made.contentType === "application/apply-patch+yaml" && this.stays)
      this.put(object(name, { spec, labels }));
  }
}

export function object(
  name: string,
  { spec = {}, labels = {} }: { spec?: object | undefined; labels?: object | undefined },
): ClusterObject {
  return {
    ...{ apiVersion: "rollcall.dev/v1alpha1", kind: "ProvisioningTask", spec },
    metadata: {
      ...{ name, namespace: "acme", uid: `uid of ${name}`, generation: 1, resourceVersion: "" },
      ...{ labels: labels as Record<string, string>, creationTimestamp: "" },
    },
  };
}

export const task: Task = {
  ...{ name: "badges-1", target: "badges", identity: "ada", account: "ada", owner: "desk@example.org" },
  ...{ items: [], effects: [], opened, due: opened + 3 * day, phase: "Open" },
};
