import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
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
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait.ts";

const block = sqlConnector.targetSchema.parse({ table: { name: "accounts", key: "login", id: "id" } });
const attributes = ["note", "at", "amount", "labels", "ref"];
const create = (name: string, id = 1, note = "x") =>
  ({ id, kind: "create", name, attributes: { note: [note] }, enabled: true }) as const;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("the sql connector on PostgreSQL", () => {
  let server: Postgres;
  let proxy: TcpProxy;
  let url: string;
  let client: pg.Client;
  const connections: StoreConnection[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    proxy = await startTcpProxy(server.port);
  }, 60_000);

  /** A fresh database with a table, and a target that reaches it through the proxy. */
  async function fresh(): Promise<Connector> {
    proxy.heal();
    await client?.end();
    url = await server.createDatabase();
    client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    await client.query(`CREATE TABLE accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      login text NOT NULL UNIQUE, note varchar(1000), at timestamptz, amount numeric(10, 2), labels text[], ref uuid)`);
    return target(url.replace(String(server.port), String(proxy.port)));
  }

  function target(address: string, store: object = {}): Connector {
    const connection = sqlConnector.connect(
      sqlConnector.storeSchema.parse({ dialect: "postgres", url: { env: "URL" }, ...store }),
      sqlEnvironment({ URL: address }),
    );
    connections.push(connection);
    return connection.target({ block, attributes });
  }

  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await client?.end();
    await proxy.close();
    await server.stop();
  });

  it("reads back what it wrote in one canonical form, whatever the server's settings", async () => {
    const connector = await fresh();
    await client.query(
      `ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET datestyle = 'German'; ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET timezone = 'Asia/Tokyo'`,
    );
    const values = {
      at: ["2026-03-31T17:00:00Z"],
      amount: ["1.5"],
      labels: ["b", 'a "quoted", \\ one', "NULL", ""],
      ref: ["6f1c1f0e-5b1a-4c39-9d0a-3f6f0c2f3b11"],
    };
    await done(connector, { ...create("ada"), attributes: values });
    expect((await byName(connector, "ada")).attributes).toEqual(values);
    const [found] = await connector.find([{ keys: { labels: "NULL", amount: "1.50" } }], call());
    expect(found).toHaveLength(1);
    const nowhere = [{ keys: { ref: "not a uuid" } }, { keys: { at: "never" } }];
    expect(await connector.find(nowhere, call())).toEqual([[], []]);
  });

  it("refuses a text that is too long, and does not cut it", async () => {
    const connector = await fresh();
    expect((await refused(connector, create("ada", 1, "x".repeat(1_001)))).kind).toBe("Invalid");
    expect(await scan(connector)).toEqual([]);
  });

  it("keeps values out of errors", async () => {
    const connector = await fresh();
    await client.query("ALTER TABLE accounts ADD CHECK (note <> 'hunter2'), ADD UNIQUE (note)");
    await done(connector, create("ada", 1, "secret-note"));
    for (const note of ["hunter2", "secret-note"]) {
      const { message, cause } = await refused(connector, create("bob", 1, note));
      expect(`${message} ${JSON.stringify(cause)}`).not.toContain(note);
    }
  });

  it("waits for another writer's row, and sees that it moved", async () => {
    const connector = await fresh();
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
    const connector = await fresh();
    await outcomes(connector, [create("ada", 1), create("bob", 2)]);
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    await client.query("SET deadlock_timeout = '60s'");
    await client.query("BEGIN");
    await client.query("UPDATE accounts SET note = 'theirs' WHERE login = 'bob'");
    const note = [delta("note", ["x"], ["ours"])];
    const ours = outcomes(connector, [
      modify(ada, { id: 1, attributes: note }),
      modify(bob, { id: 2, attributes: note }),
    ]);
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await waitFor(async () => (await client.query(waiting)).rowCount === 1, { what: "the batch waits" });
    await client.query("UPDATE accounts SET note = 'theirs' WHERE login = 'ada'");
    await client.query("COMMIT");
    expect((await ours).map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["Retryable", "Retryable"]);
  });

  it("a server killed in mid-batch leaves the whole batch or nothing of it", async () => {
    const connector = await fresh();
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
    await server.kill();
    const kinds = new Set((await batch).map((one) => (one.ok ? "ok" : one.error.kind)));
    expect(kinds).toEqual(new Set(["Unavailable"]));
    await server.restart();
    expect(await scan(connector)).toEqual([]);
  });

  it("a lost answer to a commit is InDoubt for the whole batch, which was made", async () => {
    const connector = await fresh();
    await scan(connector);
    proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("COMMIT\0") });
    const batch = await outcomes(connector, [create("ada", 1), create("bob", 2)]);
    expect(batch.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["InDoubt", "InDoubt"]);
    expect(await waitFor(async () => (await scan(connector)).length === 2)).toBe(true);
  });

  it("a scan is never short, wherever its connection is cut", async () => {
    const connector = await fresh();
    await client.query("INSERT INTO accounts (login) SELECT 'user ' || n FROM generate_series(1, 2000) n");
    await scan(connector);
    for (const bytes of range(24).map((step) => 1 + step * 2_500)) {
      proxy.fail({ kind: "CutAfter", bytes });
      const result = await scan(connector).catch((error: unknown) => error);
      proxy.heal();
      if (Array.isArray(result)) expect(result).toHaveLength(2_000);
      else
        expect(result).toMatchObject({
          name: "StoreError",
          kind: expect.stringMatching(whileDown.join("|")),
        });
    }
  });

  it("a scan that its reader leaves early frees its connection", async () => {
    const connector = await fresh();
    await client.query("INSERT INTO accounts (login) SELECT 'user ' || n FROM generate_series(1, 20000) n");
    for (let time = 0; time < 8; time++)
      for await (const page of connector.scan("accounts", call())) if (page.length > 0) break;
    expect(await scan(connector)).toHaveLength(20_000);
  });

  it("an aborted call ends at once, and the next one works", async () => {
    const connector = await fresh();
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

  it("the marker stays while nothing is written, and changes with every write", async () => {
    const connector = await fresh();
    const first = await connector.marker!(call());
    expect(await connector.marker!(call())).toBe(first);
    await client.query("BEGIN; INSERT INTO accounts (login) VALUES ('late')");
    const before = await connector.marker!(call());
    await client.query("COMMIT");
    expect(await connector.marker!(call())).not.toBe(before);
  });

  it("needs no more rights than the example grants", async () => {
    await fresh();
    const role = `role_${Date.now()}`;
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p@ss'; GRANT SELECT ON accounts TO ${role};
      GRANT INSERT (login, note), UPDATE (login, note) ON accounts TO ${role}`);
    const limited = url.replace(/\/\/[^@]*@/, `//${role}:p%40ss@`);
    const connector = target(limited);
    expect((await connector.check(call())).problems).toEqual([]);
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    await done(connector, modify(record, { attributes: [delta("note", ["x"], ["y"])], rename: "lovelace" }));
    const removal = { id: 1, kind: "delete", anchor: record.anchor, name: "lovelace" } as const;
    expect((await refused(connector, removal)).kind).toBe("Denied");
  });

  it("asks for TLS when told to verify, and does not go on without", async () => {
    await fresh();
    const error = await failure(scan(target(url, { tls: "Verify" })));
    expect(error.message).toContain("SSL");
  });

  it("never says what a malformed url was", async () => {
    await fresh();
    const error = await failure(scan(target("postgres//user:secret@host")));
    expect(error.kind).toBe("Unauthenticated");
    expect(error.message).not.toContain("secret");
  });
});
