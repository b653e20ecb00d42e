import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isStateError } from "../../src/state/errors.ts";
import { openState } from "../../src/state/open.ts";
import type { State } from "../../src/state/state.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { check } from "../support/state/kills.ts";
import { batch, collect, entry, link } from "../support/state/samples.ts";
import { describeState } from "../support/state/suite.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait.ts";

const writing = { realm: "default", mode: "write" } as const;
const making = { ...writing, initialise: true } as const;

/** The server has other tests' databases as well. */
const writersLock =
  "SELECT pid, classid, objid FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND datname = current_database()";
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describeState({ freshPlace: () => server.createDatabase(), sequences: 20 });

test("a writer whose session was lost takes the lock again and goes on", async () => {
  const place = await server.createDatabase();
  const state = await openState(place, making);
  await endSessions(place);
  await keepAtLast(() => state.finish({ links: [link("alice")] }));
  expect(await collect(state.links("people"))).toEqual([link("alice")]);
  await expect(openState(place, writing)).rejects.toMatchObject({ kind: "Locked" });
  await state.close();
});

test("a writer whose lock another one got never writes again", async () => {
  const place = await server.createDatabase();
  const first = await openState(place, making);
  await endSessions(place);
  const second = await waitFor(() => openState(place, writing));
  const overtaken = {
    kind: "Locked",
    message: expect.stringContaining("another process has written to it meanwhile"),
  };
  await expect(first.finish({ links: [link("alice")] })).rejects.toMatchObject(overtaken);
  await second.finish({ links: [link("bob")] });
  await second.close();
  await expect(first.finish({ links: [link("alice")] })).rejects.toMatchObject(overtaken);
  expect(await collect(first.links("people"))).toEqual([link("bob")]);
  await first.close();
});

test("while its lock is held and nothing was written, a writer that lost its session waits for it", async () => {
  const place = await server.createDatabase();
  const state = await openState(place, making);
  const [key] = await query(place, writersLock);
  await endSessions(place);
  // As a session of its own does that is cut off and not yet noticed by the server.
  const stale = new pg.Client({ connectionString: place });
  await stale.connect();
  await stale.query("SELECT pg_advisory_lock($1, $2)", [key?.classid, key?.objid]);
  await expect(state.begin(batch("b1"))).rejects.toMatchObject({ kind: "Unavailable" });
  await stale.end();
  await keepAtLast(() => state.begin(batch("b1")));
  await state.close();
});

test("who takes over ends the session that has the lock, and the old writer can neither finish nor begin a batch", async () => {
  const place = await server.createDatabase();
  const first = await openState(place, making);
  await first.begin(batch("b1"));
  const second = await openState(place, { ...writing, takeOver: true });
  expect([first.epoch, second.epoch]).toEqual([1, 2]);
  const locked = { kind: "Locked" };
  await expect(first.finish({ batch: "b1", links: [link("alice")] })).rejects.toMatchObject(locked);
  await expect(first.begin(batch("b2"))).rejects.toMatchObject(locked);
  expect((await second.openBatches("people")).map(({ id }) => id)).toEqual(["b1"]);
  await second.finish({ batch: "b1", links: [link("bob")] });
  expect(await collect(second.links("people"))).toEqual([link("bob")]);
  await Promise.all([first.close(), second.close()]);
});

test("a writer that is stopped in the middle of a batch and goes on after it was taken over keeps nothing more", async () => {
  const place = await server.createDatabase();
  await (await openState(place, making)).close();
  const child = fileURLToPath(new URL("../support/state/kill-child.ts", import.meta.url));
  const writer = spawn(process.execPath, [child, place, "0"], { stdio: ["ignore", "pipe", "pipe"] });
  // Its exit may be known before its last words are read.
  const end = once(writer, "close");
  const said: string[] = [];
  const errors: string[] = [];
  createInterface({ input: writer.stderr }).on("line", (line) => errors.push(line));
  createInterface({ input: writer.stdout }).on("line", (line) => {
    said.push(line);
    if (line === "begun 5") writer.kill("SIGSTOP");
  });
  await waitFor(() => said.includes("begun 5"));
  const state = await openState(place, { ...writing, takeOver: true });
  const open = await state.openBatches("people");
  const links = await collect(state.links("people"));
  writer.kill("SIGCONT");
  expect(await end).toEqual([1, null]);
  // Whichever it notices first: that its session is gone, or that it was overtaken.
  expect(errors.join("\n")).toMatch(
    /StateError: cannot write to state .*(is tried again with the next call|has written to it meanwhile)/,
  );
  expect(await state.openBatches("people")).toEqual(open);
  expect(await collect(state.links("people"))).toEqual(links);
  await check(state, said, 0);
  await state.close();
});

test("who takes over waits for a session that it has ended, though the machine is slow to let it end", async () => {
  const place = await server.createDatabase();
  const first = await openState(place, making);
  const [holder] = await query(place, writersLock);
  process.kill(Number(holder?.pid), "SIGSTOP");
  const taking = openState(place, { ...writing, takeOver: true });
  // The wait before the session is ended takes two seconds, so that this is the one after it.
  const patience = `SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database() AND query_start < now() - interval '2500 ms'`;
  try {
    await Promise.race([taking, waitFor(async () => (await query(place, patience)).length > 0)]);
  } finally {
    process.kill(Number(holder?.pid), "SIGCONT");
  }
  const second = await taking;
  expect([first.epoch, second.epoch]).toEqual([1, 2]);
  await Promise.all([first.close(), second.close()]);
});

test("who takes over lets a writer that is about to end do so by itself", async () => {
  const place = await server.createDatabase();
  const first = await openState(place, making);
  const taking = openState(place, { ...writing, takeOver: true });
  await somebodyWaits(place);
  await first.finish({ links: [link("alice")] });
  await first.close();
  const second = await taking;
  expect(await collect(second.links("people"))).toEqual([link("alice")]);
  await second.close();
});

test("what a writer had in a transaction when it was taken over is not kept", async () => {
  const place = await server.createDatabase();
  const first = await openState(place, making);
  const people = Array.from({ length: 20_000 }, (_, index) => link(`user-${index}`));
  // It has to wait for whoever writes its last row too, and has written almost all others by then.
  const other = new pg.Client({ connectionString: place });
  await other.connect();
  await other.query(
    "BEGIN; INSERT INTO rollcall.links (target, identity, anchor, reasons, body) VALUES ('people', 'user-19999', '', '', '')",
  );
  const writing20000 = first.finish({ links: people }).catch((error) => error);
  await somebodyWaits(place);
  await endSessions(place);
  await other.end();
  const second = await openState(place, { ...writing, takeOver: true });
  expect((await writing20000).kind).toMatch(/Unavailable|Locked/);
  expect(await collect(second.links("people"))).toEqual([]);
  await expect(first.finish({ links: people })).rejects.toMatchObject({ kind: "Locked" });
  await Promise.all([first.close(), second.close()]);
});

test("a role that may not end the writer's session is told so", async () => {
  const place = await server.createDatabase();
  const name = new URL(place).pathname.slice(1);
  const first = await openState(place, making);
  await execute(
    place,
    `CREATE ROLE ${name}_other LOGIN PASSWORD 'other-secret'`,
    `GRANT USAGE ON SCHEMA rollcall TO ${name}_other`,
    `GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA rollcall TO ${name}_other`,
  );
  const other = place.replace(/\/\/[^@]*@/, `//${name}_other:other-secret@`);
  await expect(openState(other, { ...writing, takeOver: true })).rejects.toMatchObject({
    kind: "Denied",
    message: expect.stringMatching(/may not end that session; let all replicas use the same role/),
  });
  await first.finish({ links: [link("alice")] });
  await first.close();
});

test("the realms of one database know nothing of each other: own tables, own writer, own take-over", async () => {
  const place = await server.createDatabase();
  const long = `${"n".repeat(62)}a`;
  const realms = ["default", "team-a", "team-b", long, `${long.slice(0, 62)}b`];
  const states = await Promise.all(realms.map((realm) => openState(place, { ...making, realm })));
  for (const [index, state] of states.entries()) await state.finish({ links: [link(realms[index]!)] });
  for (const [index, state] of states.entries())
    expect(await collect(state.links("people"))).toEqual([link(realms[index]!)]);
  expect(new Set(states.map(({ id }) => id)).size).toBe(realms.length);
  await expect(openState(place, { ...writing, realm: long })).rejects.toMatchObject({ kind: "Locked" });
  const taken = await openState(place, { ...writing, realm: long, takeOver: true });
  await states[0]!.finish({ links: [link("alice")] });
  const schemas = await query(
    place,
    "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'rollcall%' ORDER BY nspname",
  );
  expect(schemas.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["rollcall", "rollcall_team-a", "rollcall_team-b"]),
  );
  expect(schemas).toHaveLength(realms.length);
  await Promise.all([taken, ...states].map((state) => state.close()));
});

test("a commit whose answer was lost is noticed, and the call that is made again is done once", async () => {
  await throughProxy(async (state, proxy) => {
    await state.begin(batch("b1"));
    proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("COMMIT") });
    const result = { batch: "b1", journal: [entry("alice")] };
    await expect(state.finish(result)).rejects.toMatchObject({ kind: "Unavailable" });
    await keepAtLast(() => state.finish(result));
    await state.finish({ journal: [entry("bob")] });
    expect((await collect(state.journal({}))).map(({ identity }) => identity)).toEqual(["alice", "bob"]);
    expect(await state.openBatches("people")).toEqual([]);
  });
});

test("wherever in its answers the connection breaks, a call that is made again is done once", async () => {
  await throughProxy(async (state, proxy) => {
    const lost = [];
    for (let bytes = 1; bytes <= 240; bytes += 6) {
      await state.begin(batch(`b${bytes}`));
      proxy.fail({ kind: "CutAfter", bytes });
      const result = { batch: `b${bytes}`, journal: [entry(`at-${bytes}`)], links: [link(`at-${bytes}`)] };
      await state.finish(result).catch(async (error) => {
        expect(error).toMatchObject({ kind: "Unavailable" });
        lost.push(bytes);
        proxy.heal();
        await keepAtLast(() => state.finish(result));
      });
      proxy.heal();
    }
    expect(lost.length).toBeGreaterThan(10);
    const kept = (await collect(state.journal({}))).map(({ identity }) => identity);
    expect(kept).toEqual(Array.from({ length: 40 }, (_, index) => `at-${1 + index * 6}`));
    expect(await state.openBatches("people")).toEqual([]);
  });
});

test("while the server is away every call says so; when it is back they work again", async () => {
  const own = await startPostgres();
  try {
    const state = await openState(await own.createDatabase(), making);
    await state.finish({ links: [link("alice")] });
    await own.kill();
    await expect(state.linksOf("people", ["alice"])).rejects.toMatchObject({ kind: "Unavailable" });
    await expect(state.finish({ links: [link("bob")] })).rejects.toMatchObject({ kind: "Unavailable" });
    await own.restart();
    await keepAtLast(() => state.finish({ links: [link("bob")] }));
    expect(await collect(state.links("people"))).toEqual([link("alice"), link("bob")]);
    await state.close();
  } finally {
    await own.stop();
  }
});

test("a role that may only read, and a writer that owns nothing but the schema, suffice", async () => {
  const place = await server.createDatabase();
  const name = new URL(place).pathname.slice(1);
  await execute(
    place,
    `CREATE ROLE ${name}_writer LOGIN PASSWORD 'writer-secret'`,
    `CREATE SCHEMA rollcall AUTHORIZATION ${name}_writer`,
    `CREATE ROLE ${name}_reader LOGIN PASSWORD 'reader-secret'`,
    `GRANT USAGE ON SCHEMA rollcall TO ${name}_reader`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${name}_writer IN SCHEMA rollcall GRANT SELECT ON TABLES TO ${name}_reader`,
  );
  const as = (role: string) => place.replace(/\/\/[^@]*@/, `//${name}_${role}:${role}-secret@`);
  const writer = await openState(as("writer"), making);
  await writer.finish({ links: [link("alice")] });
  const reader = await openState(as("reader"), { realm: "default", mode: "read" });
  expect(await collect(reader.links("people"))).toEqual([link("alice")]);
  await Promise.all([writer.close(), reader.close()]);
  await expect(openState(as("reader"), writing)).rejects.toMatchObject({ kind: "Denied" });
});

test("no password is in the place or in an error", async () => {
  const place = await server.createDatabase();
  const state = await openState(place, making);
  expect(state.place).toBe(place.replace(":postgres-secret", ""));
  await state.close();
  const wrong = place.replace("postgres-secret", "wrong-secret");
  const error = await openState(wrong, writing).catch((reason) => reason);
  expect(error).toMatchObject({
    kind: "Denied",
    message: expect.stringContaining("correct the user or the password"),
  });
  const malformed = await openState("postgres://user:typed-secret@host:port/x", writing).catch(
    (reason) => reason,
  );
  expect(`${error} ${error.stack} ${malformed} ${malformed.stack}`).not.toMatch(/(wrong|typed)-secret/);
});

test("a database that is not there is an error with its cure", async () => {
  const place = (await server.createDatabase()).replace(/test_.*/, "nowhere");
  await expect(openState(place, making)).rejects.toMatchObject({
    kind: "Denied",
    message: expect.stringContaining("create this database"),
  });
});

async function throughProxy(use: (state: State, proxy: TcpProxy) => Promise<void>): Promise<void> {
  const place = await server.createDatabase();
  const proxy = await startTcpProxy(server.port);
  try {
    const state = await openState(place.replace(`:${server.port}`, `:${proxy.port}`), making);
    await use(state, proxy);
    await state.close();
  } finally {
    await proxy.close();
  }
}

/** Until one session of this database waits for another. */
async function somebodyWaits(place: string): Promise<void> {
  const waiting =
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  await waitFor(async () => (await query(place, waiting)).length > 0, { what: "somebody waits for a lock" });
}

/** Ends the sessions of Rollcall in this database, as a failing network or an administrator does. */
async function endSessions(place: string): Promise<void> {
  await execute(
    place,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'rollcall%'",
  );
}

async function execute(connectionString: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function query(connectionString: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Makes a call again for as long as the database cannot be reached. */
async function keepAtLast(write: () => ReturnType<State["finish"]>): Promise<void> {
  await waitFor(
    async () => {
      try {
        await write();
        return true;
      } catch (error) {
        if (isStateError(error, "Unavailable")) return false;
        throw error;
      }
    },
    { what: "the call is kept" },
  );
}
