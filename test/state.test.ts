import { execFile } from "node:child_process";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations } from "../src/state/migrations.ts";
import { openState, stateIdAt } from "../src/state/open.ts";
import { type Folder, makeFolder } from "./support/folder.ts";
import { check } from "./support/state/kills.ts";
import { collect, link } from "./support/state/samples.ts";
import { describeState } from "./support/state/suite.ts";

const writing = { realm: "default", mode: "write" } as const;
const making = { ...writing, initialise: true } as const;

let folder: Folder;
let places = 0;
beforeAll(async () => {
  folder = await makeFolder("state");
});
afterAll(() => folder.remove());

async function freshPlace(): Promise<string> {
  places += 1;
  return join(folder.path, String(places), "state.db");
}

describeState({ freshPlace, sequences: 60 });

test("another realm's state is foreign", async () => {
  const place = await freshPlace();
  await (await openState(place, making)).close();
  for (const options of [{ mode: "read" }, writing, making] as const) {
    const opened = openState(place, { ...options, realm: "other" });
    await expect(opened).rejects.toMatchObject({
      kind: "Foreign",
      message: expect.stringContaining("realm default"),
    });
  }
});

test("a state of the first schema, without an epoch, is brought up to date with all that it keeps", async () => {
  const place = await freshPlace();
  await mkdir(dirname(place));
  const old = new DatabaseSync(place);
  for (const sql of migrations[0]!.sql) old.exec(sql.replace("seq sequence", "seq INTEGER PRIMARY KEY"));
  old.exec("INSERT INTO migrations VALUES (1, 'first schema', 0)");
  old.exec("INSERT INTO state VALUES ('kept', 'default', 'secret', 'r', 'process 1 on old')");
  old.close();
  expect(await stateIdAt(place, "default")).toBe("kept");
  await expect(openState(place, { realm: "default", mode: "read" })).rejects.toMatchObject({ kind: "Older" });
  const state = await openState(place, writing);
  expect([state.id, state.digestKey, state.epoch]).toEqual(["kept", "secret", 1]);
  await state.close();
});

test("a process that has the file open cannot be cut off: taking over is refused as ever", async () => {
  const place = await freshPlace();
  const first = await openState(place, making);
  await expect(openState(place, { ...writing, takeOver: true })).rejects.toMatchObject({ kind: "Locked" });
  await first.finish({ links: [link("alice")] });
  await first.close();
});

test("the state's files are for their owner alone", async () => {
  const place = await freshPlace();
  const state = await openState(place, making);
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  const modes = [dirname(place), place, `${place}.lock`, `${place}-wal`].map(mode);
  expect(await Promise.all(modes)).toEqual(["700", "600", "600", "600"]);
  await state.close();
});

test("what a crash left of a state that was being made is no state, and is made anew", async () => {
  const place = await freshPlace();
  await mkdir(dirname(place));
  await writeFile(place, "");
  await expect(openState(place, writing)).rejects.toMatchObject({ kind: "NoState" });
  await (await openState(place, making)).close();
  await (await openState(place, writing)).close();
});

test("another program's file is refused and left as it is", async () => {
  const place = await freshPlace();
  await mkdir(dirname(place));
  await writeFile(place, "name,mail\n".repeat(200));
  await expect(openState(place, making)).rejects.toMatchObject({ kind: "Foreign" });
  expect(await readFile(place, "utf8")).toMatch(/^name,mail/);

  const database = await freshPlace();
  await mkdir(dirname(database));
  new DatabaseSync(database).exec("CREATE TABLE links (url text)");
  const message = expect.stringContaining("another program's database");
  const before = await readFile(database);
  await expect(openState(database, making)).rejects.toMatchObject({ kind: "Foreign", message });
  expect((await readFile(database)).equals(before)).toBe(true);
});

test("a place that cannot be is an error that names it", async () => {
  const place = await freshPlace();
  await mkdir(dirname(place));
  await writeFile(place, "");
  const below = join(place, "state.db");
  await expect(openState(below, making)).rejects.toMatchObject({
    kind: "Denied",
    message: expect.stringContaining(below),
  });
  await expect(openState(dirname(place), making)).rejects.toMatchObject({ kind: "Denied" });
});

test("a writer whose lock file somebody removed is overtaken, not mixed up with the next one", async () => {
  const place = await freshPlace();
  const first = await openState(place, making);
  await rm(`${place}.lock`);
  const second = await openState(place, writing);
  await expect(first.finish({ links: [link("alice")] })).rejects.toMatchObject({ kind: "Locked" });
  await second.finish({ links: [link("bob")] });
  expect(await collect(second.links("people"))).toEqual([link("bob")]);
  await Promise.all([first.close(), second.close()]);
});

test("a full disk is a clear error, with nothing half written", async () => {
  const place = await freshPlace();
  await (await openState(place, making)).close();
  const child = fileURLToPath(new URL("support/state/kill-child.ts", import.meta.url));
  // No file may grow past 1 MB: what SQLite then gets is what a full disk gives.
  const script = 'ulimit -f 2048; exec "$0" "$@"';
  const run = promisify(execFile)("sh", ["-c", script, process.execPath, child, place, "0"], {
    maxBuffer: 1e8,
  });
  const failure = await run.catch((error) => error);
  expect(failure.stderr).toMatch(/cannot write to state .*state\.db: .*; make room on the disk/);
  const state = await openState(place, writing);
  await check(state, failure.stdout.trimEnd().split("\n"), 0);
  await state.close();
});

test("the event loop turns while a long transaction is written and while a long table is read", async () => {
  const state = await openState(await freshPlace(), making);
  const turnsDuring = async (work: Promise<unknown>) => {
    let done = false;
    const ended = work.finally(() => {
      done = true;
    });
    let turns = 0;
    for (; !done; turns += 1) await breathe();
    await ended;
    return turns;
  };
  const links = Array.from({ length: 10_000 }, (_, index) => link(`user-${index}`));
  expect(await turnsDuring(state.finish({ links }))).toBeGreaterThanOrEqual(19);
  expect(await turnsDuring(collect(state.links("people")))).toBeGreaterThanOrEqual(9);
  await state.close();
});

test("a state in memory needs no place and leaves nothing behind", async () => {
  const state = await openState(":memory:", making);
  await state.finish({ links: [link("alice")] });
  expect(await collect(state.links("people"))).toEqual([link("alice")]);
  await state.close();
  await expect(stat(":memory:.lock")).rejects.toMatchObject({ code: "ENOENT" });
});
