import { execFile } from "node:child_process";
import { access, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApplyDocument, PlanDocument } from "../../src/report/document.ts";
import { openState } from "../../src/state/open.ts";
import type { JournalEntry } from "../../src/state/state.ts";
import { person } from "../support/company.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { rollcall, rollcallOnTerminal, type Started, startRollcall } from "../support/rollcall-process.ts";
import { ThreeStores } from "../support/three-stores.ts";
import { waitFor } from "../support/wait.ts";

let folder: Folder;
let company: ThreeStores;
const running: Started[] = [];

beforeEach(async () => {
  folder = await makeFolder("cli");
  company = await new ThreeStores(folder.path).make();
});

afterEach(async () => {
  for (const process of running.splice(0)) process.signal("SIGKILL");
  await folder.remove();
});

const place = () => ["-f", company.manifests, "--root", folder.path, "--state", company.path("state.db")];
const run = (command: string, ...words: string[]) => rollcall(command, ...place(), ...words);

async function planned(...words: string[]): Promise<PlanDocument> {
  return JSON.parse((await run("plan", "-o", "json", ...words)).stdout);
}

async function applied(...words: string[]): Promise<ApplyDocument> {
  return JSON.parse((await run("apply", "-o", "json", ...words)).stdout);
}

async function journal(): Promise<readonly JournalEntry[]> {
  const state = await openState(company.path("state.db"), { realm: "default", mode: "read" });
  try {
    return (await Array.fromAsync(state.journal({}))).flat();
  } finally {
    await state.close();
  }
}

describe("plan and apply", () => {
  test("bring three stores to what the manifests say; then there is nothing to do", async () => {
    await company.people("alice", "bob");
    const first = await run("plan");
    expect(first.code).toBe(1);
    expect(first.stdout).toContain("Plan: 7 creates, 2 grants.");
    expect(first.stdout).toContain("because BusinessRole research");

    expect(await run("apply", "--yes", "--init")).toMatchObject({ code: 0 });
    const { accounts } = await company.directory();
    expect(accounts.map(({ name }) => name)).toEqual([
      "uid=alice,ou=people,dc=example,dc=org",
      "uid=bob,ou=people,dc=example,dc=org",
    ]);
    expect(await company.badges()).toContain("E-alice,alice,Research,active\n");
    expect(company.users()).toMatchObject([{ login: "alice", mail: "alice@example.org" }, { login: "bob" }]);

    expect(await run("plan")).toMatchObject({ code: 0 });
    const again = await applied("--yes");
    expect(again.targets.map(({ done }) => done)).toEqual([[], [], []]);
    expect((await journal()).filter(({ operation }) => operation === "Create")).toHaveLength(7);
  });

  test("find and repair what somebody else has changed", async () => {
    await company.people("alice");
    await run("apply", "--yes", "--init");
    await writeFile(company.path("badges.csv"), (await company.badges()).replace("Research", "Board"));
    const plan = await run("plan");
    expect(plan.code).toBe(1);
    expect(plan.stdout).toContain("department: Board → Research");
    expect(plan.stdout).toContain("because Drift");
    expect(await run("apply", "--yes")).toMatchObject({ code: 0 });
    expect(await company.badges()).toContain("Research");
  });

  test("touch only the targets that are named", async () => {
    await company.people("alice");
    await run("apply", "--yes", "--init", "--target", "app");
    expect(company.users()).toHaveLength(1);
    expect((await company.directory()).accounts).toEqual([]);
    const unknown = await run("plan", "--target", "ap");
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain('did you mean "app"?');
  });

  test("go on with the rest where a store cannot be read, and say so by the exit code", async () => {
    await company.people("alice");
    await rm(company.path("badges.csv"));
    const outcome = await run("apply", "--yes", "--init");
    expect(outcome.code).toBe(2);
    expect(outcome.stdout).toContain("badges.csv");
    expect(company.users()).toHaveLength(1);
  });

  test("are at fault for a target only as long as it is declared", async () => {
    await company.people("alice");
    await run("apply", "--yes", "--init");
    await rm(company.path("badges.csv"));
    await run("apply", "--yes");
    expect(await run("status")).toMatchObject({ code: 2, stdout: expect.stringContaining("badges.csv") });
    await rm(join(company.manifests, "Target-badges.yaml"));
    await run("apply", "--yes");
    const status = await run("status");
    expect(status).toMatchObject({ code: 0, stdout: expect.not.stringContaining("badges.csv") });
    expect(status.stdout).toContain("badges: not run, since its manifest is gone");
  });

  test("go on with the rest where a manifest is wrong, and say so by the exit code", async () => {
    await company.people("alice");
    await company.write(person("bob", { departmnt: "Sales" }));
    const outcome = await run("apply", "--yes", "--init");
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/Identity-bob\.yaml:\d+: Identity\/bob spec\.departmnt/);
    expect(company.users()).toMatchObject([{ login: "alice" }]);
  });

  test("hold what the limits do not allow, until it is approved", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `person${index}`);
    await company.people(...names);
    await run("apply", "--yes", "--init");
    await company.write(...names.map((name) => person(name, { lifecycle: { state: "Inactive" } })));
    expect(await rollcall("validate", "-f", company.manifests)).toMatchObject({ code: 0 });
    const held = await run("plan", "--target", "app");
    expect(held.code).toBe(3);
    const [, hash] = /rollcall approve (\w+)/.exec(held.stdout) ?? [];
    const state = ["-f", company.manifests, "--state", company.path("state.db")];
    expect(await rollcall("approve", ...state, hash!.slice(0, 12), "--by", "Ann")).toMatchObject({ code: 0 });
    expect(await run("apply", "--yes", "--target", "app")).toMatchObject({ code: 0 });
    expect(company.users().map(({ disabled }) => disabled)).toEqual(names.map(() => 1));
    expect((await journal()).filter(({ operation }) => operation === "Disable")[0]).toMatchObject({
      approvedBy: "Ann",
    });
    expect(await run("apply", "--yes", "--target", "people")).toMatchObject({ code: 3 });
    expect(await run("status")).toMatchObject({ code: 3, stdout: expect.stringContaining("held") });
  });

  test("forget a hold, approved or not, once a plan finds that it was put right", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `person${index}`);
    await company.people(...names);
    await run("apply", "--yes", "--init");
    await company.write(...names.map((name) => person(name, { lifecycle: { state: "Inactive" } })));
    const held = await run("plan", "--target", "app");
    const [, hash] = /rollcall approve (\w+)/.exec(held.stdout) ?? [];
    const approve = (...words: string[]) =>
      rollcall("approve", "-f", company.manifests, "--state", company.path("state.db"), ...words);
    expect(await approve(hash!)).toMatchObject({ code: 0 });
    await company.people(...names);
    expect(await run("plan", "--target", "app")).toMatchObject({ code: 0 });
    expect((await approve("--list")).stdout).toBe("Nothing is held by a limit.\n");
  });

  test("never remove somebody because half of the manifests are gone", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `person${index}`);
    await company.people(...names);
    await run("apply", "--yes", "--init");
    for (const name of names.slice(10)) await rm(join(company.manifests, `Identity-${name}.yaml`));
    expect(await run("apply", "--yes")).toMatchObject({ code: 3 });
    const { hash } = await planned();
    expect((await run("apply", "--plan", hash)).code).not.toBe(0);
    expect(company.users().filter(({ disabled }) => disabled === 1)).toEqual([]);
  });
});

describe("what is printed", () => {
  test("JSON stands alone on standard output, whatever else is to be said", async () => {
    await company.people("alice");
    await company.write(person("bob", { departmnt: "Sales" }));
    const { stdout, stderr } = await run("plan", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({ format: "rollcall.dev/plan/v1" });
    expect(stderr).toContain("departmnt");
    expect(stderr).not.toContain("\r");
    expect((await applied("--yes", "--init")).format).toBe("rollcall.dev/apply/v1");
  });

  test.each(["table", "json", "yaml", "markdown"])("as %s, no sensitive value is in it", async (format) => {
    await company.people("alice");
    const { stdout } = await run("plan", "-o", format);
    expect(stdout).toContain("alice");
    expect(stdout).toContain("••••••");
    expect(stdout).not.toContain("alice@example.org");
  });

  test("a change of a sensitive value is seen without its value", async () => {
    await company.people("alice");
    await run("apply", "--yes", "--init");
    await company.write(person("alice", { emails: [{ value: "new@example.org", primary: true }] }));
    const { stdout } = await run("plan");
    expect(stdout).toContain("mail: •••••• → •••••• (changed)");
    expect(stdout).not.toContain("example.org");
  });

  test("what a full disk does not take is told of, and seen by the exit code", async () => {
    const main = new URL("../../src/main.ts", import.meta.url).pathname;
    const command = promisify(execFile)("sh", ["-c", '"$0" "$1" help >/dev/full', process.execPath, main]);
    await expect(command).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^rollcall: cannot write to standard output: ENOSPC/),
    });
  });

  test("characters that steer a terminal are shown by their code", async () => {
    await company.people("alice");
    await run("apply", "--yes", "--init", "--target", "people");
    const content = await company.directory();
    content.accounts[0]!.attributes.department = ["\u001b[2Jgone"];
    await writeFile(company.path("directory.json"), JSON.stringify(content));
    const { stdout } = await run("plan", "--target", "people");
    expect(stdout).toContain("\\u001b[2Jgone");
    expect(stdout).not.toContain("\u001b");
  });
});

describe("apply --plan", () => {
  beforeEach(async () => {
    await company.people("alice", "bob");
    await run("apply", "--yes", "--init");
  });

  test("applies what that plan showed, and leaves out what has changed since", async () => {
    await company.write(person("alice", { department: "Sales" }), person("bob", { department: "Sales" }));
    const { hash } = await planned("--target", "badges");
    await company.write(person("alice", { department: "Board" }));
    const outcome = await run("apply", "--plan", hash, "--target", "badges");
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toContain("1 no longer as the plan showed");
    expect(outcome.stdout).toContain("it was not in the plan that was shown");
    const badges = await company.badges();
    expect(badges).toContain("bob,Sales");
    expect(badges).toContain("alice,Research");
  });

  test("refuses a plan that nobody was shown", async () => {
    const outcome = await run("apply", "--plan", "0".repeat(64));
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toContain("plan again");
  });

  test("stands in for settling: a leaver whose manifest is gone is disabled when somebody has seen it", async () => {
    await rm(join(company.manifests, "Identity-bob.yaml"));
    expect(await run("apply", "--yes", "--target", "app")).toMatchObject({ code: 3 });
    const { hash } = await planned("--target", "app");
    expect(await run("apply", "--plan", hash, "--target", "app")).toMatchObject({ code: 0 });
    expect(company.users()).toMatchObject([{ disabled: 0 }, { disabled: 1 }]);
  });
});

describe("apply asks", () => {
  test("on a terminal, and does what was shown when the answer is yes", async () => {
    await company.people("alice");
    const words = ["apply", ...place(), "--init", "--target", "app"];
    const no = await rollcallOnTerminal(words, "Only yes will do", "no\n");
    expect(no.code).toBe(2);
    expect(no.shown).toContain("Nothing was changed.");
    expect(company.users()).toEqual([]);
    const yes = await rollcallOnTerminal(words, "Only yes will do", "yes\n");
    expect(yes.code).toBe(0);
    expect(yes.shown).toContain("Applied: 1 create.");
    expect(company.users()).toHaveLength(1);
  });

  test("nobody where there is no terminal: it refuses, and names the cure", async () => {
    const outcome = await run("apply", "--init");
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toContain("--plan HASH");
    await expect(access(company.path("state.db"))).rejects.toThrow("ENOENT");
  });
});

describe("the state", () => {
  test("is not made by accident: the first apply needs --init, a plan needs none and leaves none", async () => {
    await company.people("alice");
    const plan = await run("plan");
    expect(plan).toMatchObject({ code: 1, stderr: expect.stringContaining("first run") });
    const outcome = await run("apply", "--yes");
    expect(outcome).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--init") });
    expect(company.users()).toEqual([]);
    await expect(access(company.path("state.db"))).rejects.toThrow("ENOENT");
  });

  test("is refused inside the manifest folder, also by way of a link", async () => {
    const inside = join(company.manifests, "state.db");
    const outcome = await rollcall("plan", "-f", company.manifests, "--state", inside);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining("inside the manifest folder") });
  });

  test("has a place of its own for each folder where none is named", async () => {
    await company.people("alice");
    const words = [
      "apply",
      "-f",
      company.manifests,
      "--root",
      folder.path,
      "--yes",
      "--init",
      "--target",
      "app",
    ];
    const home = company.path("home");
    const outcome = await startRollcall(words, { XDG_STATE_HOME: home, ROLLCALL_STATE: "" }).ended;
    expect(outcome.code).toBe(0);
    const [own] = await readdir(join(home, "rollcall"));
    expect(outcome.stderr).toContain(join(home, "rollcall", own!, "state.db"));
  });

  test("that another process writes to is refused, and says who has it", async () => {
    await run("apply", "--yes", "--init");
    const state = await openState(company.path("state.db"), { realm: "default", mode: "write" });
    try {
      await company.people("alice");
      expect(await run("plan")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("will not know this plan"),
      });
      const outcome = await run("apply", "--yes");
      expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining("another process") });
    } finally {
      await state.close();
    }
  });
});

describe("an apply that is cut off", () => {
  const names = Array.from({ length: 5000 }, (_, index) => `person${index}`);

  /** Starts an apply that takes its time, and waits until it is in the middle of it. */
  async function startSlowApply(): Promise<Started> {
    const slow = { memory: { file: "directory.json" }, traffic: { perSecond: 300 } };
    await company.write({ kind: "Store", name: "directory", spec: slow });
    const all = names.map((name) => JSON.stringify(manifestOf(name))).join("\n---\n");
    await writeFile(join(company.manifests, "everybody.yaml"), all);
    const apply = startRollcall(["apply", ...place(), "--yes", "--init", "--target", "people"]);
    running.push(apply);
    await waitFor(async () => (await company.directory()).accounts.length > 0, { what: "accounts are made" });
    return apply;
  }

  const manifestOf = (name: string) => {
    const { kind, spec } = person(name);
    return { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec };
  };

  async function finish(): Promise<void> {
    await company.write({ kind: "Store", name: "directory", spec: { memory: { file: "directory.json" } } });
    const outcome = await run("apply", "--yes", "--target", "people");
    expect(outcome).toMatchObject({ code: 0 });
    const { accounts } = await company.directory();
    expect(accounts).toHaveLength(names.length);
    expect(new Set(accounts.map(({ name }) => name)).size).toBe(names.length);
    const created = (await journal()).filter(
      ({ operation, result, identity }) => operation === "Create" && result === "Done" && identity !== "",
    );
    expect(new Set(created.map(({ identity }) => identity)).size).toBe(names.length);
    expect(created).toHaveLength(names.length);
    expect(await run("plan", "--target", "people")).toMatchObject({ code: 0 });
  }

  test("by Ctrl-C finishes the batch in hand, says where it stands, and goes on when run again", async () => {
    const apply = await startSlowApply();
    apply.signal("SIGINT");
    const outcome = await apply.ended;
    expect(outcome.code).toBe(130);
    expect(outcome.stderr).toContain("the batch in hand is finished first");
    expect(outcome.stdout).toMatch(/Interrupted: \d+ creates; \d+ not tried\./);
    const { accounts } = await company.directory();
    expect(accounts.length).toBeLessThan(names.length);
    expect((await journal()).filter(({ result }) => result === "Done")).toHaveLength(accounts.length);
    await finish();
  });

  test("by kill -9 doubles no account and loses no line of the journal", async () => {
    const apply = await startSlowApply();
    apply.signal("SIGKILL");
    await apply.ended;
    await finish();
  });
});

test("version tells the version, help every command, and each command's help how to use it", async () => {
  const { version } = JSON.parse(await readFile("package.json", "utf8"));
  expect((await rollcall("version")).stdout).toContain(`rollcall ${version} `);
  expect((await rollcall("--help")).stdout).toMatch(/^ {2}plan /m);
  expect((await rollcall("apply", "--help")).stdout).toContain("--plan HASH");
  const unknown = await rollcall("aply");
  expect(unknown).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining('did you mean "apply"?'),
  });
});
