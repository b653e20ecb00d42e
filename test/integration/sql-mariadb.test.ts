import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import {
  byName,
  call,
  delta,
  done,
  failure,
  members,
  modify,
  outcomes,
  refused,
  scan,
} from "../contract/bench.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { type MariadbSetting, mysqlDialects, startSetting } from "./mariadb-setting.ts";

const create = (name: string, attributes: Record<string, readonly string[]> = {}, id = 1) =>
  ({ id, kind: "create", name, attributes, enabled: true }) as const;

describe.each(mysqlDialects)("the sql connector on %s", (_, dialect) => {
  let setting: MariadbSetting;
  beforeAll(async () => {
    setting = await startSetting(dialect);
  });
  afterAll(() => setting.stop());

  const columns =
    () => `at datetime(3), seen timestamp NULL, day date, amount decimal(12, 4), ratio float, flag bit(1),
    active boolean, big bigint unsigned, ref ${setting.types.uuid}, kind enum('a', 'b'), photo blob, old varchar(50) CHARACTER SET latin1`;

  it("reads back what it wrote in one canonical form, whatever the server's settings", async () => {
    const values = {
      at: ["2026-03-31T17:00:00.5Z"],
      seen: ["2026-03-31T17:00:00Z"],
      day: ["2026-03-31"],
      amount: ["1.5"],
      ratio: ["0.1"],
      flag: ["true"],
      active: ["false"],
      big: ["18446744073709551615"],
      ref: ["6f1c1f0e-5b1a-4c39-9d0a-3f6f0c2f3b11"],
      kind: ["b"],
      photo: [Buffer.from([0, 255, 92, 39]).toString("base64")],
      old: ["Zoë \\ 'quoted'"],
    };
    await setting.fresh(columns());
    await setting.run(
      "SET GLOBAL sql_mode = '', GLOBAL time_zone = '+09:00', GLOBAL sql_select_limit = 3, GLOBAL autocommit = 0, GLOBAL completion_type = 1",
    );
    const connector = setting.target(setting.url(), { attributes: Object.keys(values) });
    await connector.schema(call());
    await done(connector, create("ada", values));
    const record = await byName(connector, "ada");
    expect(record.attributes).toEqual(values);
    const keys = Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value!]));
    const { ratio, ...exact } = keys;
    expect(await connector.find([{ keys: exact }], call())).toEqual([[record]]);
    const nowhere = [{ keys: { at: "never" } }, { keys: { old: "Ζοε?" } }, { keys: { big: "-1" } }];
    expect(await connector.find(nowhere, call())).toEqual([[], [], []]);
    await setting.run("INSERT INTO accounts (login) VALUES ('b'), ('c'), ('d'), ('e'); COMMIT");
    expect(await scan(connector)).toHaveLength(5);
    await done(connector, modify(record, { attributes: [delta("kind", ["b"], ["a"])] }));
    await setting.run(
      "SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = 'SYSTEM', GLOBAL sql_select_limit = DEFAULT, GLOBAL autocommit = 1, GLOBAL completion_type = 0",
    );
  });

  it("changes each of these types in a batch", async () => {
    await setting.fresh(columns());
    const names = ["at", "amount", "flag", "active", "big", "photo", "old", "ratio"];
    const connector = setting.target(setting.url(), { attributes: names });
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    const after: Record<string, readonly string[]> = {
      at: ["2026-03-31T19:00:00Z"],
      amount: ["-2.25"],
      flag: ["false"],
      active: ["true"],
      big: ["9223372036854775808"],
      photo: ["AAEC"],
      old: ["é"],
      ratio: ["2.5"],
    };
    await done(connector, modify(record, { attributes: names.map((name) => delta(name, [], after[name]!)) }));
    expect((await byName(connector, "ada")).attributes).toEqual(after);
  });

  it("finds and changes a document, and refuses what is none", async () => {
    await setting.fresh("doc json");
    const connector = setting.target(setting.url(), { attributes: ["doc"] });
    const [first, second] = ['{"a": 1, "b": ["\\\\", "ä"]}', '{"a": 2}'] as const;
    await done(connector, create("ada", { doc: [first] }));
    const ada = await byName(connector, "ada");
    expect(ada.attributes).toEqual({ doc: [first] });
    const asked = [first, second, "none"].map((doc) => ({ keys: { doc } }));
    expect(await connector.find(asked, call())).toEqual([[ada], [], []]);
    await done(connector, modify(ada, { attributes: [delta("doc", [first], [second])] }));
    expect((await byName(connector, "ada")).attributes).toEqual({ doc: [second] });
    expect((await refused(connector, create("eve", { doc: ["none"] }))).kind).toBe("Invalid");
    const change = modify(await byName(connector, "ada"), { attributes: [delta("doc", [second], ["none"])] });
    expect((await refused(connector, change)).kind).toBe("Invalid");
  });

  it("finds who holds what has a backslash, through a statement that makes it one", async () => {
    await setting.fresh();
    await setting.run(
      "INSERT INTO accounts VALUES (1, 'ada', NULL); CREATE TABLE held (account bigint, role text)",
    );
    await setting.run("INSERT INTO held VALUES (1, 'admin')");
    const statements = {
      scan: "SELECT id, login AS name FROM accounts",
      members: "SELECT DISTINCT concat('APP\\', role) AS entitlement, account FROM held",
    };
    const connector = setting.target(setting.url(), { block: { statements }, attributes: [] });
    expect(await members(connector, "APP\\admin")).toEqual(["1"]);
  });

  it("refuses what a column cannot hold, and does not cut or bend it", async () => {
    await setting.fresh(`${columns()}, note varchar(10)`);
    const names = ["note", "day", "kind", "old", "big", "amount", "at"];
    const connector = setting.target(setting.url(), { attributes: names });
    const wrong: Record<string, string> = {
      note: "x".repeat(11),
      day: "2026-02-30",
      kind: "c",
      old: "Ω",
      big: "-1",
      amount: "123456789012345",
      at: "2026-13-01T00:00:00Z",
    };
    const results = await outcomes(
      connector,
      Object.entries(wrong).map(([name, value], id) => create(`u${id}`, { [name]: [value] }, id)),
    );
    expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(names.map(() => "Invalid"));
    expect(await scan(connector)).toEqual([]);
  });

  it("writes back by own statements what it has read, bits and zero dates too", async () => {
    const types = `b bit(9), one bit(1), d date, t datetime(6), ts timestamp, big bigint unsigned, exact decimal(60, 20),
      j json, several set('x', 'y'), span time(6), y year`;
    await setting.fresh(`note text, ${types}`);
    await setting.run(`SET sql_mode = ''; INSERT INTO accounts VALUES (9007199254740993, 'ada', 'a', b'100000101', b'1', '0000-00-00', '0000-00-00',
      '0000-00-00', 18446744073709551615, '1234567890123456789012345678901234567890.12345', '{"a": 1}', 'x,y', '-800:00:00.000001', 1999)`);
    const names = [..."b one d t ts big exact j several span y".split(" ")];
    const statements = {
      scan: `SELECT id, login AS name, note, ${names.join(", ")} FROM accounts`,
      update: `UPDATE accounts SET note = :note, ${names.map((name) => `${name} = :${name}`).join(", ")} WHERE id + 0 = :id`,
    };
    const read = () =>
      setting.rows(`SELECT ${names.map((name) => `HEX(${name}) AS ${name}`).join(", ")} FROM accounts`);
    const before = await read();
    const connector = setting.target(setting.url(), { block: { statements } });
    await setting.run("INSERT INTO accounts (id, login) VALUES (9007199254740992, 'eve')");
    await done(
      connector,
      modify(await byName(connector, "ada"), { attributes: [delta("note", ["a"], ["b"])] }),
    );
    expect((await read()).filter(({ b }) => b !== null)).toEqual(before);
    expect((await byName(connector, "ada")).attributes).toEqual({ note: ["b"] });
    expect((await byName(connector, "eve")).attributes).toEqual({});
  });

  it("keeps values out of errors", async () => {
    const connector = await setting.fresh("note varchar(100) UNIQUE CHECK (note <> 'hunter2'), age int", {
      attributes: ["note", "age"],
    });
    await done(connector, create("ada", { note: ["it's-secret"] }));
    for (const note of ["hunter2", "it's-secret", "it's-secret' for key"]) {
      const attributes = { note: [note], age: [note === "it's-secret' for key" ? "99999999999" : "1"] };
      const { message, cause } = await refused(connector, create("bob", attributes));
      expect(`${message} ${JSON.stringify(cause)}`).not.toContain(note);
    }
  });

  it("a value larger than the server takes is refused, and the next call works", async () => {
    await setting.fresh("photo longblob");
    await setting.run("SET GLOBAL max_allowed_packet = 1048576");
    const connector = setting.target(setting.url(), { attributes: ["photo"] });
    const photo = (size: number) => ({ photo: [Buffer.alloc(size, 7).toString("base64")] });
    const error = await refused(connector, create("ada", photo(2_000_000)));
    expect(["Invalid", "Unavailable"]).toContain(error.kind);
    expect(await scan(connector)).toEqual([]);
    const small = Array.from({ length: 40 }, (_, id) => create(`u${id}`, photo(100_000), id));
    expect((await outcomes(connector, small)).every((one) => one.ok)).toBe(true);
    await setting.run("SET GLOBAL max_allowed_packet = 16777216");
  });

  it("the marker stays while nothing is written, and changes with what can be seen", async () => {
    const connector = await setting.fresh();
    const first = await connector.marker!(call());
    expect(first).toMatch(/:/);
    expect(await connector.marker!(call())).toBe(first);
    await setting.run("START TRANSACTION; INSERT INTO accounts (login) VALUES ('late')");
    expect(await connector.marker!(call())).toBe(first);
    await setting.run("COMMIT");
    expect(await connector.marker!(call())).not.toBe(first);
  });

  it("needs no more rights than to read and to write its columns; and no marker without sight of the log", async () => {
    await setting.fresh();
    const user = `${dialect}_${Date.now()}`;
    const insert = { mariadb: "INSERT", mysql: "INSERT (login, note)" }[dialect];
    await setting.run(`CREATE USER ${user} IDENTIFIED BY 'p@ss'; GRANT SELECT ON accounts TO ${user};
      GRANT ${insert}, UPDATE (login, note) ON accounts TO ${user}`);
    const connector = setting.target(setting.url().replace(/\/\/[^@]*@/, `//${user}:p%40ss@`));
    expect((await connector.check(call())).problems).toEqual([]);
    expect(await connector.marker!(call())).toBeUndefined();
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    const change = { attributes: [delta("note", [], ["y"])], rename: "lovelace" };
    await done(connector, modify(record, change));
    const removal = { id: 1, kind: "delete", anchor: record.anchor, name: "lovelace" } as const;
    expect((await refused(connector, removal)).kind).toBe("Denied");
  });

  it("a server that has become read-only is Denied, one by one", async () => {
    await setting.fresh();
    const user = `writer_${Date.now()}`;
    await setting.run(`CREATE USER ${user} IDENTIFIED BY 'x'; GRANT ALL ON accounts TO ${user}`);
    const connector = setting.target(setting.url().replace(/\/\/[^@]*@/, `//${user}:x@`));
    await setting.run("SET GLOBAL read_only = 1");
    expect((await refused(connector, create("ada"))).kind).toBe("Denied");
    expect(await scan(connector)).toEqual([]);
    await setting.run("SET GLOBAL read_only = 0");
    await done(connector, create("ada"));
  });

  it("a password that was changed is read again with the next connection", async () => {
    await setting.fresh();
    const secrets = { URL: setting.url().replace("owner-secret", "the-old-one") };
    const store = sqlConnector.storeSchema.parse({ dialect, url: { env: "URL" } });
    const connection = sqlConnector.connect(store, sqlEnvironment(secrets));
    const block = sqlConnector.targetSchema.parse({ table: { name: "accounts", key: "login" } });
    const connector = connection.target({ block, attributes: [] });
    expect((await failure(scan(connector))).kind).toBe("Unauthenticated");
    secrets.URL = setting.url();
    expect(await scan(connector)).toEqual([]);
    await connection.close();
    expect((await failure(scan(connector))).kind).toBe("Unavailable");
  });

  it("never says what a malformed url was", async () => {
    const error = await failure(scan(setting.target("mysql//user:secret@host")));
    expect(error.kind).toBe("Unauthenticated");
    expect(error.message).not.toContain("secret");
  });
});
