import { execFile } from "node:child_process";
import { appendFile, mkdir, rename, rm, symlink } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { apply, call, makeFiles, namesIn, newMail } from "../../../test/support/file-store.ts";
import { csvConnector } from "../csv/csv.ts";
import { jsonlConnector } from "../jsonl/jsonl.ts";
import { ldifConnector } from "../ldif/ldif.ts";

const formats = {
  csv: {
    type: csvConnector,
    target: { key: "login" },
    key: (name: string) => name,
    file: (people: readonly string[]) => `login,mail\n${people.map((name) => `${name},m\n`).join("")}`,
  },
  jsonl: {
    type: jsonlConnector,
    target: { key: "login" },
    key: (name: string) => name,
    file: (people: readonly string[]) => people.map((name) => `{"login":"${name}","mail":"m"}\n`).join(""),
  },
  ldif: {
    type: ldifConnector,
    target: {},
    key: (name: string) => `uid=${name}`,
    file: (people: readonly string[]) =>
      people.map((name) => `dn: uid=${name}\nobjectClass: person\n\n`).join(""),
  },
};

/** More than one piece of a file. */
const many = Array.from({ length: 20_000 }, (_, n) => `person-${n}`);

describe.each(Object.entries(formats))("a %s file", (_, { type, target, key, file }) => {
  it("that is not there is Unavailable, and whole again when it is back", async () => {
    await using files = await makeFiles({ people: file(["alice"]) });
    const connector = files.connect(type, { file: "people" }, target);
    expect(await namesIn(connector)).toEqual([key("alice")]);
    await rename(files.at("people"), files.at("away"));
    await expect(namesIn(connector)).rejects.toMatchObject({
      kind: "Unavailable",
      message: "cannot read people: it is not there; put it back, or correct its name in the Store",
    });
    await rename(files.at("away"), files.at("people"));
    expect(await namesIn(connector)).toEqual([key("alice")]);
  });

  it("of 0 bytes is Unavailable", async () => {
    await using files = await makeFiles({ people: file(["alice"]) });
    const connector = files.connect(type, { file: "people" }, target);
    await namesIn(connector);
    await files.write("people", "");
    await expect(namesIn(connector)).rejects.toMatchObject({ kind: "Unavailable" });
  });

  it("of 0 bytes beside one that has rows is Unavailable, and not a file whose rows are gone", async () => {
    await using files = await makeFiles({ staff: file(["alice"]), guests: file(["bob"]) });
    const connector = files.connect(type, { files: ["staff", "guests"] }, target);
    await namesIn(connector);
    await files.write("guests", "");
    await expect(namesIn(connector)).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(/cannot read guests: it has 0 bytes/),
    });
  });

  it("whose last row was taken out is one without rows, and no lost one", async () => {
    await using files = await makeFiles({ staff: file(["alice"]), guests: file(["bob"]) });
    const connector = files.connect(type, { files: ["staff", "guests"] }, target);
    const bob = key("bob");
    const [gone] = await apply(connector, { id: 1, kind: "delete", anchor: bob, name: bob });
    expect(gone).toMatchObject({ ok: true });
    expect(await namesIn(connector)).toEqual([key("alice")]);
  });

  it("of more or fewer rows than there may be is Unavailable", async () => {
    await using files = await makeFiles({ people: file(many) });
    const rows = { atLeast: 2, atMost: 3 };
    const connector = files.connect(type, { file: "people", rows }, target);
    await expect(namesIn(connector)).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(/more than 3 rows; .*rows.atMost/),
    });
    await files.write("people", file(["alice"]));
    await expect(namesIn(connector)).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(/fewer than 2 rows; .*rows.atLeast/),
    });
    await files.write("people", file(["alice", "bob"]));
    expect(await namesIn(connector)).toEqual([key("alice"), key("bob")]);
  });

  it("that is replaced while it is read is Retryable, never a mixture", async () => {
    await using files = await makeFiles({ people: file(many), next: file(["alice"]) });
    const connector = files.connect(type, { file: "people" }, target);
    const reading = async () => {
      for await (const _ of connector.scan("accounts", call))
        await rename(files.at("next"), files.at("people")).catch(() => undefined);
    };
    await expect(reading()).rejects.toMatchObject({ kind: "Retryable" });
    expect(await namesIn(connector)).toEqual([key("alice")]);
  });

  it("that grows while it is read is Retryable", async () => {
    await using files = await makeFiles({ people: file(many) });
    const connector = files.connect(type, { file: "people" }, target);
    const reading = async () => {
      for await (const _ of connector.scan("accounts", call)) await appendFile(files.at("people"), "late");
    };
    await expect(reading()).rejects.toMatchObject({ kind: "Retryable" });
  });

  it("with two rows of one key is Unavailable, by line, however far apart they are", async () => {
    await using files = await makeFiles({ people: file([...many, "person-7"]) });
    const connector = files.connect(type, { file: "people" }, target);
    await expect(namesIn(connector)).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(
        /lines \d+ and \d+ have the same (login, |dn, uid=)person-7; take one out/,
      ),
    });
  });

  it("that is a folder or a pipe is Denied, and nobody waits for it", async () => {
    await using files = await makeFiles();
    const connector = files.connect(type, { file: "people" }, target);
    await mkdir(files.at("people"));
    await expect(namesIn(connector)).rejects.toMatchObject({ kind: "Denied" });
    await rm(files.at("people"), { recursive: true });
    await promisify(execFile)("mkfifo", [files.at("people")]);
    await expect(namesIn(connector)).rejects.toMatchObject({ kind: "Denied" });
  });

  it("that a link puts outside the root is Denied", async () => {
    await using elsewhere = await makeFiles({ people: file(["mallory"]) });
    await using files = await makeFiles();
    await symlink(elsewhere.at("people"), files.at("people"));
    await expect(namesIn(files.connect(type, { file: "people" }, target))).rejects.toMatchObject({
      kind: "Denied",
    });
  });

  it("is no longer read when the call is aborted", async () => {
    await using files = await makeFiles({ people: file(many) });
    const connector = files.connect(type, { file: "people" }, target);
    const abort = new AbortController();
    const reading = async () => {
      for await (const _ of connector.scan("accounts", { ...call, signal: abort.signal })) abort.abort();
    };
    await expect(reading()).rejects.toMatchObject({ kind: "Retryable" });
  });
});

it.each([
  ["jsonl", jsonlConnector, { key: "login" }, '{"login":"alice"}\n{"login":["bob","carol"]}\n'],
  ["jsonl", jsonlConnector, { key: "mail", id: "login" }, '\n{"mail":"1","login":[2,1]}\n'],
  ["ldif", ldifConnector, { id: "login" }, "\ndn: cn=a\nobjectClass: person\nlogin: 1\nlogin: 2\n"],
])("a %s file with several keys in one row is Unavailable", async (_, type, target, content) => {
  await using files = await makeFiles({ people: content });
  await expect(namesIn(files.connect(type, { file: "people" }, target))).rejects.toMatchObject({
    kind: "Unavailable",
    message: "cannot read people: line 2 has several values as login, which tells accounts apart; leave one",
  });
});

describe("a CSV file", () => {
  it("whose columns changed places reads the same", async () => {
    await using files = await makeFiles({ people: "login,mail\nalice,a@b.c\n" });
    const connector = files.connect(csvConnector, { file: "people" });
    const before = await connector.fetch(["alice"], call);
    await files.write("people", "mail,login\na@b.c,alice\n");
    const after = await connector.fetch(["alice"], call);
    expect(after.map(({ attributes }) => attributes)).toEqual(before.map(({ attributes }) => attributes));
  });

  it("whose header alone changed places has other accounts, and nothing is written for what was there", async () => {
    await using files = await makeFiles({ people: "login,mail,note\nalice,1,2\n" });
    const connector = files.connect(csvConnector, { file: "people" }, { key: "login" }, ["mail"]);
    const [before] = await connector.fetch(["alice"], call);
    await files.write("people", "login,note,mail\nalice,1,2\n");
    const [after] = await connector.fetch(["alice"], call);
    expect(after?.version).not.toBe(before?.version);
    const change = { ...newMail("alice", "x"), expect: before?.version ?? "" };
    expect(await apply(connector, change)).toMatchObject([{ ok: false, error: { kind: "Moved" } }]);
  });

  it.each([
    [
      "another delimiter",
      "login,mail\nann,1\n",
      /has no column "login"; .* one cell, "login,mail"; set the del/,
    ],
    ["another name", "user;mail\nann;1\n", /has no column "login"; its header is "user", "mail"; correct/],
    [
      "UTF-16",
      Buffer.from("\uFEFFlogin;mail\n", "utf16le"),
      /byte order mark of utf-16le; set that encoding/,
    ],
    ["UTF-8 with its mark", "\uFEFFmail;login\n1;ann\n", /byte order mark of utf-8; set that encoding/],
  ])("with %s than its Store says tells what it found", async (_, content, message) => {
    await using files = await makeFiles({});
    await files.write("people", content);
    const store = { file: "people", delimiter: ";", encoding: "windows-1252" };
    await expect(namesIn(files.connect(csvConnector, store))).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(message),
    });
  });

  it("whose cells are in the wrong columns is Unavailable where the state tells", async () => {
    await using files = await makeFiles({ people: "login,mail,state\nalice,active,a@b.c\n" });
    const disabled = { column: "state", enabled: "active", disabled: "gone" };
    const connector = files.connect(csvConnector, { file: "people" }, { key: "login", disabled });
    await expect(namesIn(connector)).rejects.toMatchObject({ kind: "Unavailable" });
  });
});

it("is read whole though many of its keys have the same hash", async () => {
  // Of 200,000 keys with 32 bits each some five pairs are equal.
  const all = Array.from({ length: 200_000 }, (_, n) => `person-${n}`);
  await using files = await makeFiles({ people: formats.csv.file(all) });
  const connector = files.connect(csvConnector, { file: "people" });
  expect(await namesIn(connector)).toHaveLength(200_000);
  const records = await connector.fetch(["person-5", "person-199999", "nobody"], call);
  expect(records.map(({ name }) => name)).toEqual(["person-5", "person-199999"]);
});

describe("a JSON Lines file", () => {
  it("of no object is a store without accounts only where the Store says so", async () => {
    await using files = await makeFiles({ people: "" });
    expect(await namesIn(files.connect(jsonlConnector, { file: "people", rows: { atLeast: 0 } }))).toEqual(
      [],
    );
  });

  it("cut off in mid-object is Unavailable, by line", async () => {
    await using files = await makeFiles({ people: '{"login":"alice"}\n{"login":"b' });
    await expect(namesIn(files.connect(jsonlConnector, { file: "people" }))).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringMatching(/cannot read people: line 2: it is no JSON object/),
    });
  });
});
