import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import iconv from "iconv-lite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { csvConnector } from "./csv.ts";

const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rollcall-csv-"));
  file = join(folder, "people.csv");
});
afterEach(() => rm(folder, { recursive: true }));

it("takes no line break for a delimiter or a quote, nor one character for both", () => {
  const isTaken = (block: object) => csvConnector.storeSchema.safeParse({ file: "a.csv", ...block }).success;
  const odd = [{ delimiter: "\n" }, { quote: "\r" }, { delimiter: '"' }, { quote: "," }, { delimiter: "" }];
  expect(odd.filter(isTaken)).toEqual([]);
  expect([{}, { delimiter: "\t" }, { delimiter: ";", quote: "'" }].every(isTaken)).toBe(true);
});

describe("reading", () => {
  it("is Unavailable where the file is not there, and whole again when it is back", async () => {
    await writeFile(file, "login,mail\nalice,a@b.c\n");
    const connector = connect();
    expect(await names(connector)).toEqual(["alice"]);
    await rename(file, `${file}.away`);
    expect(await failure(names(connector))).toMatchObject({ kind: "Unavailable" });
    await rename(`${file}.away`, file);
    expect(await names(connector)).toEqual(["alice"]);
  });

  it("of a truncated or emptied file is Unavailable, never fewer accounts", async () => {
    const whole = "login,mail\nalice,a@b.c\nbob,b@b.c\n";
    await writeFile(file, whole);
    const connector = connect();
    await names(connector);
    for (const cut of [0, whole.length - 1, whole.length - 7, 5]) {
      await writeFile(file, whole.slice(0, cut));
      expect((await failure(names(connector))).kind, `cut at ${cut}`).toBe("Unavailable");
    }
  });

  it("sees a change of the same length in the same instant", async () => {
    await writeFile(file, "login,mail\nalice,a@b.c\n");
    const connector = connect();
    const { mtime } = await stat(file);
    const before = await connector.marker!(call);
    await writeFile(file, "login,mail\ncarol,a@b.c\n");
    await utimes(file, mtime, mtime);
    expect(await names(connector)).toEqual(["carol"]);
    expect(await connector.marker!(call)).not.toBe(before);
  });

  const broken: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
    "a wrong header": ["user,mail\nalice,a@b.c\n", /no column "login".*"user", "mail".*correct/],
    "two lines of one key": ["login,mail\nalice,1\nbob,2\nalice,3\n", /lines 2 and 4.*alice; take one out/],
    "a line without its key": ["login,mail\nalice,1\n,2\n", /line 3 has no login; fill it in/],
  };
  for (const [what, [text, says]] of Object.entries(broken)) {
    it(`of ${what} is Unavailable, by line and with the cure`, async () => {
      await writeFile(file, text);
      const error = await failure(names(connect()));
      expect(error.kind).toBe("Unavailable");
      expect(error.message).toMatch(says);
    });
  }

  it("of a state that is neither of the two is Unavailable, by line", async () => {
    await writeFile(file, "login,mail,state\nalice,1,active\nbob,2,actve\n");
    const disabled = { column: "state", enabled: "active", disabled: "inactive" };
    const error = await failure(names(connect({}, { disabled })));
    expect(error.message).toMatch(/line 3 has "actve" as state; write "active" or "inactive"/);
  });

  it("of bytes that are not in its encoding is Unavailable, by line", async () => {
    await writeFile(file, iconv.encode("login,mail\nalice,1\nzoë,2\n", "windows-1252"));
    const error = await failure(names(connect()));
    expect(error.message).toMatch(/not utf-8 at line 3; repair it, or set the encoding/);
    expect(await names(connect({ encoding: "windows-1252" }))).toEqual(["alice", "zoë"]);
  });
});

describe("writing", () => {
  it("keeps mode, byte order mark, line breaks and untouched lines, and leaves nothing else behind", async () => {
    await writeFile(file, '\uFEFFlogin,mail,extra\r\n"alice",a@b.c,"x"\r\nbob,b@b.c,\r\n');
    await chmod(file, 0o640);
    await apply(connect(), modify("bob", "b@b.c", "new@b.c"));
    expect(await readFile(file, "utf8")).toBe(
      '\uFEFFlogin,mail,extra\r\n"alice",a@b.c,"x"\r\nbob,new@b.c,\r\n',
    );
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(["people.csv"]);
  });

  it("writes through a symbolic link, and the link stays", async () => {
    await writeFile(join(folder, "real.csv"), "login,mail\nalice,1\n");
    await symlink("real.csv", file);
    await apply(connect(), modify("alice", "1", "2"));
    expect(await readFile(join(folder, "real.csv"), "utf8")).toBe("login,mail\nalice,2\n");
    expect((await readdir(folder)).sort()).toEqual(["people.csv", "real.csv"]);
  });

  it("keeps the encoding, and refuses only what it has no characters for", async () => {
    await writeFile(file, iconv.encode("login,mail\nzoë,1\nbob,2\n", "latin1"));
    const [refused, done] = await apply(connect({ encoding: "latin1" }), modify("zoë", "1", "漢字"), {
      ...modify("bob", "2", "é"),
      id: 2,
    });
    expect(refused).toMatchObject({ ok: false, error: { kind: "Invalid" } });
    expect(done).toMatchObject({ ok: true });
    expect(iconv.decode(await readFile(file), "latin1")).toBe("login,mail\nzoë,1\nbob,é\n");
  });

  it("refuses half a character, which no reader could read again", async () => {
    await writeFile(file, iconv.encode("login,mail\nalice,1\n", "utf-16le"));
    const [outcome] = await apply(connect({ encoding: "utf-16le" }), modify("alice", "1", "\uD800"));
    expect(outcome).toMatchObject({ ok: false, error: { kind: "Invalid" } });
  });

  it("writes nothing when nothing changes", async () => {
    await writeFile(file, "login,mail\nalice,1\n");
    const { ino } = await stat(file);
    await apply(connect(), modify("alice", "1", "1"), { id: 2, kind: "delete", anchor: "bob", name: "bob" });
    expect((await stat(file)).ino).toBe(ino);
  });

  it("rewrites the file once for all changes of a call", async () => {
    await writeFile(file, "login,mail\nalice,1\nbob,2\n");
    const outcomes = await apply(connect(), modify("alice", "1", "x"), { ...modify("bob", "2", "y"), id: 2 });
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(await readFile(file, "utf8")).toBe("login,mail\nalice,x\nbob,y\n");
  });

  it("gives the version after the whole batch, which the next read gives too", async () => {
    await writeFile(file, "login,mail,groups\nalice,1,\n");
    const connector = connect({}, { entitlements: { column: "groups", names: ["staff"] } });
    const [changed] = await apply(connector, modify("alice", "1", "2"), {
      id: 2,
      kind: "members",
      entitlement: "staff",
      name: "staff",
      add: [{ anchor: "alice", name: "alice" }],
      remove: [],
    });
    const [record] = await connector.fetch(["alice"], call);
    expect(changed).toMatchObject({ ok: true, version: record?.version });
  });

  it("leaves the words alone that are in the entitlements' column and are not ours", async () => {
    await writeFile(file, "login,mail,groups\nalice,1,theirs; staff\n");
    const connector = connect({}, { entitlements: { column: "groups", names: ["staff"] } });
    await apply(connector, {
      id: 1,
      kind: "members",
      entitlement: "staff",
      name: "staff",
      add: [],
      remove: [{ anchor: "alice", name: "alice" }],
    });
    expect(await readFile(file, "utf8")).toBe("login,mail,groups\nalice,1,theirs\n");
  });

  it("refuses to change an id", async () => {
    await writeFile(file, "login,mail,id\nalice,1,7\n");
    const connector = connect({}, { id: "id" }, ["mail", "id"]);
    const attributes = [{ name: "id", before: ["7"], after: ["8"] }];
    const [outcome] = await apply(connector, {
      id: 1,
      kind: "modify",
      anchor: "7",
      name: "alice",
      attributes,
    });
    expect(outcome).toMatchObject({ ok: false, error: { kind: "Invalid" } });
  });
});

function connect(
  store: object = {},
  target: object = {},
  attributes: readonly string[] = ["mail"],
): Connector {
  const environment = {
    path: (path: string) => join(folder, path),
    secret: () => Promise.reject(new StoreError("Unauthenticated", "no secrets here")),
  };
  return csvConnector
    .connect(csvConnector.storeSchema.parse({ file: "people.csv", ...store }), environment)
    .target({ block: csvConnector.targetSchema.parse({ key: "login", ...target }), attributes });
}

function modify(name: string, before: string, after: string): StoreChange {
  const attributes = [{ name: "mail", before: [before], after: [after] }];
  return { id: 1, kind: "modify", anchor: name, name, attributes };
}

async function apply(connector: Connector, ...changes: StoreChange[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of connector.apply(changes, call)) outcomes.push(outcome);
  return outcomes;
}

async function names(connector: Connector): Promise<string[]> {
  const found: string[] = [];
  for await (const page of connector.scan("accounts", call)) found.push(...page.map(({ name }) => name));
  return found;
}

async function failure(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}
