import { execFile } from "node:child_process";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Runs a command where the folder is mounted read-only; a machine that lets nobody mount takes the right to write it away instead. */
const readOnly = `
if unshare --map-root-user --mount true; then
  exec unshare --map-root-user --mount bash -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"' "$@"
fi
chmod u-w "$1" && shift && exec "$@"`;

test.each([
  ["csv", "badges.csv"],
  ["jsonl", "users.jsonl"],
])(
  "a %s file on a read-only mount stays as it is; that is said, and made good when it can be written",
  async (name, file) => {
    await using folder = await makeFolder("read-only");
    const manifests = join(folder.path, "manifests");
    await cp(join(root, "manifests/examples", name), manifests, { recursive: true });
    const before = await readFile(join(manifests, file), "utf8");
    const files = await readdir(manifests);
    const words = ["-f", manifests, "--state", join(folder.path, "state.db")];
    const apply = [process.execPath, join(root, "src/main.ts"), "apply", "--yes", "--init", ...words];
    const failure = await promisify(execFile)("bash", ["-c", readOnly, "bash", manifests, ...apply]).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect(failure).toMatchObject({ code: 2 });
    expect(failure.stdout + failure.stderr).toMatch(`cannot write ${file}: `);
    expect(await readFile(join(manifests, file), "utf8")).toBe(before);
    expect(await readdir(manifests)).toEqual(files);
    // The sample leaves the adoption of charles to a person.
    expect(await rollcall("apply", "--yes", ...words)).toMatchObject({ code: 3 });
    const after = await readFile(join(manifests, file), "utf8");
    expect(after.slice(0, before.length)).toBe(before);
    expect(after.slice(before.length)).toMatch(/\bada\b/);
  },
);
