import { mkdir, rm, symlink, utimes } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { apply, call, makeFiles, namesIn, newAccount } from "../../../test/support/file-store.ts";
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

  it("is read anew when a newer file arrives", async () => {
    await using files = await makeDrop({ "p-1.csv": 200 });
    const connector = files.connect();
    expect(await namesIn(connector)).toEqual(["p-1"]);
    await files.drop("p-2.csv", 100);
    expect(await namesIn(connector)).toEqual(["p-2"]);
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

describe("a drop folder whose newest file was taken away", () => {
  const older = (is: string, than: string, cure = `list ${than} in folder.except of the Store`) => ({
    kind: "Unavailable",
    message: expect.stringMatching(
      new RegExp(`^cannot read drop: .* file ${is} is older than ${than}, .*; put that back, .* ${cure}$`),
    ),
  });

  it("is not read from an older one, by whatever connection", async () => {
    await using files = await makeDrop({ "p-1.csv": 200, "p-2.csv": 100 });
    const connector = files.connect();
    await namesIn(connector);
    await rm(files.at("drop/p-2.csv"));
    await expect(namesIn(connector)).rejects.toMatchObject(older("p-1.csv", "p-2.csv"));
    const another = files.connect();
    await expect(namesIn(another)).rejects.toMatchObject(older("p-1.csv", "p-2.csv"));
    await expect(another.fetch(["p-1"], call)).rejects.toMatchObject({ kind: "Unavailable" });
    await files.drop("p-3.csv", 100);
    expect(await namesIn(another)).toEqual(["p-3"]);
  });

  it("is read again when that is put back, or rewritten", async () => {
    await using files = await makeDrop({ "p-1.csv": 200, "p-2.csv": 100 });
    await namesIn(files.connect());
    await rm(files.at("drop/p-2.csv"));
    await files.drop("p-2.csv", 300);
    expect(await namesIn(files.connect())).toEqual(["p-2"]);
  });

  it("goes back to the older one when the Store says that it does not count", async () => {
    await using files = await makeDrop({ "p-1.csv": 200, "p-2.csv": 100 });
    await namesIn(files.connect());
    const corrected = { except: ["p-2.csv"] };
    expect(await namesIn(files.connect(corrected))).toEqual(["p-1"]);
    await files.drop("p-3.csv", 100);
    expect(await namesIn(files.connect(corrected))).toEqual(["p-3"]);
    await rm(files.at("drop/p-3.csv"));
    await expect(namesIn(files.connect(corrected))).rejects.toMatchObject(older("p-1.csv", "p-3.csv"));
  });

  it("by time says the times, as the name may be the same", async () => {
    await using files = await makeDrop({ "p-2.csv": 100 });
    const connector = files.connect({ newest: "Time" });
    await namesIn(connector);
    await files.drop("p-2.csv", 300);
    const time = "p-2.csv of [0-9]{4}-.*T.*Z";
    await expect(namesIn(connector)).rejects.toMatchObject(older(time, time, "touch p-2.csv"));
    await files.drop("p-1.csv", 50);
    expect(await namesIn(connector)).toEqual(["p-1"]);
  });

  it("may be read from the older one as long as the newer one was never read whole", async () => {
    await using files = await makeDrop({ "p-1.csv": 200 });
    const connector = files.connect();
    await namesIn(connector);
    await files.write("drop/p-2.csv", "login,mail\nada,");
    await utimes(files.at("drop/p-2.csv"), 1_000, 1_000);
    await expect(namesIn(connector)).rejects.toMatchObject({ message: expect.stringMatching(/p-2.csv/) });
    await rm(files.at("drop/p-2.csv"));
    expect(await namesIn(connector)).toEqual(["p-1"]);
  });

  it("is not read from the older one by another target of the store, nor where there is no notebook", async () => {
    await using files = await makeDrop({ "p-1.csv": 200, "p-2.csv": 100 });
    const environment = { path: files.at, secret: () => Promise.reject(new Error("no secrets here")) };
    const block = csvConnector.storeSchema.parse({ folder: { path: "drop", pattern: "p-*.csv" } });
    const connection = csvConnector.connect(block, environment);
    const target = (key: string) =>
      connection.target({ block: csvConnector.targetSchema.parse({ key }), attributes: [] });
    const [one, other] = [target("login"), target("mail")];
    await namesIn(one);
    await rm(files.at("drop/p-2.csv"));
    await expect(namesIn(other)).rejects.toMatchObject(older("p-1.csv", "p-2.csv"));
  });

  it("is not forgotten when an older file was still being read as the newer one came", async () => {
    await using files = await makeDrop({ "p-1.csv": 200 });
    const slow = files.connect().scan("accounts", call)[Symbol.asyncIterator]();
    await slow.next();
    await files.drop("p-2.csv", 100);
    await namesIn(files.connect());
    while (!(await slow.next()).done);
    await rm(files.at("drop/p-2.csv"));
    await expect(namesIn(files.connect())).rejects.toMatchObject(older("p-1.csv", "p-2.csv"));
  });

  it("begins anew when the Store asks for other files of it", async () => {
    await using files = await makeDrop({ "p-1.csv": 100, "a-1.csv": 200 });
    await namesIn(files.connect());
    expect(await namesIn(files.connect({ pattern: "a-*.csv" }))).toEqual(["a-1"]);
  });
});

describe("what a drop folder remembers", () => {
  it("is written when a newer file was read, and not again", async () => {
    await using files = await makeDrop({ "p-1.csv": 200 });
    const connector = files.connect();
    await connector.marker?.(call);
    expect(files.notes).toEqual(new Map());
    await namesIn(connector);
    expect([...files.notes.values()].join()).toMatch(/p-1.csv/);
    files.notes.set = () => expect.unreachable();
    await namesIn(connector);
    await connector.fetch(["p-1"], call);
    await namesIn(files.connect());
  });

  it("stops everything when it is not as it was written, or cannot be written", async () => {
    await using files = await makeDrop({ "p-1.csv": 200 });
    files.notes.set = () => {
      throw new Error("disk full");
    };
    await expect(namesIn(files.connect())).rejects.toMatchObject({
      kind: "Unavailable",
      message: "cannot remember that p-1.csv of drop was read: disk full",
    });
    Map.prototype.set.call(files.notes, "newest file of drop", "{}");
    await expect(namesIn(files.connect())).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(/^cannot tell which file of drop was read last: .*restore the state/),
    });
  });
});
