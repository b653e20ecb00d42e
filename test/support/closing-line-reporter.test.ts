import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeFolder } from "./folder.ts";

const modules = join(import.meta.dirname, "../../node_modules");

const config = `
import { ClosingLineReporter } from "${import.meta.dirname}/closing-line-reporter.ts";
export default { test: { reporters: ["default", new ClosingLineReporter()] } };
`;

test.each([
  ["tests alone", `test("a", () => {}); test("b", () => {});`, "2 passed, 0 failed"],
  [
    "a failed test",
    `test("a", () => {}); test("b", () => { throw new Error("no"); });`,
    "1 passed, 1 failed",
  ],
  ["a file that does not load", `import "./nowhere.ts"; test("a", () => {});`, "0 passed, 1 failed"],
  [
    "a preparation that fails, so that its tests do not run",
    `describe("d", () => { beforeAll(() => { throw new Error("no"); }); test("a", () => {}); });`,
    "0 passed, 1 failed",
  ],
  [
    "an error outside of any test",
    `test("a", () => void Promise.reject(new Error("no")));`,
    "1 passed, 1 failed",
  ],
])("the last line counts %s", async (_, code, line) => {
  await using folder = await makeFolder();
  await symlink(modules, join(folder.path, "node_modules"));
  await writeFile(join(folder.path, "vitest.config.ts"), config);
  const imports = `import { beforeAll, describe, test } from "vitest";\n`;
  await writeFile(join(folder.path, "sample.test.ts"), imports + code);
  expect(await lastLineOfVitest(folder.path)).toBe(line);
});

async function lastLineOfVitest(folder: string): Promise<string | undefined> {
  const vitest = [join(modules, "vitest/vitest.mjs"), "run", "--root", folder];
  const run = promisify(execFile)(process.execPath, vitest, { cwd: folder });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  expect(stdout.endsWith("\n")).toBe(true);
  return stdout.trimEnd().split("\n").at(-1);
}
