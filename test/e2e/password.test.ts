import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import {
  ControllerProcess,
  type Ended,
  rollcall,
  rollcallOnTerminal,
  startRollcall,
} from "../support/rollcall-process.ts";
import { logsInTo } from "../support/store-login.ts";

/** Passwords as a person on a command line knows them. */

const initial = { deliver: { file: { path: { expression: "'passwords/' + identity.userName" } } } };

let folder: ManifestFolder;
/** All that any command has said: no password is among it. */
let said: string;

beforeEach(async () => {
  said = "";
  folder = await ManifestFolder.make(...company({ passwords: { initial } }), person("alice"));
});
afterEach(() => folder[Symbol.asyncDispose]());

async function run(...words: string[]): Promise<Ended> {
  return heard(await rollcall(...words));
}

function heard(ended: Ended): Ended {
  said += ended.stdout + ended.stderr;
  return ended;
}

const set = (...words: string[]) => [
  "password",
  "set",
  "alice",
  ...folder.words,
  "--target",
  "people",
  ...words,
];
const reset = () => ["password", "reset", "alice", ...folder.words, "--target", "people"];
const delivered = async () => (await readFile(folder.at("passwords/alice"), "utf8")).trimEnd();

const logsIn = (password: string) => logsInTo(folder.at("store.json"), dn("alice"), password);

async function apply(): Promise<void> {
  const { code, stderr } = await run("apply", ...folder.words, "--init", "--yes");
  expect([code, stderr]).toEqual([0, expect.any(String)]);
}

describe("an initial password", () => {
  test("is shown by where it goes, lies in a file of one's own, and logs in", async () => {
    const plan = await run("plan", ...folder.words);
    expect(plan.stdout).toContain("password: (generated, to file passwords/alice)");
    await apply();
    expect((await stat(folder.at("passwords/alice"))).mode & 0o777).toBe(0o600);
    expect(await logsIn(await delivered())).toBe(true);
    const journal = await run("journal", ...folder.stateWords, "-o", "json");
    expect(journal.stdout).toContain("(generated, to file passwords/alice)");
    const state = await readFile(folder.at("state.db"), "latin1");
    expect(said + state).not.toContain(await delivered());
  });

  test("that cannot be delivered makes no account: the folder is open to others", async () => {
    await mkdir(folder.at("passwords"));
    await chmod(folder.at("passwords"), 0o755);
    const { code, stdout } = await run("apply", ...folder.words, "--init", "--yes");
    expect(code).toBe(2);
    expect(stdout).toContain("others can look into");
    expect((await folder.store()).accounts).toEqual([]);
  });
});

describe("rollcall password", () => {
  beforeEach(apply);

  test("set takes it from standard input, or a file", async () => {
    const piped = heard(await startRollcall(set(), {}, "Piped-in-1!\n").ended);
    expect([piped.code, piped.stdout]).toEqual([0, "The password of alice in target people is set.\n"]);
    expect(await logsIn("Piped-in-1!")).toBe(true);
    await writeFile(folder.at("secret"), "From a file 2!\n");
    expect((await run(...set("--from-file", folder.at("secret"), "--must-change"))).code).toBe(0);
    expect(await logsIn("From a file 2!")).toBe(true);
    expect(said).not.toMatch(/Piped-in|From a file/);
  });

  test("set asks for it twice on a terminal, and shows nothing of it", async () => {
    const { code, shown } = await rollcallOnTerminal(set(), "New password: ", "Typed-in-1!\n", [
      "The same again: ",
      "Typed-in-1!\n",
    ]);
    expect([code, shown]).toEqual([0, expect.stringContaining("is set")]);
    expect(shown).not.toContain("Typed-in");
    expect(await logsIn("Typed-in-1!")).toBe(true);
    const differs = await rollcallOnTerminal(set(), "New password: ", "Typed-in-2!\n", [
      "The same again: ",
      "Typed-in-3!\n",
    ]);
    expect([differs.code, differs.shown]).toEqual([2, expect.stringContaining("the two differ")]);
  });

  test("reset delivers another one, which is the one that logs in", async () => {
    const before = await delivered();
    expect((await run(...reset())).code).toBe(0);
    expect(await delivered()).not.toBe(before);
    expect(await logsIn(await delivered())).toBe(true);
    expect(await logsIn(before)).toBe(false);
    expect(said).not.toContain(await delivered());
  });

  test("is told by the journal: who, and not what", async () => {
    await startRollcall(set("--by", "eve"), {}, "Piped-in-1!\n").ended;
    const { stdout } = await run("journal", ...folder.stateWords, "--last", "1");
    expect(stdout).toContain("Person eve (set its password)");
    expect(stdout).not.toContain("Piped-in");
  });

  test.each<[string, string[], string | Buffer, string]>([
    ["a password that the store refuses", [], "short\n", "has less than 8 characters"],
    ["none at all", [], "\n", "the password is empty"],
    [
      "one that is no text",
      [],
      Buffer.from([0x70, 0xe4, 0x0a]),
      "the input holds a password that is no text in UTF-8",
    ],
    ["a file that is not there", ["--from-file", "/nowhere"], "", "cannot read --from-file /nowhere: ENOENT"],
    ["two places at once", ["--from-file", "a", "--from-secret", "b/c"], "", "exclude each other"],
    ["a Secret without a key", ["--from-secret", "b"], "", "must be NAME/KEY"],
  ])("says what is wrong with %s", async (_, words, input, why) => {
    const { code, stderr } = heard(await startRollcall(set(...words), {}, input).ended);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  });

  test("needs a target, a folder, and something to do", async () => {
    const target = ["--target", "people"];
    for (const [words, why] of [
      [["password", "set", "alice", ...folder.words], "name the target"],
      [["password", "set", "alice", ...target], "In a cluster change what the Target names"],
      [["password", "show", "alice", ...folder.words, ...target], "knows set and reset"],
      [["password", "reset", "bob", ...folder.words, ...target], "bob has no account in target people"],
      [["password", "reset", "alice", ...folder.words, "--target", "x"], "no target x is looked after"],
    ] as const) {
      const { code, stderr } = await run(...words);
      expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
    }
  });

  test("goes through a controller that has the state", async () => {
    const controller = new ControllerProcess(...folder.words);
    try {
      await controller.ready();
      const before = await delivered();
      expect(await run(...reset())).toMatchObject({ code: 0 });
      expect(await delivered()).not.toBe(before);
      expect(await logsIn(await delivered())).toBe(true);
      heard(await startRollcall(set(), {}, "Piped-in-1!\n").ended);
      expect(await logsIn("Piped-in-1!")).toBe(true);
      const unknown = await run("password", "reset", "alice", ...folder.words, "--target", "x");
      expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("no target x")]);
      expect(JSON.stringify(controller.lines) + said).not.toMatch(/Piped-in/);
    } finally {
      await controller.end("SIGTERM");
    }
  });
});
