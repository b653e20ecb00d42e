import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OdbcProcess } from "../../src/connectors/sql/odbc/process.ts";
import { byName, call, delta, done, failure, modify, refused, scan } from "../contract/bench.ts";
import { odbcDrivers } from "../support/odbc.ts";
import { mariadbByOdbc, type OdbcSetting, postgresByOdbc, sqliteByOdbc } from "./odbc-setting.ts";

const create = (name: string, attributes: Record<string, readonly string[]> = {}) =>
  ({ id: 1, kind: "create", name, attributes, enabled: true }) as const;

const people = { table: { name: "people", key: "login", id: "id" } };

describe("PostgreSQL over ODBC", () => {
  let setting: Awaited<ReturnType<typeof postgresByOdbc>>;
  beforeAll(async () => {
    setting = await postgresByOdbc();
    await setting.run(
      `CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, login text NOT NULL UNIQUE, note text,
         at timestamp, day date, amount numeric(12, 4), ratio double precision, active boolean, photo bytea, code char(4))`,
    );
  });
  afterAll(() => setting.stop());

  it("gives back what was written, whatever its type", async () => {
    const values = {
      at: ["2026-03-31T17:00:00.5Z"],
      day: ["2026-03-31"],
      amount: ["1.5"],
      ratio: ["0.1"],
      active: ["true"],
      photo: [Buffer.from([0, 255, 92, 39]).toString("base64")],
      code: ["ab"],
      note: ["Zoë \\ 'quoted' 日本 😀"],
    };
    const connector = setting.target(people, Object.keys(values));
    await done(connector, create("ada", values));
    expect((await byName(connector, "ada")).attributes).toEqual(values);
    const keys = Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value!]));
    expect(await connector.find([{ keys }], call())).toMatchObject([[{ name: "ada" }]]);
  });

  it("a call without an answer ends when it is aborted, and holds nothing else up meanwhile", async () => {
    const connector = setting.target(people, ["note"]);
    await scan(connector);
    setting.proxy.fail({ kind: "BlackHole" });
    const stop = new AbortController();
    // More than Node has threads for drivers' calls, files and host names together.
    const stuck = Array.from({ length: 6 }, () => failure(connector.fetch(["1"], call(stop.signal))));
    expect(await readFile(import.meta.filename, "utf8")).toContain("holds nothing else up");
    stop.abort();
    for (const error of await Promise.all(stuck)) expect(error.kind).toBe("Retryable");
    setting.proxy.heal();
    setting.proxy.cut();
    expect(await scan(connector)).not.toEqual([]);
  });

  it("who waits for a row too long tries again later", async () => {
    const connector = setting.target(people, ["note"], { odbc: { session: ["SET lock_timeout = '100ms'"] } });
    await done(connector, create("locked"));
    const { anchor, version, name } = await byName(connector, "locked");
    await setting.run("BEGIN", "UPDATE people SET note = 'held' WHERE login = 'locked'");
    const note = [delta("note", [], ["mine"])];
    const change = { id: 1, kind: "modify", anchor, name, attributes: note, expect: version } as const;
    expect((await refused(connector, change)).kind).toBe("Retryable");
    await setting.run("COMMIT");
    expect((await refused(connector, change)).kind).toBe("Moved");
  });

  it("finds a table by its schema, and without one where the database would look", async () => {
    await setting.run("CREATE SCHEMA other", "CREATE TABLE other.people (login text PRIMARY KEY)");
    const other = setting.target({ table: { name: "other.people", key: "login" } });
    expect((await other.check(call())).problems).toEqual([]);
    await done(other, create("elsewhere"));
    expect(await setting.rows("SELECT login FROM other.people")).toEqual([{ login: "elsewhere" }]);
    expect((await scan(setting.target(people))).map(({ name }) => name)).not.toContain("elsewhere");
    await setting.run("DROP SCHEMA other CASCADE");
  });
});

describe("MariaDB over ODBC", () => {
  let setting: OdbcSetting;
  beforeAll(async () => {
    setting = await mariadbByOdbc();
    await setting.run(
      "CREATE TABLE people (id bigint AUTO_INCREMENT PRIMARY KEY, login varchar(100) NOT NULL UNIQUE, note text, at datetime(3))",
    );
  });
  afterAll(() => setting.stop());

  it("must be told to read standard SQL, and is not written to before", async () => {
    const lax = setting.target(people, [], { odbc: { session: ["SET SESSION sql_mode = 'ANSI_QUOTES'"] } });
    expect((await lax.check(call())).problems).toEqual([expect.stringContaining("odbc.session")]);
    const names = setting.target(people, [], { odbc: { session: [] } });
    expect((await names.check(call())).problems).toEqual([expect.stringContaining("odbc.session")]);
    expect((await failure(scan(lax))).kind).toBe("Invalid");
    expect(await setting.rows("SELECT * FROM people")).toEqual([]);
  });

  it("refuses an update that changes nothing where the driver counts changes, and takes it by option 2", async () => {
    const connector = setting.target(people, ["note"]);
    await done(connector, create("bob", { note: ["same"] }));
    const bob = await byName(connector, "bob");
    const same = modify(bob, { attributes: [delta("note", ["old"], ["same"])] });
    await done(connector, same);
    const counting = setting.target(people, ["note"], { connection: setting.login.replace("OPTION=2;", "") });
    expect(await refused(counting, same)).toMatchObject({ kind: "Invalid" });
    expect(await byName(connector, "bob")).toEqual(bob);
  });

  it("a script that ended its transaction, and was then refused, is in doubt: it could not be undone", async () => {
    await done(setting.target(people), create("eve", { note: [] }));
    const statements = {
      scan: "SELECT id, login AS name, note FROM people",
      update:
        "UPDATE people SET note = :note WHERE id = :id; CREATE TABLE IF NOT EXISTS made (id int); UPDATE people SET at = now()",
    };
    await done(setting.target(people), create("ida"));
    const connector = setting.target({ statements }, ["note"]);
    const eve = await byName(connector, "eve");
    const error = await refused(connector, modify(eve, { attributes: [delta("note", [], ["committed"])] }));
    expect(error).toMatchObject({ kind: "InDoubt", message: expect.stringContaining("transaction") });
    expect((await byName(connector, "eve")).attributes).toEqual({ note: ["committed"] });
  });

  it("writes instants as it takes them, in UTC", async () => {
    const connector = setting.target(people, ["at"]);
    await done(connector, create("carol", { at: ["2026-03-31T17:00:00.5+02:00"] }));
    expect((await byName(connector, "carol")).attributes).toEqual({ at: ["2026-03-31T15:00:00.5Z"] });
  });
});

describe("SQLite over ODBC", () => {
  let setting: OdbcSetting;
  beforeAll(async () => {
    setting = await sqliteByOdbc();
    await setting.run(
      "CREATE TABLE people (id INTEGER PRIMARY KEY, login varchar(20) NOT NULL UNIQUE, photo blob(1000), mark varchar(5))",
    );
  });
  afterAll(() => setting.stop());

  const statements = {
    scan: 'SELECT id, login AS "name", photo, mark FROM people',
    insert: "INSERT INTO people (login, photo, mark) VALUES (:name, :photo, :mark)",
    update: "UPDATE people SET login = :name, photo = :photo, mark = :mark WHERE id = :id",
    delete: "DELETE FROM people WHERE id = :id",
  };

  it("own statements are sent bytes for bytes", async () => {
    const photo = [Buffer.from([0, 255, 39]).toString("base64")];
    const connector = setting.target({ statements }, ["photo", "mark"]);
    await done(connector, create("ann", { photo }));
    expect((await byName(connector, "ann")).attributes).toEqual({ photo });
    await done(connector, modify(await byName(connector, "ann"), { rename: "anna" }));
    expect(await setting.rows("SELECT login, hex(photo) AS photo FROM people")).toEqual([
      { login: "anna", photo: "00FF27" },
    ]);
  });

  it("a text that the driver would cut is refused, and not taken for the whole one", async () => {
    await setting.run(`INSERT INTO people (login, mark) VALUES ('long', '${"x".repeat(100)}')`);
    const connector = setting.target(people, ["mark"]);
    const error = await failure(scan(connector));
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("column mark") });
    await setting.run("DELETE FROM people WHERE login = 'long'");
    expect(await scan(connector)).toHaveLength(1);
  });

  it("a driver that is not on the operator's list is never loaded, and the flag is named", async () => {
    const error = await failure(setting.target(people, [], { drivers: ["Other"] }).check(call()));
    expect(error).toMatchObject({ kind: "Denied", message: expect.stringContaining("--odbc-driver") });
    const none = setting.target(people, [], { odbc: { driver: "/tmp/evil.so" }, drivers: [] });
    expect((await failure(none.check(call()))).kind).toBe("Denied");
  });

  it("a driver that is not installed is Invalid, whoever allowed it", async () => {
    const missing = setting.target(people, [], { odbc: { driver: "Nowhere" }, drivers: ["Nowhere"] });
    expect((await failure(missing.check(call()))).kind).toBe("Invalid");
  });

  it("a connection string that names a driver of its own is refused without being repeated", async () => {
    const connection = "Driver=/tmp/evil.so;PWD=hidden";
    const error = await failure(setting.target(people, [], { connection }).check(call()));
    expect(error).toMatchObject({ kind: "Unauthenticated", message: expect.stringContaining("DRIVER") });
    expect(error.message).not.toMatch(/hidden|evil/);
  });

  it("an interrupt from the terminal leaves the batch in hand alone", async () => {
    const child = fork("src/connectors/sql/odbc/program.ts", { serialization: "advanced", execArgv: [] });
    const ask = async (request: object) => {
      child.send(request);
      return (await once(child, "message"))[0] as unknown;
    };
    const connection = `DRIVER={${odbcDrivers.sqlite}};${setting.login}`;
    await ask({ do: "connect", connection, session: [], patience: 5 });
    child.kill("SIGINT");
    child.kill("SIGTERM");
    const answer = await ask({ do: "query", text: "SELECT 1", values: [] });
    expect(answer).toMatchObject({ rows: [[1]] });
    const gone = once(child, "exit");
    child.disconnect();
    expect(await gone).toEqual([null, "SIGKILL"]);
  });

  it("a driver that ends its process fails the call alone", async () => {
    const never = new AbortController().signal;
    const connection = `DRIVER={${odbcDrivers.sqlite}};${setting.login}`;
    const connect = { do: "connect", connection, session: [], patience: 5 } as const;
    const opened = await OdbcProcess.open(connect, never);
    const endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    const asked = failure(opened.ask({ do: "query", text: endless, values: [] }, never));
    opened.destroy();
    expect(await asked).toMatchObject({ kind: "Unavailable", message: expect.stringContaining("SIGKILL") });
    expect((await failure(opened.ask({ do: "commit" }, never))).kind).toBe("Unavailable");
  });
});
