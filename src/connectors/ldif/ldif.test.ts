import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { ldifConnector } from "./ldif.ts";

const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };
const [people, groups] = ["ou=people,dc=x", "ou=groups,dc=x"];
const [ada, max] = [`uid=ada,${people}`, `uid=max,${people}`];

const base = `version: 1

dn: ${people}
objectClass: organizationalUnit
ou: people

`;
const adaEntry = `# the first
dn: ${ada}
objectClass: Person
entryUUID: 1
uid: ada
sn: Love
 lace

`;
const maxEntry = `dn: ${max}\nobjectClass: person\nentryUUID: 2\nuid: max\nsn: M\n\n`;
const lab = `dn: cn=lab,${groups}\nobjectClass: groupOfNames\ncn: lab\nmember: UID=Ada,${people}\n`;
const directory = base + adaEntry + maxEntry + lab;

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rollcall-ldif-"));
  file = join(folder, "directory.ldif");
  await writeFile(file, directory);
});
afterEach(() => rm(folder, { recursive: true }));

describe("reading", () => {
  it("takes for accounts what lists the class and lies below a base, and for groups what lies below theirs", async () => {
    await writeFile(
      file,
      `${directory}\n${adaEntry.replaceAll("ada", "eve").replaceAll(people, "ou=else,dc=x")}`,
    );
    expect(await names(connect())).toEqual([ada, max]);
    expect(await names(connect(), "entitlements")).toEqual([`cn=lab,${groups}`]);
  });

  it("is Unavailable where the file is not there, and whole again when it is back", async () => {
    const connector = connect();
    await rename(file, `${file}.away`);
    expect(await failure(names(connector))).toMatchObject({ kind: "Unavailable" });
    await rename(`${file}.away`, file);
    expect(await names(connector)).toEqual([ada, max]);
  });

  it("of a file that is cut off in a line is Unavailable, never fewer accounts", async () => {
    const connector = connect();
    for (const cut of [0, 5, directory.length - 1, directory.indexOf("lace") + 2]) {
      await writeFile(file, directory.slice(0, cut));
      expect((await failure(names(connector))).kind, `cut at ${cut}`).toBe("Unavailable");
    }
  });

  test.each([
    ["two entries of one name", maxEntry.replace("uid=max", "UID = Max"), /lines 15 and 26 have the same dn/],
    [
      "two accounts of one id",
      maxEntry.replace("uid=max", "uid=moritz"),
      /have the same entryUUID, 2; take one/,
    ],
    [
      "an account without its id",
      "dn: uid=eve,ou=people,dc=x\nobjectClass: person\n",
      /line 26 has no entryUUID/,
    ],
    ["a value behind a URL", "dn: cn=a\nsn:< file:///etc/passwd\n", /line 27: .* is never followed/],
    [
      "an entry behind change records",
      `dn: ${max}\nchangetype: delete\n\ndn: cn=b\nsn: b\n`,
      /line 29: .* changetype: add/,
    ],
  ])("of %s is Unavailable, by line and with the cure", async (_, more, says) => {
    await writeFile(file, `${directory}\n${more}`);
    const error = await failure(names(connect()));
    expect(error.kind).toBe("Unavailable");
    expect(error.message).toMatch(says);
  });

  it("of no entry at all, as of an export that failed, is Unavailable unless the Store says that it may be", async () => {
    await writeFile(file, "# search result\nversion: 1\n");
    const error = await failure(names(connect()));
    expect(error).toMatchObject({ kind: "Unavailable" });
    expect(error.message).toMatch(/fewer than 1 rows; restore them, or set rows.atLeast/);
    expect(await names(connect({}, [], { rows: { atLeast: 0 } }))).toEqual([]);
  });

  it("tells bytes that are no text of binary attributes alone", async () => {
    await writeFile(file, directory.replace("sn: M\n", "sn:: /w==\njpegPhoto:: /w==\n"));
    const error = await failure(connect({}, ["sn"]).fetch(["2"], call));
    expect(error).toMatchObject({ kind: "Unavailable" });
    expect(error.message).toMatch(/line 15: the record's sn is no text; name it among the binary ones/);
    const connector = connect({}, ["sn"]);
    expect(await failure(connector.find([{ keys: { sn: "x" } }], call))).toMatchObject({
      kind: "Unavailable",
    });
    const [outcome] = await apply(connector, modify("2", "M", "N"));
    expect(outcome).toMatchObject({ ok: false, error: { kind: "Unavailable" } });
    const [record] = await connect({}, ["jpegPhoto"]).fetch(["2"], call);
    expect(record?.attributes).toEqual({ jpegPhoto: ["/w=="] });
  });

  it("is Unavailable where what tells accounts, or what they hold, is no text", async () => {
    const byName = { id: undefined, groups: undefined };
    await writeFile(file, directory.replace("sn: M\n", "objectClass:: /w==\n"));
    expect(await failure(names(connect(byName)))).toMatchObject({ kind: "Unavailable" });
    expect(await failure(connect(byName).fetch([max], call))).toMatchObject({ kind: "Unavailable" });
    await writeFile(file, directory.replace("sn: M\n", "memberOf:: /w==\n"));
    const held = connect({ ...byName, entitlements: { attribute: "memberOf" } });
    expect(await failure(names(held, "entitlements"))).toMatchObject({ kind: "Unavailable" });
  });

  it("calls secret what directories keep passwords and keys in, with options or without", async () => {
    const secret = ["userPassword", "userpassword;lang-de", "sambaNTPassword", "ms-Mcs-AdmPwd"];
    const { attributes } = await connect({}, [...secret, "sn"]).schema(call);
    expect([...attributes.values()].filter((one) => one.secret).map(({ name }) => name)).toEqual(secret);
  });

  it("refuses a name that two groups have, and takes either by its DN", async () => {
    await writeFile(file, `${directory}\n${lab.replace("cn=lab", "cn=lab,ou=old")}`);
    const connector = connect();
    const error = await failure(connector.entitlements([{ name: "LAB", by: "Name" }], call));
    expect(error).toMatchObject({ kind: "Invalid" });
    expect(error.message).toMatch(/cannot tell which group LAB is: .*; point at it by DN/);
    const [found] = await connector.entitlements([{ name: `CN=Lab, ${groups}`, by: "DN" }], call);
    expect(found).toMatchObject({ name: `cn=lab,${groups}`, attributes: { cn: ["lab"] } });
  });
});

describe("change records behind the entries", () => {
  const changes = `
dn: ${ada}
changetype: modify
replace: sn
sn: King
-
add: mail
mail: a@x
-

dn: ${ada}
changetype: modrdn
newrdn: uid=ada2
deleteoldrdn: 1

dn: ${max}
changetype: delete

dn: uid=new,${people}
changetype: add
objectClass: person
entryUUID: 3
`;

  it("count as what results from them", async () => {
    await writeFile(file, directory + changes);
    const connector = connect({}, ["uid", "sn", "mail"]);
    expect(await names(connector)).toEqual([`uid=ada2,${people}`, `uid=new,${people}`]);
    const attributes = { uid: ["ada2"], sn: ["King"], mail: ["a@x"] };
    expect(await connector.fetch(["1", "2"], call)).toMatchObject([
      { name: `uid=ada2,${people}`, attributes },
    ]);
    expect(await connector.find([{ keys: { mail: "A@X" } }, { keys: {}, name: ada }], call)).toMatchObject([
      [{ attributes }],
      [],
    ]);
  });

  it("are made good when something is written, and left alone otherwise", async () => {
    await writeFile(file, directory + changes);
    const connector = connect({}, ["sn"]);
    await apply(connector, modify("1", "King", "King"));
    expect(await readFile(file, "utf8")).toBe(directory + changes);
    const before = await names(connector);
    await apply(connector, modify("1", "King", "Byron"));
    const text = await readFile(file, "utf8");
    expect(text).not.toContain("changetype");
    expect(text).toContain("sn: Byron\nmail: a@x\n");
    expect(await names(connect())).toEqual(before);
  });

  it("are found at the end of a file, however they are written: at worst it is read again", async () => {
    const connector = connect();
    const gone = `\ndn: ${max}\nchangetype: delete\n\n\n# the end\n#  of it\n`;
    await writeFile(file, directory + gone);
    expect(await names(connector)).toEqual([ada]);
    await writeFile(file, directory + gone.replace("changetype", "change\n type"));
    expect(await failure(names(connector))).toMatchObject({ kind: "Retryable" });
    expect(await names(connector)).toEqual([ada]);
  });

  test.each([
    [
      "changes an entry that is not there",
      `dn: cn=x\nchangetype: delete\n`,
      /line 26: there is no entry of that name; correct/,
    ],
    ["adds one that is", `dn: ${max}\nchangetype: add\nsn: x\n`, /an entry of that name is there already/],
    [
      "renames one to a name that is taken",
      `dn: ${max}\nchangetype: modrdn\nnewrdn: uid=ada\ndeleteoldrdn: 1\n`,
      /an entry of the new name is there already/,
    ],
    [
      "adds an account with another's id",
      `dn: uid=new,${people}\nchangetype: add\nobjectClass: person\nentryUUID: 2\n`,
      /another account has the entryUUID 2/,
    ],
    [
      "takes an account's id away",
      `dn: ${max}\nchangetype: modify\ndelete: entryUUID\n-\n`,
      /it makes an account without entryUUID/,
    ],
    [
      "has a control that must be heeded",
      `dn: ${max}\ncontrol: 1.2.840.113556.1.4.805 true\nchangetype: delete\n`,
      /it has a control that is critical/,
    ],
  ])("are Unavailable where one %s", async (_, change, says) => {
    await writeFile(file, `${directory}\n${change}`);
    const error = await failure(names(connect()));
    expect(error.kind).toBe("Unavailable");
    expect(error.message).toMatch(says);
  });
});

describe("writing", () => {
  it("leaves what it does not change as it was, byte by byte, and nothing else behind", async () => {
    const crlf = `\uFEFF${directory}`.replaceAll("\n", "\r\n");
    await writeFile(file, crlf);
    await apply(connect(), modify("2", "M", "ü"));
    const now = crlf.replace("sn: M\r\n", "sn:: w7w=\r\n");
    expect(await readFile(file, "utf8")).toBe(now);
    expect(await readdir(folder)).toEqual(["directory.ldif"]);
  });

  it("adds new entries behind the last, with a blank line between", async () => {
    const [outcome] = await apply(connect(), create(`uid=new,${people}`));
    expect(outcome).toMatchObject({ ok: true, anchor: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const text = await readFile(file, "utf8");
    const entry = `dn: uid=new,${people}\nobjectClass: person\nsn: x\nentryUUID: ${(outcome as { anchor: string }).anchor}\nuid: new\n`;
    expect(text).toBe(`${directory}\n${entry}\n`);
  });

  it("renames: the value of the old name goes, groups follow, and other entries below are in the way", async () => {
    const connector = connect();
    const to = `uid=ada2,ou=left,${people}`;
    await apply(connector, { ...modify("1", "", ""), attributes: [], rename: to });
    const text = await readFile(file, "utf8");
    expect(text).toContain(`dn: ${to}\nobjectClass: Person\nentryUUID: 1\nuid: ada2\nsn: Lovelace\n`);
    expect(text).toContain(`member: ${to}\n`);
    await writeFile(file, `${text}\ndn: cn=phone,${max}\nobjectClass: device\ncn: phone\n`);
    const [refused] = await apply(connector, {
      ...modify("2", "", ""),
      attributes: [],
      rename: `uid=m,${people}`,
    });
    expect(refused).toMatchObject({
      ok: false,
      error: { kind: "Invalid", message: /other entries lie below/ },
    });
  });

  it("deletes: the account leaves its groups, and a group is never left without members", async () => {
    const gone: StoreChange = { id: 1, kind: "delete", anchor: "1", name: ada };
    const [refused] = await apply(connect({ groups: { base: groups } }), gone);
    expect(refused).toMatchObject({
      error: {
        kind: "Invalid",
        message: /a groupOfNames must have a member; name a stand-in in groups.filler/,
      },
    });
    expect(await readFile(file, "utf8")).toBe(directory);
    await apply(connect(), gone);
    expect(await readFile(file, "utf8")).toBe(
      base + maxEntry + lab.replace(/member: .*/, "member: cn=nobody"),
    );
  });

  it("refuses an account whose name gives it a second id, and makes the other changes of the batch", async () => {
    const odd = { ...create(`uid=new,${people}`), attributes: { objectClass: ["person"], uid: ["other"] } };
    const changes: StoreChange[] = [odd, { ...modify("max", "M", "N"), id: 2 }];
    const connector = connect({ id: "uid" });
    expect(await Array.fromAsync(connector.apply(changes, call))).toMatchObject([
      { ok: false, error: { kind: "Invalid", message: /cannot change uid=new,.* several values as uid/ } },
      { ok: true },
    ]);
  });

  it("tells of each change whether its own file was written, where there are several", async () => {
    await writeFile(file, base + adaEntry);
    await writeFile(join(folder, "guests.ldif"), maxEntry);
    const connector = connect({}, ["sn"], { file: undefined, files: ["directory.ldif", "guests.ldif"] });
    await names(connector);
    await writeFile(join(folder, ".guests.ldif.lock"), "1 another-host 1\n");
    const changes: StoreChange[] = [create(`uid=new,${people}`), { ...modify("2", "M", "N"), id: 2 }];
    expect(await Array.fromAsync(connector.apply(changes, call))).toMatchObject([
      { ok: true },
      { ok: false, error: { kind: "Retryable" } },
    ]);
    expect(await names(connector)).toEqual([ada, `uid=new,${people}`, max]);
  });

  it("lists uids in a posixGroup", async () => {
    const posix = `dn: cn=lab,${groups}\nobjectClass: posixGroup\ncn: lab\nmemberUid: ada\n`;
    await writeFile(file, base + adaEntry + maxEntry + posix);
    const connector = connect({ groups: { base: groups, objectClass: "posixGroup" } });
    const anchor = `cn=lab,${groups}`;
    const add = [{ anchor: "2", name: max }];
    await apply(connector, { id: 1, kind: "members", entitlement: anchor, name: anchor, add, remove: [] });
    const members = await Array.fromAsync(connector.memberships([anchor], call));
    expect(members.flat().map(({ member }) => member)).toEqual(["ada", "max"].sort());
    expect(connector.memberKey({ anchor: "2", name: max })).toBe("max");
  });

  test.each<[string, string, Record<string, string[]>, RegExp]>([
    ["what is no name", "max", {}, /it is no distinguished name/],
    [
      "a name outside the bases",
      "uid=new,ou=else,dc=x",
      {},
      /it would be no account of this target; name it below/,
    ],
    ["another class", `uid=new,${people}`, { objectClass: ["device"] }, /give it the objectClass person/],
    [
      "bytes that are none",
      `uid=new,${people}`,
      { jpegPhoto: ["?"] },
      /jpegPhoto is binary; give it in base64/,
    ],
    ["half a character", `uid=new,${people}`, { sn: ["\udc80"] }, /sn has characters that no UTF-8 has/],
  ])("refuses %s", async (_, name, attributes, says) => {
    const change = create(name);
    const [outcome] = await apply(connect(), {
      ...change,
      attributes: { ...change.attributes, ...attributes },
    });
    expect(outcome).toMatchObject({ ok: false, error: { kind: "Invalid", message: says } });
    expect(await readFile(file, "utf8")).toBe(directory);
  });
});

function connect(
  block: Readonly<Record<string, unknown>> = {},
  attributes: readonly string[] = ["sn"],
  more: object = {},
): Connector {
  const store = ldifConnector.storeSchema.parse({ file: "directory.ldif", ...more });
  const connection = ldifConnector.connect(store, {
    path: (name) => join(folder, name),
    secret: async () => "",
  });
  const target = {
    bases: [people],
    id: "entryUUID",
    groups: { base: groups, filler: "cn=nobody" },
    ...block,
  };
  return connection.target({ block: ldifConnector.targetSchema.parse(target), attributes });
}

async function names(
  connector: Connector,
  what: "accounts" | "entitlements" = "accounts",
): Promise<string[]> {
  return (await Array.fromAsync(connector.scan(what, call))).flat().map(({ name }) => name);
}

function apply(connector: Connector, change: StoreChange): Promise<Outcome[]> {
  return Array.fromAsync(connector.apply([change], call));
}

function create(name: string): StoreChange & { kind: "create" } {
  return { id: 1, kind: "create", name, attributes: { objectClass: ["person"], sn: ["x"] }, enabled: true };
}

function modify(anchor: string, before: string, after: string): StoreChange & { kind: "modify" } {
  const attributes = [{ name: "sn", before: [before], after: [after] }];
  return { id: 1, kind: "modify", anchor, name: anchor, attributes };
}

async function failure(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}
