import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TaskDocument } from "../../src/report/task.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { ControllerProcess, type Ended, rollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";
import type { Manifest } from "../support/world.ts";

/** A list of badges that a front desk keeps by hand, and Rollcall over it on the command line. */

const head = "number,login,full name,department,state,doors\n";
const charles = "1002,charles,Charles Babbage,Workshop,active,main entrance\n";
const ada = "1001,ada,Ada Lovelace,Research,active,main entrance;lab\n";

const target: Manifest = {
  kind: "Target",
  name: "badges",
  spec: {
    store: { name: "badges" },
    mode: "Enforce",
    tasks: { owner: "front desk" },
    accounts: {
      when: "identity.userType == 'Employee'",
      name: { expression: "identity.userName" },
      match: [{ keys: ["number"], strong: true }],
      attributes: {
        number: { expression: "identity.employeeNumber", apply: "OnCreate" },
        fullName: { expression: "identity.displayName" },
        department: { expression: "identity.department" },
      },
    },
    csv: {
      key: "login",
      id: "number",
      columns: { fullName: "full name" },
      disabled: { column: "state", enabled: "active", disabled: "blocked" },
      entitlements: { column: "doors", names: ["main entrance", "lab"] },
    },
  },
};

const person = (name: string, displayName: string, employeeNumber: string, department: string): Manifest => ({
  kind: "Identity",
  name,
  spec: { userName: name, displayName, userType: "Employee", employeeNumber, department },
});

const company: readonly Manifest[] = [
  { kind: "Store", name: "badges", spec: { csv: { file: "badges.csv" } } },
  target,
  person("ada", "Ada Lovelace", "1001", "Research"),
  {
    kind: "AccessProfile",
    name: "lab-doors",
    spec: { target: { name: "badges" }, entitlements: [{ name: "main entrance" }, { name: "lab" }] },
  },
  {
    kind: "BusinessRole",
    name: "research",
    spec: { members: { when: "identity.department == 'Research'" }, accessProfiles: [{ name: "lab-doors" }] },
  },
];

let folder: ManifestFolder;

beforeEach(async () => {
  folder = await ManifestFolder.make(...company);
  await badges(head);
});
afterEach(() => folder[Symbol.asyncDispose]());

const badges = (text: string) => writeFile(folder.at("badges.csv"), text);
const run = (...words: string[]) => rollcall(...words, ...folder.words);
const task = (...words: string[]) => rollcall("task", ...words, ...folder.stateWords);

async function json<T>(ended: Promise<Ended>): Promise<T> {
  return JSON.parse((await ended).stdout);
}

async function tasks(...words: string[]): Promise<TaskDocument[]> {
  return (await json<{ tasks: TaskDocument[] }>(task("list", "-o", "json", ...words))).tasks;
}

async function onlyTask(): Promise<TaskDocument> {
  const [only, ...others] = await tasks();
  expect(others).toEqual([]);
  return only!;
}

async function apply(...words: string[]): Promise<Ended> {
  const { hash } = await json<{ hash: string }>(run("plan", "-o", "json"));
  return run("apply", "--plan", hash, ...words);
}

async function first(): Promise<void> {
  expect((await run("apply", "--init", "--yes")).code).toBe(3);
}

describe("a file that people keep", () => {
  test("is only read; what is to be done is a task, which closes by itself once the file shows it", async () => {
    const before = await stat(folder.at("badges.csv"));
    const plan = await run("plan", "--init");
    expect(plan.stdout).toContain("by hand: apply opens tasks for front desk");
    const asked = await apply();
    expect(asked).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("> asked of front desk:"),
      stderr: expect.stringContaining("Who is asked for what: rollcall task list -f "),
    });
    expect(await tasks()).toMatchObject([{ what: "create; grant main entrance, lab", phase: "Open" }]);
    const after = await stat(folder.at("badges.csv"));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);

    // A badge, and one of two doors.
    await badges(head + ada.replace(";lab", ""));
    const rest = await run("plan");
    expect(rest).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/waits for front desk: .*\n +grant lab for ada/),
    });
    expect(rest.stdout).not.toContain("orphan");
    expect((await run("apply", "--yes")).code).toBe(3);
    expect(await tasks()).toMatchObject([{ what: "grant lab", phase: "Open" }]);
    const status = await run("status");
    expect(status).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("badges: tasks for people: 1 Open"),
    });

    await badges(head + ada);
    expect(await run("apply", "--yes")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /< done by hand \(task .*\):\n +grant lab for ada[\s\S]*Applied: nothing; 1 done by hand\./,
      ),
    });
    expect(await tasks()).toEqual([]);
    expect(await tasks("--all")).toMatchObject([
      { phase: "Done", what: "create; grant main entrance, lab", changes: [] },
    ]);
    expect(await run("plan")).toMatchObject({ code: 0 });
    const journal = await rollcall("journal", ...folder.stateWords);
    expect(journal.stdout).toMatch(/\+ create {2}ada[\s\S]*by hand \(task badges-/);
    expect(await readFile(folder.at("badges.csv"), "utf8")).toBe(head + ada);
  });

  test("keeps whoever was there: nobody is adopted, blocked or lost without being asked for", async () => {
    await badges(head + charles);
    await first();
    expect((await run("plan")).stdout).toContain("1 orphan");
    await folder.write({
      ...person("ada", "Ada Lovelace", "1001", "Research"),
      spec: { ...company[2]!.spec, department: "Workshop" },
    });
    await apply();
    expect(await tasks()).toMatchObject([{ what: "create" }]);
  });
});

test("a folder that somebody drops lists into is asked to block whoever leaves, and shows it in its next list", async () => {
  const drop = async (day: string, text: string) => {
    await writeFile(folder.at(`drop/badges-${day}.csv`), text);
    await writeFile(folder.at(`drop/badges-${day}.csv.done`), "");
  };
  await mkdir(folder.at("drop"));
  await drop("2026-01-01", head);
  const place = { path: "drop", pattern: "badges-*.csv", newest: "Name", done: ".done" };
  await folder.write({ kind: "Store", name: "badges", spec: { csv: { folder: place } } });
  await first();
  await drop("2026-01-02", head + ada);
  expect((await run("apply", "--yes")).code).toBe(0);
  const { spec, ...named } = company[2]!;
  await folder.write({ ...named, spec: { ...spec, lifecycle: { state: "Inactive" } } });
  expect((await run("apply", "--yes")).code).toBe(3);
  expect(await tasks()).toMatchObject([{ what: "disable; revoke lab, main entrance" }]);
  await drop("2026-01-03", head + ada.replace("active,main entrance;lab", "blocked,"));
  expect((await run("apply", "--yes")).code).toBe(0);
  expect(await tasks()).toEqual([]);
});

describe("rollcall task", () => {
  beforeEach(first);

  test("shows one with all that is to be done and why", async () => {
    const { name } = await onlyTask();
    const shown = await task("show", name.slice(-6));
    expect(shown.stdout).toContain(`Task ${name}: Open\n  ada in target badges, for front desk`);
    expect(shown.stdout).toContain("fullName: Ada Lovelace");
    expect(shown.stdout).toContain("because BusinessRole research");
    expect((await task("list")).stdout).toMatch(/badges-\w+ +badges +ada +create; grant/);
  });

  test("complete waits for a file that shows it, and the journal says who did it", async () => {
    const { name } = await onlyTask();
    expect(await task("complete", name, "--by", "maria")).toMatchObject({
      code: 0,
      stdout: `Task ${name} is completed by maria. It is done once a look at the store shows it.\n`,
    });
    expect((await run("plan")).stdout).toContain("maria says that it is done");
    expect((await run("apply", "--yes")).code).toBe(3);
    await badges(head + ada);
    expect((await run("apply", "--yes")).code).toBe(0);
    const { stdout } = await rollcall("journal", ...folder.stateWords);
    expect(stdout).toContain(`by hand, completed by maria (task ${name})`);
  });

  test("reject needs a reason, which the plan and the journal tell", async () => {
    const { name } = await onlyTask();
    expect(await task("reject", name)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--reason"),
    });
    const said = ["--by", "maria", "--reason", "she never came"];
    expect((await task("reject", name, ...said)).code).toBe(0);
    expect((await run("plan")).stdout).toContain(`rejected by maria: she never came (task ${name})`);
    expect((await run("apply", "--yes")).code).toBe(3);
    expect((await rollcall("journal", ...folder.stateWords)).stdout).toContain(
      "FAILED: rejected by maria: she never came",
    );
  });

  test("is told of what it cannot do", async () => {
    const { name } = await onlyTask();
    for (const [words, error] of [
      [["finish", name], 'task knows list, show, complete and reject, not "finish"'],
      [["show"], "show needs the NAME of a task"],
      [["list", name], "list takes no NAME"],
      [["show", "nobody"], "there is no task nobody"],
      [["show", "ba"], "ba is too short"],
    ] as const)
      expect(await task(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(error) });
  });
});

describe("a file in Git that says what became of a task", () => {
  const answer = (name: string, spec: Record<string, unknown>) =>
    folder.write({
      kind: "ProvisioningTask",
      name,
      spec: { target: { name: "badges" }, by: "maria", ...spec },
    });

  test("is taken once, and stays without harm when the task is closed", async () => {
    await first();
    const { name } = await onlyTask();
    await answer(name, { outcome: "Completed" });
    expect((await run("apply", "--yes")).code).toBe(3);
    expect(await tasks()).toMatchObject([{ phase: "Completed" }]);
    // A newer list, without her.
    await badges(head + charles);
    await run("apply", "--yes");
    expect(await tasks()).toMatchObject([{ phase: "Open" }]);
    await run("apply", "--yes");
    expect(await tasks()).toMatchObject([
      { phase: "Open", message: expect.stringContaining("the store does not show it") },
    ]);
    await badges(head + charles + ada);
    const { code, stderr } = await run("apply", "--yes");
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("ProvisioningTask")]);
    expect((await run("apply", "--yes")).stderr).not.toContain("ProvisioningTask");
  });

  test("that names no task is told of", async () => {
    await first();
    await answer("badges-0123", { outcome: "Rejected", reason: "no" });
    const { stderr } = await run("apply", "--yes");
    expect(stderr).toContain("there is no task badges-0123 of target badges");
  });
});

describe("a controller on the folder", () => {
  test("opens tasks, takes answers over its socket, and closes what the file shows", async () => {
    const controller = new ControllerProcess("--init", ...folder.words);
    try {
      const url = await controller.ready();
      const opened = await controller.logged("task for people", { event: "Opened" });
      expect(opened).toMatchObject({ target: "badges", identity: "ada", owner: "front desk" });
      const name = String(opened.task);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain(
        'rollcall_tasks{realm="default",target="badges",phase="Open"} 1',
      );
      await badges(head + ada);
      const { code, stdout } = await task("complete", name, "--by", "maria");
      expect([code, stdout]).toEqual([0, `Task ${name} is done: the store shows it.\n`]);
      await controller.logged("task for people", { event: "Done", task: name });
      expect(await tasks()).toEqual([]);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain(
        'rollcall_changes_total{realm="default",target="badges",action="Grant",result="Done",by="People"} 2',
      );
      const late = await task("reject", name, "--reason", "no");
      expect(late).toMatchObject({ code: 2, stderr: expect.stringContaining("is closed (Done)") });
      await waitFor(async () => !(await (await fetch(`${url}/metrics`)).text()).includes("rollcall_tasks{"), {
        what: "no task is counted",
      });
    } finally {
      expect(await controller.end("SIGTERM")).toBe(0);
    }
  });
});
