import { beforeEach, describe, expect, test } from "vitest";
import { day, object, opened, TaskWorld, task } from "../../../test/support/task-board-world.ts";
import type { Task } from "../../core/tasks/task.ts";

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

  test("whose object somebody deletes before it was seen gets another one, once it cannot be on its way any longer", async () => {
    world.tasks = [task];
    world.stays = false;
    await world.run();
    world.stays = true;
    await world.run();
    expect(methods()).toEqual(["application/apply-patch+yaml"]);
    world.now += 60_000;
    await world.run();
    expect(methods()).toEqual(["application/apply-patch+yaml"]);
    expect(world.status()?.phase).toBe("Open");
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

  test("of so many at once by the first fifty, and by one that the Target tells of all", async () => {
    const all = Array.from({ length: 70 }, (_, index): Task => ({ ...task, name: `badges-${index}` }));
    world.put({ ...object("badges", {}), kind: "Target" });
    world.tasks = all;
    await world.run();
    world.now += day;
    await world.run();
    world.events.length = 0;
    world.now += day;
    const events = all.map((each) => ({ kind: "Overdue" as const, task: each, message: "was due" }));
    await world.run([...events, { kind: "Opened", task, message: "opened" }]);
    expect(world.events.filter(({ object: { kind } }) => kind === "ProvisioningTask")).toHaveLength(50);
    expect(world.events.filter(({ object: { kind } }) => kind === "Target")).toMatchObject([
      { type: "Warning", reason: "Tasks", note: "tasks of people: 70 overdue: kubectl get ptask" },
    ]);
  });
});
