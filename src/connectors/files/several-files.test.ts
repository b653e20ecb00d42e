import { symlink, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { apply, call, makeFiles, namesIn, newAccount, newMail } from "../../../test/support/file-store.ts";
import { csvConnector } from "../csv/csv.ts";

const staff = "login,mail\nalice,1\n";
const guests = "mail,login\r\n2,bob\r\n";

describe("several files that are one store", () => {
  it("are read as one, each by its own header", async () => {
    await using files = await makeFiles({ staff, guests });
    const connector = files.connect(csvConnector, { files: ["staff", "guests"] });
    expect(await namesIn(connector)).toEqual(["alice", "bob"]);
    const records = await connector.fetch(["bob", "alice"], call);
    expect(records.map(({ name, attributes }) => [name, attributes.mail])).toEqual([
      ["alice", ["1"]],
      ["bob", ["2"]],
    ]);
    expect(await connector.find([{ keys: { mail: "2" } }], call)).toMatchObject([[{ name: "bob" }]]);
  });

  it("keep each account in its own, and get the new ones where newRows says", async () => {
    await using files = await makeFiles({ staff, guests });
    const connector = files.connect(csvConnector, { files: ["staff", "guests"], newRows: "guests" });
    const changes = [newMail("alice", "x"), newMail("bob", "y", 2), newAccount("carol", 3)];
    expect((await apply(connector, ...changes)).every(({ ok }) => ok)).toBe(true);
    expect(await files.read("staff")).toBe("login,mail\nalice,x\n");
    expect(await files.read("guests")).toBe("mail,login\r\ny,bob\r\n,carol\r\n");
  });

  it("get the new accounts in the first one by default", async () => {
    await using files = await makeFiles({ staff, guests });
    await apply(files.connect(csvConnector, { files: ["staff", "guests"] }), newAccount("carol"));
    expect(await files.read("staff")).toBe("login,mail\nalice,1\ncarol,\n");
  });

  it("have no key in common: Unavailable, by file and line", async () => {
    await using files = await makeFiles({ staff, guests: "mail,login\n3,carol\n2,alice\n" });
    await expect(namesIn(files.connect(csvConnector, { files: ["staff", "guests"] }))).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(
        /cannot read guests: line 2 of staff and line 3 have the same login, alice/,
      ),
    });
  });

  it.each(["staff", "./staff", "link"])("are not one file twice: staff and %s", async (again) => {
    await using files = await makeFiles({ staff: "login,mail\n" });
    await symlink(files.at("staff"), files.at("link"));
    const connector = files.connect(csvConnector, { files: ["staff", again] });
    await expect(namesIn(connector)).rejects.toMatchObject({
      kind: "Invalid",
      message: `cannot use ${again}: it is the same file as staff; name it once`,
    });
  });

  it("are no store while one of them is missing", async () => {
    await using files = await makeFiles({ staff });
    await expect(namesIn(files.connect(csvConnector, { files: ["staff", "guests"] }))).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(/cannot read guests/),
    });
  });

  it("lose no change for one of them that cannot be written", async () => {
    await using files = await makeFiles({ staff, guests });
    const connector = files.connect(csvConnector, { files: ["staff", "guests"] });
    await namesIn(connector);
    await writeFile(files.at(".guests.lock"), "1 another-host 1\n");
    const [alice, bob] = await apply(connector, newMail("alice", "x"), newMail("bob", "y", 2));
    expect(alice).toMatchObject({ ok: true });
    expect(bob).toMatchObject({ ok: false, error: { kind: "Retryable" } });
    expect(await files.read("staff")).toBe("login,mail\nalice,x\n");
    expect(await files.read("guests")).toBe(guests);
  });

  it("are not to be named together with one, nor newRows outside of them", () => {
    for (const block of [
      {},
      { file: "a", files: ["b"] },
      { files: ["a"], newRows: "b" },
      { file: "a", newRows: "a" },
    ])
      expect(csvConnector.storeSchema.safeParse(block).success, JSON.stringify(block)).toBe(false);
    expect(csvConnector.storeSchema.safeParse({ files: ["a", "b"], newRows: "b" }).success).toBe(true);
  });
});
