import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeFolder } from "./support/folder.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

test("the packed tarball installs into an empty folder, and its command runs there", {
  timeout: 600_000,
}, async () => {
  await using folder = await makeFolder("package");
  await run("npm", ["pack", "--pack-destination", folder.path], { cwd: root });
  const tarballs = await readdir(folder.path);
  expect(tarballs).toEqual([expect.stringMatching(/^rollcall-.*\.tgz$/)]);

  const inFolder = ["--prefix", folder.path, "--prefer-offline"];
  await run("npm", ["install", ...inFolder, join(folder.path, String(tarballs[0]))], { cwd: folder.path });
  const { stdout } = await run("npm", ["exec", ...inFolder, "--", "rollcall", "version"], {
    cwd: folder.path,
  });

  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect(stdout).toContain(version);
});
