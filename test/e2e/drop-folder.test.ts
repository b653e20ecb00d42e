import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const sample = new URL("../../manifests/examples/csv", import.meta.url).pathname;

test("a drop folder that people answer for: what is missing in a file becomes tasks, and the next complete file closes them", async () => {
  await using folder = await makeFolder("drop-folder");
  const manifests = join(folder.path, "manifests");
  const drop = join(manifests, "drop");
  await cp(sample, manifests, { recursive: true });
  await mkdir(drop);
  await rename(join(manifests, "badges.csv"), join(drop, "badges-1.csv"));
  await writeFile(join(drop, "badges-1.csv.done"), "");
  const store = await readFile(join(manifests, "store.yaml"), "utf8");
  const changed = store
    .replace("file: badges.csv", 'folder: { path: drop, pattern: "badges-*.csv", done: .done }')
    .replace("mode: Enforce", "mode: Enforce\n  tasks: { owner: desk }");
  await writeFile(join(manifests, "store.yaml"), changed);
  const place = ["-f", manifests, "--state", join(folder.path, "state.db")];
  const run = (...words: string[]) => rollcall(...words, ...place);

  const { hash } = JSON.parse((await run("plan", "--init", "-o", "json")).stdout);
  await run("apply", "--plan", hash);
  const open = await run("task", "list");
  expect(open.stdout).toMatch(/ada .*create; grant main entrance, lab .*desk .*Open/);
  expect(open.stdout).toMatch(/charles .*update fullName .*desk .*Open/);

  const header = "number,login,full name,department,state,doors\n";
  const charles = "1002,charles,Charles Babbage,Workshop,active,main entrance\n";
  await writeFile(join(drop, "badges-2.csv"), `${header}${charles}`);
  await run("apply", "--yes");
  expect((await run("task", "list")).stdout).toEqual(open.stdout);

  await writeFile(join(drop, "badges-2.csv.done"), "");
  await run("apply", "--yes");
  expect((await run("task", "list")).stdout).not.toMatch(/charles/);

  const ada = "1001,ada,Ada Lovelace,Research,active,main entrance;lab\n";
  await writeFile(join(drop, "badges-3.csv"), `${header}${charles}${ada}`);
  await writeFile(join(drop, "badges-3.csv.done"), "");
  expect(await run("apply", "--yes")).toMatchObject({ code: 0 });
  expect(await run("plan")).toMatchObject({ code: 0 });
  expect((await run("task", "list")).stdout).not.toMatch(/Open/);

  await Promise.all(["1", "2", "3"].map((n) => rm(join(drop, `badges-${n}.csv`))));
  expect(await run("plan")).toMatchObject({ code: 2, stdout: expect.stringMatching(/no complete file/) });
});
