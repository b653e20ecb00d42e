import { beforeEach, describe, expect, test } from "vitest";
import type { Snapshot } from "../../core/kinds/resource.ts";
import type { TaskObjectStatus } from "../../core/kinds/status.ts";
import type { Task, TaskEvent } from "../../core/tasks/task.ts";
import type { TargetReport } from "../../engine/run.ts";
import type { ApiRequest } from "../../resources/kubernetes/api.ts";
import type { EventNote } from "../../resources/kubernetes/events.ts";
import type { ClusterObject } from "../../resources/kubernetes/objects.ts";
import type { ObjectWrite } from "../../resources/kubernetes/publisher.ts";
import { TaskBoard } from "./task-board.ts";

const opened = Date.parse("2026-03-01T09:00:00Z");
const day = 24 * 3_600_000;
const snapshot = {} as Snapshot;

/** A namespace's tasks and their objects, and the board between them: without an API server. */
class TaskWorld {
  tasks: Task[] = [];
  readonly objects = new Map<string, ClusterObject>();
  readonly requests: ApiRequest[] = [];
  readonly events: EventNote[] = [];
  readonly failures: unknown[] = [];
  statuses = 0;
  now = opened;
  leads = true;
  isRead = true;
  #version = 0;
  readonly #board = new TaskBoard({
    resources: {
      object: (_, name) => this.objects.get(name),
      tasks: () => (this.isRead ? [...this.objects.values()] : undefined),
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
    const report = { tasks: { events, live: [] } } as unknown as TargetReport;
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
    if (made.contentType === "application/apply-patch+yaml") this.put(object(name, { spec, labels }));
  }
}

function object(
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

const task: Task = {
  ...{ name: "badges-1", target: "badges", identity: "ada", account: "ada", owner: "desk@example.org" },
  ...{ items: [], effects: [], opened, due: opened + 3 * day, phase: "Open" },
};

let world: TaskWorld;
beforeEach(() => {
  world = new TaskWorld();
});

const methods = () => world.requests.splice(0).map(({ method, contentType }) => contentType ?? method);

describe("a task", () => {
  test("gets an object of its name, whose labels and target are ours", async () => {
    world.tasks = [task];
    await world.run();
    expect(world.requests).toMatchObject([
      {
        method: "PATCH",
        path: "/apis/rollcall.dev/v1alpha1/namespaces/acme/provisioningtasks/badges-1",
        query: { fieldManager: "rollcall", force: true },
        body: {
          metadata: {
            labels: { "app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/target": "badges" },
          },
          spec: { target: { name: "badges" } },
        },
      },
    ]);
  });

  test("is told of on its object, once: a run that finds nothing new writes nothing", async () => {
    world.tasks = [task];
    for (let time = 0; time < 3; time++) await world.run();
    expect(world.status()).toMatchObject({ phase: "Open", owner: "desk@example.org" });
    expect([world.requests.length, world.statuses]).toEqual([1, 1]);
  });

  test("whose object somebody deletes gets another one while it is live", async () => {
    world.tasks = [task];
    await world.run();
    world.objects.delete("badges-1");
    await world.run();
    expect(methods()).toEqual(["application/apply-patch+yaml", "application/apply-patch+yaml"]);
  });

  test("that is closed is shown for a day, and then its object is removed", async () => {
    world.tasks = [task];
    await world.run();
    world.tasks = [{ ...task, phase: "Done", closed: opened }];
    await world.run();
    expect(world.status()?.phase).toBe("Done");
    world.now = opened + day - 1;
    await world.run();
    expect(methods()).toEqual(["application/apply-patch+yaml"]);
    world.now = opened + day;
    await world.run();
    expect(world.requests).toMatchObject([
      { method: "DELETE", body: { preconditions: { uid: "uid of badges-1" } } },
    ]);
    await world.run();
    expect(world.requests).toHaveLength(1);
  });

  test("is written by who leads alone", async () => {
    world.tasks = [task];
    world.leads = false;
    await world.run();
    expect(world.requests).toEqual([]);
    world.leads = true;
    await world.run();
    expect(methods()).toEqual(["application/apply-patch+yaml"]);
  });
});

describe("an object", () => {
  const foreign = (spec: object = {}) =>
    object("badges-9", { spec: { target: { name: "badges" }, ...spec } });

  test("that somebody else made is left to them, and says that there is no such task", async () => {
    world.put(foreign());
    await world.run();
    expect(world.status("badges-9")?.conditions).toMatchObject([
      { type: "Ready", status: "False", reason: "TaskGone" },
    ]);
    expect(world.requests).toEqual([]);
  });

  test("of a task that the state has forgotten goes, where it was ours", async () => {
    world.put(object("badges-9", { labels: { "app.kubernetes.io/managed-by": "rollcall" } }));
    await world.run();
    expect(methods()).toEqual(["DELETE"]);
  });

  test("loses what was said where that came to nothing, so that it can be said again", async () => {
    const said = { outcome: "Completed", by: "ann" };
    world.tasks = [{ ...task, name: "badges-9", answer: "uid of badges-9/1", phase: "Completed" }];
    world.put(foreign(said));
    await world.run();
    expect(methods()).toEqual([]);
    world.tasks = [{ ...task, name: "badges-9", answer: "uid of badges-9/1", phase: "Open" }];
    await world.ran();
    expect(world.requests).toMatchObject([
      {
        contentType: "application/merge-patch+json",
        body: {
          spec: { outcome: null, by: null, reason: null },
          metadata: { resourceVersion: expect.any(String) },
        },
      },
    ]);
  });

  test("keeps what was said and is not taken yet", async () => {
    world.tasks = [{ ...task, name: "badges-9" }];
    world.put(foreign({ outcome: "Completed", by: "ann" }));
    await world.run();
    expect(methods()).toEqual([]);
  });

  test("is not made while nobody knows which there are", async () => {
    world.isRead = false;
    world.tasks = [task];
    await world.run();
    expect(world.requests).toEqual([]);
  });
});

describe("people are told by Events", () => {
  const told = () => world.events.splice(0).map(({ type, reason, note }) => `${type} ${reason}: ${note}`);

  test("of what is to be done, when it is overdue, and that it is done", async () => {
    world.tasks = [task];
    await world.run();
    await world.run();
    expect(told()).toEqual(["Normal TaskOpen: waits for desk@example.org, is due 2026-03-04T09:00:00Z"]);
    world.now = task.due;
    await world.run();
    expect(told()).toEqual(["Warning TaskOverdue: waits for desk@example.org, was due 2026-03-04T09:00:00Z"]);
    world.tasks = [{ ...task, phase: "Done", closed: world.now }];
    await world.run();
    expect(told()).toEqual(["Normal TaskDone: the store shows it"]);
  });

  test("of each reminder", async () => {
    world.tasks = [task];
    await world.run();
    await world.run();
    world.events.length = 0;
    await world.run([{ kind: "Reminded", task, message: "waits for desk@example.org" }]);
    await world.run([{ kind: "Overdue", task, message: "waits for desk@example.org" }]);
    expect(told()).toEqual([
      "Normal TaskReminder: waits for desk@example.org",
      "Warning TaskReminder: waits for desk@example.org",
    ]);
  });
});
