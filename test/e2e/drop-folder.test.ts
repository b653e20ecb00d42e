import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const sample = new URL("../../manifests/examples/csv", import.meta.url).pathname;

const header = "number,login,full name,department,state,doors\n";
const charles = "1002,charles,Charles Babbage,Workshop,active,main entrance\n";
const ada = "1001,ada,Ada Lovelace,Research,active,main entrance;lab\n";

/** The example's badges as a drop folder that people answer for, with its first file. */
async function makeDrop() {
  const folder = await makeFolder("drop-folder");
  const manifests = join(folder.path, "manifests");
  const at = (name: string) => join(manifests, "drop", name);
  const store = join(manifests, "store.yaml");
  const drop = async (name: string, rows: string) => {
    await writeFile(at(name), `${header}${rows}`);
    await writeFile(at(`${name}.done`), "");
  };
  const edit = async (from: string, to: string) =>
    writeFile(store, (await readFile(store, "utf8")).replace(from, to));
  await cp(sample, manifests, { recursive: true });
  await mkdir(at(""));
  await rename(join(manifests, "badges.csv"), at("badges-1.csv"));
  await writeFile(at("badges-1.csv.done"), "");
  await edit("file: badges.csv", 'folder: { path: drop, pattern: "badges-*.csv", done: .done }');
  await edit("mode: Enforce", "mode: Enforce\n  tasks: { owner: desk }");
  const place = ["-f", manifests, "--state", join(folder.path, "state.db")];
  return {
    at,
    drop,
    edit,
    run: (...words: string[]) => rollcall(...words, ...place),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("a drop folder that people answer for: what is missing in a file becomes tasks, and the next complete file closes them", async () => {
  await using feed = await makeDrop();
  const { at, drop, run } = feed;
  const { hash } = JSON.parse((await run("plan", "--init", "-o", "json")).stdout);
  await run("apply", "--plan", hash);
  const open = await run("task", "list");
  expect(open.stdout).toMatch(/ada .*create; grant main entrance, lab .*desk .*Open/);
  expect(open.stdout).toMatch(/charles .*update fullName .*desk .*Open/);

  await writeFile(at("badges-2.csv"), `${header}${charles}`);
  await run("apply", "--yes");
  expect((await run("task", "list")).stdout).toEqual(open.stdout);

  await writeFile(at("badges-2.csv.done"), "");
  await run("apply", "--yes");
  expect((await run("task", "list")).stdout).not.toMatch(/charles/);

  await drop("badges-3.csv", charles + ada);
  expect(await run("apply", "--yes")).toMatchObject({ code: 0 });
  expect(await run("plan")).toMatchObject({ code: 0 });
  expect((await run("task", "list")).stdout).not.toMatch(/Open/);

  await Promise.all(["1", "2", "3"].map((n) => rm(at(`badges-${n}.csv`))));
  expect(await run("plan")).toMatchObject({ code: 2, stdout: expect.stringMatching(/no complete file/) });
});

test("a drop folder whose newest file was taken away: every later process refuses the older one, until the Store says that it is right", async () => {
  await using feed = await makeDrop();
  const { at, drop, edit, run } = feed;
  await drop("badges-2.csv", charles + ada);
  const { hash } = JSON.parse((await run("plan", "--init", "-o", "json")).stdout);
  await run("apply", "--plan", hash);

  await drop("badges-3.csv", charles);
  expect((await run("plan")).stdout).toMatch(/ada/);
  await rm(at("badges-3.csv"));
  // A plan only looks: nothing has been done for what it saw.
  expect(await run("plan")).toMatchObject({ code: 0 });

  await rm(at("badges-2.csv"));
  const refused =
    /newest complete file badges-1.csv is older than badges-2.csv, which was read before; put that back/;
  for (const words of [["plan"], ["apply", "--yes"]])
    expect(await run(...words)).toMatchObject({ code: 2, stdout: expect.stringMatching(refused) });
  expect((await run("task", "list")).stdout).not.toMatch(/Open/);

  await edit("done: .done", "done: .done, except: [badges-2.csv]");
  expect(await run("apply", "--yes")).toMatchObject({ code: 3, stdout: expect.stringMatching(/charles/) });
});
