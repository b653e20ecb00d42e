import { mkdir, readdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Folder, makeFolder } from "../../../test/support/folder.ts";
import type { Summary } from "../../engine/exports/content.ts";
import { exportDesk } from "./file.ts";

let folder: Folder;
let ids = 0;

beforeEach(async () => {
  folder = await makeFolder("desk");
});

afterEach(() => folder.remove());

const at = (name: string) => join(folder.path, name);
const text = (name: string) => readFile(at(name), "utf8");
const desk = () => exportDesk(folder.path, () => `id-${++ids}`);

async function* content(...pieces: (string | Error)[]): AsyncGenerator<Uint8Array, Summary> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece);
  }
  return { rows: pieces.length, sha256: "ab" };
}

const write = (file: string, ...pieces: (string | Error)[]) =>
  desk().write(file, content(...pieces), { checksum: false });

describe("the file of an export", () => {
  test("is replaced whole, and tells what was written", async () => {
    await writeFile(at("a.csv"), "something longer than what comes");
    expect(await write("a.csv", "one\n", "two\n")).toEqual({ rows: 2, sha256: "ab" });
    expect(await text("a.csv")).toBe("one\ntwo\n");
    expect(await readdir(folder.path)).toEqual(["a.csv"]);
  });

  test("that cannot be begun is told of in the same words each time", async () => {
    const message = "cannot write no/a.csv: its folder is not there; make it, or correct the name";
    await expect(write("no/a.csv", "one\n")).rejects.toMatchObject({ kind: "Unavailable", message });
  });

  test("stays as it was while a new one is written, and where that fails", async () => {
    await writeFile(at("a.csv"), "old");
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array, Summary> {
      yield Buffer.from("new");
      await held;
      throw new Error("the store is away");
    }
    const writing = desk().write("a.csv", slow(), { checksum: true });
    expect(await text("a.csv")).toBe("old");
    release();
    await expect(writing).rejects.toThrow("the store is away");
    expect(await readdir(folder.path)).toEqual(["a.csv"]);
    expect(await text("a.csv")).toBe("old");
  });

  test("is one of those that were written at the same time, whole", async () => {
    const pieces = (letter: string) => Array.from({ length: 50 }, () => letter.repeat(1_000));
    await Promise.all(["a", "b", "c"].map((letter) => write("same.csv", ...pieces(letter))));
    expect(await text("same.csv")).toMatch(/^(a{50000}|b{50000}|c{50000})$/);
    expect(await readdir(folder.path)).toEqual(["same.csv"]);
  });

  test("leaves nothing behind that a killed process has begun, once that is old, and nothing else's", async () => {
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const name of [".a.csv.dead.rollcall", ".a.csv.sha256.dead.rollcall", ".b.csv.dead.rollcall"]) {
      await writeFile(at(name), "begun");
      await utimes(at(name), old, old);
    }
    await writeFile(at(".a.csv.alive.rollcall"), "begun");
    await write("a.csv", "new");
    expect((await readdir(folder.path)).sort()).toEqual([
      ".a.csv.alive.rollcall",
      ".b.csv.dead.rollcall",
      "a.csv",
    ]);
  });

  test.each([
    ["../a.csv", "it lies outside"],
    ["/etc/a.csv", "it lies outside"],
    ["sub/../../a.csv", "it lies outside"],
    ["linked/a.csv", "its folder is a link"],
    ["linked/below/a.csv", "its folder is a link"],
    ["link.csv", "is a link or no file"],
    ["dangling.csv", "is a link or no file"],
    ["sub", "is a link or no file"],
  ])("cannot be %s", async (file, why) => {
    await mkdir(at("sub/below"), { recursive: true });
    await writeFile(at("real.csv"), "old");
    await symlink(at("sub"), at("linked"));
    await symlink(at("real.csv"), at("link.csv"));
    await symlink(at("nowhere"), at("dangling.csv"));
    await expect(write(file, "new")).rejects.toThrow(why);
    expect(await text("real.csv")).toBe("old");
    expect(await readdir(at("sub"))).toEqual(["below"]);
  });

  test("is nowhere without a root", async () => {
    const nowhere = exportDesk(undefined, () => "id");
    await expect(nowhere.write("a.csv", content("x"), { checksum: false })).rejects.toThrow(
      "cannot write a.csv: the controller has no --root to write below",
    );
    expect(await nowhere.has("a.csv")).toBe(false);
  });

  test("is known to be there, or not", async () => {
    await writeFile(at("a.csv"), "");
    expect([await desk().has("a.csv"), await desk().has("b.csv"), await desk().has("../a.csv")]).toEqual([
      ...[true, false, false],
    ]);
  });
});
