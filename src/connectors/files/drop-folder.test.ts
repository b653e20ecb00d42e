import { mkdir, rm, symlink, utimes } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { apply, makeFiles, namesIn, newAccount } from "../../../test/support/file-store.ts";
import { csvConnector } from "../csv/csv.ts";

/** Files that were dropped so many seconds ago. */
async function makeDrop(names: Readonly<Record<string, number>>) {
  const files = await makeFiles();
  await mkdir(files.at("drop"));
  const drop = async (name: string, ago: number) => {
    const who = name.replace(/[.].*$/, "");
    await files.write(`drop/${name}`, `login,mail\n${who},m\n`);
    const then = Date.now() / 1_000 - ago;
    await utimes(files.at(`drop/${name}`), then, then);
  };
  for (const [name, ago] of Object.entries(names)) await drop(name, ago);
  const connect = (block: object = {}) =>
    files.connect(csvConnector, { folder: { path: "drop", pattern: "p-*.csv", ...block } });
  return { ...files, drop, connect };
}

describe("a drop folder", () => {
  it("is its last file by name, or by time where that is said", async () => {
    await using files = await makeDrop({ "p-1.csv": 100, "p-3.csv": 300, "p-2.csv": 200, "q-9.csv": 100 });
    expect(await namesIn(files.connect())).toEqual(["p-3"]);
  });

  it("is its last file by time where that is said", async () => {
    await using files = await makeDrop({ "p-1.csv": 100, "p-3.csv": 300, "p-2.csv": 200 });
    expect(await namesIn(files.connect({ newest: "Time" }))).toEqual(["p-1"]);
  });

  it("passes over files that somebody changed a moment ago, and those that begin with a dot", async () => {
    await using files = await makeDrop({ "p-1.csv": 100, "p-2.csv": 0, ".p-3.csv": 100 });
    expect(await namesIn(files.connect())).toEqual(["p-1"]);
    expect(await namesIn(files.connect({ settle: "0s" }))).toEqual(["p-2"]);
  });

  it("passes over files without their mark of completion, however old", async () => {
    await using files = await makeDrop({ "p-1.csv": 0, "p-1.csv.done": 0, "p-2.csv": 100 });
    expect(await namesIn(files.connect({ done: ".done" }))).toEqual(["p-1"]);
  });

  it("is read anew when a newer file arrives, and never from an older one again", async () => {
    await using files = await makeDrop({ "p-1.csv": 200 });
    const connector = files.connect();
    expect(await namesIn(connector)).toEqual(["p-1"]);
    await files.drop("p-2.csv", 100);
    expect(await namesIn(connector)).toEqual(["p-2"]);
    await rm(files.at("drop/p-2.csv"));
    const older = {
      kind: "Unavailable",
      message: expect.stringMatching(/p-1.csv is older than p-2.csv, .*put/),
    };
    await expect(namesIn(connector)).rejects.toMatchObject(older);
    // Nor by another connection of the same process.
    await expect(namesIn(files.connect())).rejects.toMatchObject(older);
  });

  it("begins anew when the Store asks for other files of it", async () => {
    await using files = await makeDrop({ "p-1.csv": 100, "a-1.csv": 200 });
    await namesIn(files.connect());
    expect(await namesIn(files.connect({ pattern: "a-*.csv" }))).toEqual(["a-1"]);
  });

  it("without a complete file is Unavailable", async () => {
    await using files = await makeDrop({ "p-1.csv": 0 });
    await expect(namesIn(files.connect())).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(/cannot read drop: .*no complete file p-\*.csv/),
    });
  });

  it("whose newest file is a link to the outside is Denied", async () => {
    await using elsewhere = await makeDrop({ "p-9.csv": 100 });
    await using files = await makeDrop({ "p-1.csv": 100 });
    await symlink(elsewhere.at("drop/p-9.csv"), files.at("drop/p-9.csv"));
    await expect(namesIn(files.connect())).rejects.toMatchObject({ kind: "Denied" });
  });

  it("is only read, and says so", async () => {
    await using files = await makeDrop({ "p-1.csv": 100 });
    const connector = files.connect();
    const { create, update, rename, disable } = connector.capabilities;
    expect([create, update, rename, disable, connector.capabilities.delete]).toEqual(Array(5).fill(false));
    expect(await apply(connector, newAccount("bob"))).toMatchObject([
      { ok: false, error: { kind: "Denied" } },
    ]);
    expect(await files.read("drop/p-1.csv")).toBe("login,mail\np-1,m\n");
  });
});
