import { execFile } from "node:child_process";
import { access, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";

const run = promisify(execFile);
const script = join(import.meta.dirname, "../../scripts/demo.ts");

test("the demo runs to its end, and leaves files to look at", { timeout: 600_000 }, async () => {
  await using folder = await makeFolder("demo");
  const { stdout } = await run(process.execPath, [script], { cwd: folder.path });
  for (const line of [
    "Plan: 5 adopts, 150 creates, 286 grants.",
    "✓ the order application has 24 more users, with their roles",
    "Applied: 3 updates, 2 grants, 2 revokes.",
    "✓ it is the same user with the same id, active again",
    "✓ all 58 badges open doors still",
    "✓ 52 badges open doors now",
    "If department=Research:",
    "The same on OpenLDAP and PostgreSQL",
    "approved by maja.horvat",
    "Everything above is in ./demo",
  ])
    expect(stdout).toContain(line);
  const left = await readdir(join(folder.path, "demo"));
  expect(left).toEqual(expect.arrayContaining(["manifests", "output", "state.db", "stores"]));
});

test("the demo leaves a folder alone that it has not made", async () => {
  await using folder = await makeFolder("demo");
  const precious = join(folder.path, "demo", "precious");
  await mkdir(precious, { recursive: true });
  const failure = await run(process.execPath, [script], { cwd: folder.path }).catch((error) => error);
  expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining("is in the way") });
  await access(precious);
});
