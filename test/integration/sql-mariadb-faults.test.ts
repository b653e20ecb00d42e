import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  byName,
  call,
  delta,
  done,
  failure,
  modify,
  outcomes,
  refused,
  scan,
  whileDown,
} from "../contract/bench.ts";
import { isCommit } from "../support/mysql-server.ts";
import { waitFor } from "../support/wait.ts";
import { type MariadbSetting, mysqlDialects, startSetting } from "./mariadb-setting.ts";

const create = (name: string, id = 1, note = "x") =>
  ({ id, kind: "create", name, attributes: { note: [note] }, enabled: true }) as const;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const tuples = (count: number) =>
  range(count)
    .map((index) => `(${index})`)
    .join(", ");
const note = [delta("note", ["x"], ["ours"])];

describe.each(mysqlDialects)("the sql connector on %s, when things go wrong", (_, dialect) => {
  let setting: MariadbSetting;
  beforeAll(async () => {
    setting = await startSetting(dialect);
  });
  afterAll(() => setting.stop());

  it("waits for another writer's row, and sees that it moved", async () => {
    const connector = await setting.fresh();
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    await setting.run("START TRANSACTION; UPDATE accounts SET note = 'theirs'");
    const ours = refused(connector, modify(record, { attributes: note, expect: record.version }));
    await setting.waiting("lock");
    await setting.run("COMMIT");
    expect((await ours).kind).toBe("Moved");
    expect((await byName(connector, "ada")).attributes).toEqual({ note: ["theirs"] });
  });

  it.each([
    ["a view", { table: { name: "people", key: "login", id: "id" } }],
    [
      "own statements",
      {
        statements: {
          scan: "SELECT id, login AS name, note FROM accounts",
          update: "UPDATE accounts SET login = :name, note = :note WHERE id = :id",
        },
      },
    ],
  ])(
    "loses nobody's change through %s either, whose rows cannot be locked by themselves",
    async (_, block) => {
      await setting.fresh();
      await setting.run(
        "CREATE VIEW people AS SELECT * FROM accounts; INSERT INTO accounts VALUES (1, 'ada', 'x')",
      );
      const connector = setting.target(setting.url(), { block });
      const record = await byName(connector, "ada");
      await setting.run("START TRANSACTION; UPDATE accounts SET note = 'theirs'");
      const ours = refused(connector, modify(record, { attributes: note, expect: record.version }));
      await setting.waiting("lock");
      await setting.run("COMMIT");
      expect(["Moved", "Retryable"]).toContain((await ours).kind);
      expect((await byName(connector, "ada")).attributes).toEqual({ note: ["theirs"] });
    },
  );

  it("gives a deadlock's victim back as Retryable, and nothing of it is left", async () => {
    const connector = await setting.fresh();
    await outcomes(connector, [create("ada", 1), create("bob", 2)]);
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    // The victim is the one that has written less: so they write more.
    await setting.run(`CREATE TABLE ballast (n int); INSERT INTO ballast VALUES ${tuples(1_000)}`);
    await setting.run("START TRANSACTION; UPDATE ballast SET n = n + 1");
    await setting.run("UPDATE accounts SET note = 'theirs' WHERE login = 'bob'");
    const ours = outcomes(connector, [
      modify(ada, { id: 1, attributes: note }),
      modify(bob, { id: 2, attributes: note }),
    ]);
    await setting.waiting("lock");
    await setting.run("UPDATE accounts SET note = 'theirs' WHERE login = 'ada'");
    await setting.run("COMMIT");
    expect((await ours).map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["Retryable", "Retryable"]);
    expect(await setting.rows("SELECT DISTINCT note FROM accounts")).toEqual([{ note: "theirs" }]);
    await done(connector, modify(ada, { attributes: [delta("note", ["theirs"], ["again"])] }));
  });

  it("a lock that is not to be had in time is Retryable", async () => {
    const connector = await setting.fresh();
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    await setting.run("SET GLOBAL innodb_lock_wait_timeout = 1");
    const impatient = setting.target(setting.url());
    await setting.run("START TRANSACTION; UPDATE accounts SET note = 'theirs'");
    const error = await refused(impatient, modify(record, { attributes: note }));
    expect(error.kind).toBe("Retryable");
    await setting.run("ROLLBACK; SET GLOBAL innodb_lock_wait_timeout = 50");
    await done(impatient, modify(record, { attributes: note }));
  });

  const gate = `CREATE TRIGGER gate BEFORE INSERT ON accounts FOR EACH ROW
    BEGIN DECLARE held int; IF NEW.login = 'u500' THEN SET held = GET_LOCK('gate', 60); END IF; END`;

  it("a connection killed in a transaction leaves nothing of it, and the next call works", async () => {
    const connector = await setting.fresh();
    await setting.run(gate);
    await connector.schema(call());
    await setting.run("DO GET_LOCK('gate', 0)");
    const batch = outcomes(
      connector,
      range(1_000).map((index) => create(`u${index}`, index)),
    );
    await setting.waiting("User lock");
    const [row] = await setting.rows(
      "SELECT id FROM information_schema.processlist WHERE state = 'User lock'",
    );
    await setting.run(`KILL ${row?.id}`);
    const kinds = new Set((await batch).map((one) => (one.ok ? "ok" : one.error.kind)));
    expect(kinds).toEqual(new Set(["Unavailable"]));
    await setting.run("DO RELEASE_LOCK('gate')");
    expect(await scan(connector)).toEqual([]);
  });

  it("a server killed in mid-batch leaves the whole batch or nothing of it", async () => {
    const connector = await setting.fresh();
    await setting.run(gate);
    await connector.schema(call());
    await setting.run("DO GET_LOCK('gate', 0)");
    const batch = outcomes(
      connector,
      range(1_000).map((index) => create(`u${index}`, index)),
    );
    await setting.waiting("User lock");
    await setting.server.kill();
    const kinds = new Set((await batch).map((one) => (one.ok ? "ok" : one.error.kind)));
    expect(kinds).toEqual(new Set(["Unavailable"]));
    await setting.server.restart();
    expect(await scan(connector)).toEqual([]);
  });

  it("a lost answer to a commit is InDoubt for the whole batch, which was made", async () => {
    const connector = await setting.fresh();
    await scan(connector);
    setting.proxy.fail({ kind: "LoseAnswer", matches: isCommit });
    const batch = await outcomes(connector, [create("ada", 1), create("bob", 2)]);
    expect(batch.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["InDoubt", "InDoubt"]);
    await waitFor(async () => (await scan(connector)).length === 2, { what: "both are there" });
  });

  it("a scan is never short, wherever its connection is cut", async () => {
    const connector = await setting.fresh();
    await setting.run(`INSERT INTO accounts (login) VALUES ${tuples(2_000)}`);
    await scan(connector);
    for (const bytes of range(30).map((step) => 1 + step * 4_000)) {
      setting.proxy.fail({ kind: "CutAfter", bytes });
      const result = await scan(connector).catch((error: unknown) => error);
      setting.proxy.heal();
      if (Array.isArray(result)) expect(result).toHaveLength(2_000);
      else
        expect(result).toMatchObject({
          name: "StoreError",
          kind: expect.stringMatching(whileDown.join("|")),
        });
    }
  });

  it("a scan that the server gives up is an error", async () => {
    const connector = await setting.fresh();
    await setting.run(`INSERT INTO accounts (login) VALUES ${tuples(20_000)}`);
    const pages = connector.scan("accounts", call())[Symbol.asyncIterator]();
    await pages.next();
    const streaming = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT t.%'";
    const [row] = await setting.rows(streaming);
    if (row) await setting.run(`KILL QUERY ${row.id}`);
    let count = 0;
    const rest = async () => {
      for (let page = await pages.next(); !page.done; page = await pages.next()) count += page.value.length;
    };
    const error = await rest().catch((failed: unknown) => failed);
    if (error === undefined) expect(count).toBeGreaterThan(19_000);
    else expect(error).toMatchObject({ kind: expect.stringMatching(whileDown.join("|")) });
  });

  it("a scan that its reader leaves early frees its connection", async () => {
    const connector = await setting.fresh();
    await setting.run(`INSERT INTO accounts (login) VALUES ${tuples(20_000)}`);
    for (let time = 0; time < 8; time++)
      for await (const page of connector.scan("accounts", call())) if (page.length > 0) break;
    expect(await scan(connector)).toHaveLength(20_000);
  });

  it("an aborted call ends at once, and the next one works", async () => {
    const connector = await setting.fresh();
    await done(connector, create("ada"));
    await setting.run("LOCK TABLES accounts WRITE");
    const controller = new AbortController();
    const blocked = failure(connector.fetch(["1"], call(controller.signal)));
    await setting.waiting("Waiting for table metadata lock");
    controller.abort();
    expect((await blocked).kind).toBe("Retryable");
    await setting.run("UNLOCK TABLES");
    expect(await scan(connector)).toHaveLength(1);
  });

  it("more calls than connections wait for their turn", async () => {
    const connector = await setting.fresh();
    await done(connector, create("ada"));
    const calls = range(20).map(() => connector.fetch(["1"], call()));
    expect((await Promise.all(calls)).flat()).toHaveLength(20);
  });

  it("a connection that the server gave up while it was idle is not used again", async () => {
    const connector = await setting.fresh();
    await done(connector, create("ada"));
    const others =
      "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND command <> 'Daemon'";
    const killOthers = async () => {
      const ids = await setting.rows(others);
      // One that ended by itself meanwhile cannot be killed: the next look does not show it.
      for (const { id } of ids) await setting.run(`KILL ${id}`).catch(() => undefined);
      return ids.length === 0;
    };
    await waitFor(killOthers, { what: "all are gone" });
    await waitFor(async () => (await scan(connector)).length === 1, { what: "it works again" });
  });
});
