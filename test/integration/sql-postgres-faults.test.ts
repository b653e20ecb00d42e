import pg from "pg";
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
import { waitFor } from "../support/wait.ts";
import { type PostgresSetting, startPostgresSetting } from "./postgres-setting.ts";

const create = (name: string, id = 1, note = "x") =>
  ({ id, kind: "create", name, attributes: { note: [note] }, enabled: true }) as const;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("the sql connector on PostgreSQL, when things go wrong", () => {
  let setting: PostgresSetting;
  beforeAll(async () => {
    setting = await startPostgresSetting();
  });
  afterAll(() => setting.stop());

  it("waits for another writer's row, and sees that it moved", async () => {
    const { connector, client } = await setting.fresh();
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    await client.query("BEGIN; UPDATE accounts SET note = 'theirs'");
    const ours = refused(
      connector,
      modify(record, { attributes: [delta("note", ["x"], ["ours"])], expect: record.version }),
    );
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await waitFor(async () => (await client.query(waiting)).rowCount === 1, { what: "the change waits" });
    await client.query("COMMIT");
    expect((await ours).kind).toBe("Moved");
  });

  it("gives a deadlock's victim back as Retryable", async () => {
    const { connector, client, url } = await setting.fresh();
    const names = ["ada", "bob", "eve"];
    await outcomes(
      connector,
      names.map((name, id) => create(name, id)),
    );
    const records = await Promise.all(names.map((name) => byName(connector, name)));
    // Who waits looks for a deadlock once, after this time, and is the victim: it must be whoever began to wait last.
    await client.query("SET deadlock_timeout = '10min'");
    await client.query("BEGIN; UPDATE accounts SET note = 'theirs' WHERE login = 'eve'");
    const gate = new pg.Client({ connectionString: url });
    await gate.connect();
    await gate.query("BEGIN; UPDATE accounts SET note = 'held' WHERE login = 'bob'");
    const waiting = async () =>
      (await gate.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount;
    const note = [delta("note", ["x"], ["ours"])];
    const ours = outcomes(
      connector,
      records.map((record, id) => modify(record, { id, attributes: note })),
    );
    await waitFor(async () => (await waiting()) === 1, { what: "the batch waits" });
    const theirs = client.query("UPDATE accounts SET note = 'theirs' WHERE login = 'ada'");
    await waitFor(async () => (await waiting()) === 2, { what: "they wait for the batch" });
    await gate.end();
    await theirs;
    await client.query("COMMIT");
    expect(new Set((await ours).map((one) => (one.ok ? "ok" : one.error.kind)))).toEqual(
      new Set(["Retryable"]),
    );
  });

  it("a connection ended in a transaction leaves nothing of it, and the next call works", async () => {
    const { connector, client } = await setting.fresh();
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    await client.query("BEGIN; UPDATE accounts SET note = 'theirs'");
    const ours = outcomes(connector, [
      modify(record, { id: 1, attributes: [delta("note", ["x"], ["ours"])] }),
    ]);
    const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await waitFor(async () => (await client.query(waiting)).rowCount === 1, { what: "the change waits" });
    await client.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) w`);
    expect((await ours).map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["Unavailable"]);
    await client.query("ROLLBACK");
    expect((await byName(connector, "ada")).attributes).toEqual({ note: ["x"] });
  });

  it("a transaction that could not be serialized is Retryable, and what came first stays", async () => {
    const { client, url } = await setting.fresh();
    await client.query("CREATE VIEW people AS SELECT * FROM accounts");
    const connector = setting.target(url, { table: "people" });
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    await client.query("BEGIN; UPDATE accounts SET note = 'theirs'");
    const ours = refused(connector, modify(record, { attributes: [delta("note", ["x"], ["ours"])] }));
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await waitFor(async () => (await client.query(waiting)).rowCount === 1, { what: "the change waits" });
    await client.query("COMMIT");
    expect((await ours).kind).toBe("Retryable");
    expect((await byName(connector, "ada")).attributes).toEqual({ note: ["theirs"] });
  });

  it("a server killed in mid-batch leaves the whole batch or nothing of it", async () => {
    const { connector, client } = await setting.fresh();
    await client.query(
      `CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
       CREATE TRIGGER stop BEFORE INSERT ON accounts FOR EACH ROW WHEN (NEW.login = 'u500') EXECUTE FUNCTION stop()`,
    );
    await connector.schema(call());
    await client.query("SELECT pg_advisory_lock(1)");
    const batch = outcomes(
      connector,
      range(1_000).map((index) => create(`u${index}`, index)),
    );
    const waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await waitFor(async () => (await client.query(waiting)).rowCount === 1, {
      what: "the batch is half done",
    });
    await setting.server.kill();
    const kinds = new Set((await batch).map((one) => (one.ok ? "ok" : one.error.kind)));
    expect(kinds).toEqual(new Set(["Unavailable"]));
    await setting.server.restart();
    expect(await scan(connector)).toEqual([]);
  });

  it("a connection that is cut while rows are copied leaves none of them, and the next call works", async () => {
    const { url } = await setting.fresh();
    const address = new URL(url);
    address.port = String(setting.proxy.port);
    const connector = setting.target(address.href, { id: "login" });
    await connector.schema(call());
    // Some of the last hundred rows come in one piece, however they are cut into pieces.
    const matches = (request: Buffer) => /u9[0-9]{2}/.test(request.toString("latin1"));
    setting.proxy.fail({ kind: "LoseAnswer", matches });
    const changes = range(1_000).map((index) => create(`u${index}`, index));
    const kinds = new Set(
      (await outcomes(connector, changes)).map((one) => (one.ok ? "ok" : one.error.kind)),
    );
    expect(kinds).toEqual(new Set(["Unavailable"]));
    setting.proxy.heal();
    expect(await scan(connector)).toEqual([]);
    await done(connector, create("ada"));
  });

  it("a lost answer to a commit is InDoubt for the whole batch, which was made", async () => {
    const { connector } = await setting.fresh();
    await scan(connector);
    setting.proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("COMMIT\0") });
    const batch = await outcomes(connector, [create("ada", 1), create("bob", 2)]);
    expect(batch.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["InDoubt", "InDoubt"]);
    expect(await waitFor(async () => (await scan(connector)).length === 2)).toBe(true);
  });

  it("a scan is never short, wherever its connection is cut", async () => {
    const { connector, client } = await setting.fresh();
    await client.query("INSERT INTO accounts (login) SELECT 'user ' || n FROM generate_series(1, 2000) n");
    await scan(connector);
    for (const bytes of range(24).map((step) => 1 + step * 2_500)) {
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

  it("a scan that its reader leaves early frees its connection", async () => {
    const { connector, client } = await setting.fresh();
    await client.query("INSERT INTO accounts (login) SELECT 'user ' || n FROM generate_series(1, 20000) n");
    for (let time = 0; time < 8; time++)
      for await (const page of connector.scan("accounts", call())) if (page.length > 0) break;
    expect(await scan(connector)).toHaveLength(20_000);
  });

  it("an aborted call ends at once, and the next one works", async () => {
    const { connector, client } = await setting.fresh();
    await done(connector, create("ada"));
    await client.query("BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE");
    const controller = new AbortController();
    const blocked = failure(connector.fetch(["1"], call(controller.signal)));
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await waitFor(async () => (await client.query(waiting)).rowCount === 1, { what: "the call waits" });
    controller.abort();
    await blocked;
    await client.query("ROLLBACK");
    expect(await scan(connector)).toHaveLength(1);
  });
});
