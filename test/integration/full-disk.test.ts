import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { rollcall } from "../support/rollcall-process.ts";
import { ThreeStores } from "../support/three-stores.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

test("a disk without room for a CSV file leaves the file as it was, says so, and keeps no other store waiting", async () => {
  await using folder = await makeFolder("full-disk");
  const stores = await new ThreeStores(folder.path).make();
  await stores.people("ann");
  const strangers = Array.from({ length: 80_000 }, (_, n) => `N-${n},stranger${n},Elsewhere,active\n`);
  const before = (await stores.badges()) + strangers.join("");
  await writeFile(stores.path("badges.csv"), before);
  const files = await readdir(folder.path);
  const words = ["-f", stores.manifests, "--state", stores.path("state.db"), "--root", folder.path];
  // No file may grow past 2 MB, as on a disk that is full by then: any user can try that, unlike a file system of one's own.
  const script = 'ulimit -f 2048; exec "$0" "$@"';
  const apply = ["apply", "--yes", "--init", ...words];
  const failure = await promisify(execFile)("bash", ["-c", script, process.execPath, main, ...apply]).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  expect(failure).toMatchObject({ code: 2 });
  expect(failure.stdout + failure.stderr).toMatch(/cannot write badges\.csv: /);
  expect(await stores.badges()).toBe(before);
  expect((await readdir(folder.path)).filter((name) => !name.startsWith("state.db"))).toEqual(files);
  expect((await stores.directory()).accounts).toHaveLength(1);
  expect(stores.users()).toHaveLength(1);
  expect(await rollcall("apply", "--yes", ...words)).toMatchObject({ code: 0 });
  expect(await stores.badges()).toBe(`${before}E-ann,ann,Research,active\n`);
  expect(await rollcall("plan", ...words)).toMatchObject({ code: 0 });
});
