import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isStateError } from "../../src/state/errors.ts";
import { openState } from "../../src/state/open.ts";
import type { State } from "../../src/state/state.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { batch, collect, entry, link } from "../support/state/samples.ts";
import { describeState } from "../support/state/suite.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait.ts";

const writing = { realm: "default", mode: "write" } as const;
const making = { ...writing, initialise: true } as const;

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
  await expect(first.finish({ links: [link("alice")] })).rejects.toMatchObject({ kind: "Unavailable" });
  await second.finish({ links: [link("bob")] });
  await second.close();
  const refused = async () => {
    const error = await first.finish({ links: [link("alice")] }).catch((reason) => reason);
    return isStateError(error, "Locked") ? error : undefined;
  };
  const error = await waitFor(refused, {
    what: "the lock is free, and the first writer sees that it was overtaken",
  });
  expect(error.message).toContain("another process has written to it meanwhile");
  expect(await collect(first.links("people"))).toEqual([link("bob")]);
  await first.close();
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
