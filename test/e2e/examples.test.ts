import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examples } from "../support/examples/examples.ts";
import { makeFolder } from "../support/folder.ts";
import { startRollcall } from "../support/rollcall-process.ts";

const samples = join(import.meta.dirname, "../../manifests/examples");

test.each(examples)(
  "the sample manifests of $folder are planned, applied, and then there is nothing to do",
  async ({ folder: name, start, holds }) => {
    await using folder = await makeFolder("example");
    const manifests = join(folder.path, "manifests");
    await cp(join(samples, name), manifests, { recursive: true });
    await using store = await start(manifests);
    const file = join(manifests, "store.yaml");
    const sample = await readFile(file, "utf8");
    const mine = Object.entries(store.own).reduce((text, [theirs, own]) => {
      expect(text).toContain(theirs);
      return text.replaceAll(theirs, own);
    }, sample);
    await writeFile(file, mine);
    const place = ["-f", manifests, "--state", join(folder.path, "state.db"), ...(store.options ?? [])];
    const run = (...words: string[]) => startRollcall([...words, ...place], store.environment).ended;

    const plan = await run("plan", "--init", "-o", "json");
    expect(plan).toMatchObject({ code: 1 });
    const { hash } = JSON.parse(plan.stdout);
    expect(await run("apply", "--plan", hash)).toMatchObject({ code: store.finish ? 3 : 0 });
    await store.finish?.(run);
    expect(await store.read()).toEqual(holds);
    expect(await run("plan")).toMatchObject({ code: 0 });
  },
);
