import { watch } from "node:fs";
import { appendFile, cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { rollcall, startRollcall } from "../support/rollcall-process.ts";

const samples = new URL("../../manifests/examples/", import.meta.url).pathname;

test("a file is the old one or the new one when Rollcall is killed while it writes, and what is left behind hinders nobody", async () => {
  await using folder = await makeFolder("killed");
  const manifests = join(folder.path, "manifests");
  const file = join(manifests, "badges.csv");
  await cp(join(samples, "csv"), manifests, { recursive: true });
  const strangers = Array.from({ length: 200_000 }, (_, n) => `N-${n},stranger${n},,Elsewhere,active,\r\n`);
  await appendFile(file, strangers.join(""));
  const [before, files] = [await readFile(file, "utf8"), await readdir(manifests)];
  const words = ["--yes", "-f", manifests, "--state", join(folder.path, "state.db")];

  const begun = Promise.withResolvers<void>();
  // Before it starts: what is written while nobody watches is never told.
  const watcher = watch(manifests, (_, name) => {
    if (name === ".badges.csv.rollcall") begun.resolve();
  });
  const apply = startRollcall(["apply", "--init", ...words]);
  await begun.promise;
  apply.signal("SIGKILL");
  watcher.close();
  await apply.ended;
  const after = await readFile(file, "utf8");
  expect(after.slice(0, before.length)).toBe(before);
  expect(["", "1001,ada"]).toContain(after.slice(before.length).slice(0, 8));

  // The sample leaves the adoption of charles to a person.
  expect(await rollcall("apply", ...words)).toMatchObject({ code: 3 });
  expect(await readFile(file, "utf8")).toBe(
    `${before}1001,ada,Ada Lovelace,Research,active,main entrance;lab\r\n`,
  );
  expect(await readdir(manifests)).toEqual(files);
});
