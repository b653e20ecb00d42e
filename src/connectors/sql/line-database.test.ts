import { expect, test } from "vitest";
import type { Call } from "../contract.ts";
import type { Session } from "./database.ts";
import { inDoubt, SqlError } from "./errors.ts";
import { LineDatabase } from "./line-database.ts";
import type { SqlLine } from "./line-session.ts";
import { standardDialect } from "./standard/dialect.ts";

const call = { signal: new AbortController().signal } as Call;
const own = { text: "CALL p()", values: [], own: true };
const refused = new SqlError("Invalid", "Row", "refused");
const gone = new SqlError("Invalid", "Statement", "there is no such savepoint");
const lost = new SqlError("Unavailable", "Connection", "lost");

/** A database whose connections fail as they are told, and what they were asked. */
function databaseOf(failures: Readonly<Record<string, SqlError>>, tells?: { inTransaction: boolean }) {
  const asked: string[] = [];
  const ask = async (text: string) => {
    asked.push(text);
    if (failures[text]) throw failures[text];
  };
  const line: SqlLine = {
    isOpen: true,
    destroy: () => void asked.push("destroy"),
    run: async ({ text }) => {
      await ask(text);
      return { rows: [], count: 0 };
    },
    async *pages() {},
    begin: () => ask("begin"),
    commit: () => ask("commit").catch(inDoubt),
    rollback: () => ask("rollback"),
    ...(tells ? { isInTransaction: async () => tells.inTransaction } : {}),
  };
  const database = new (class extends LineDatabase<SqlLine> {
    readonly dialect = standardDialect();
    protected override readonly savepoints = { set: "set", undo: "undo", release: "release" };
    describeTable = () => Promise.reject(refused);
    describeQuery = () => Promise.reject(refused);
    server = async () => "";
    fingerprint = async () => "";
  })(async () => line);
  const transact = (work: (session: Session) => Promise<unknown>) =>
    database.transaction("ReadCommitted", "Savepoints", call, work).catch((error: unknown) => error);
  return { transact, asked };
}

const refusing = (session: Session) => session.savepoint(() => Promise.reject(refused));

test("a transaction is committed, and its connection is used again", async () => {
  const { transact, asked } = databaseOf({});
  await transact((session) => session.savepoint(async () => "done"));
  expect(asked).toEqual(["begin", "set", "release", "commit"]);
});

test("a connection that own statements ran on is nobody else's", async () => {
  const { transact, asked } = databaseOf({}, { inTransaction: true });
  await transact((session) => session.query(own));
  expect(asked).toEqual(["begin", "CALL p()", "commit", "destroy"]);
});

test("what failed is rolled back, unless the connection is lost", async () => {
  const alive = databaseOf({});
  expect(await alive.transact(refusing)).toBe(refused);
  expect(alive.asked).toEqual(["begin", "set", "undo", "rollback"]);
  const dead = databaseOf({});
  expect(await dead.transact(() => Promise.reject(lost))).toBe(lost);
  expect(dead.asked).toEqual(["begin", "destroy"]);
});

test("a commit is in doubt when it got no answer", async () => {
  const { transact, asked } = databaseOf({ commit: lost });
  expect(await transact(async () => "done")).toMatchObject({ kind: "InDoubt" });
  expect(asked).toEqual(["begin", "commit", "destroy"]);
});

test.each([
  ["done", (session: Session) => session.query(own)],
  ["refused", (session: Session) => session.query(own).then(() => Promise.reject(refused))],
])("what own statements committed is in doubt when the rest is %s", async (_, work) => {
  const { transact, asked } = databaseOf({}, { inTransaction: false });
  expect(await transact(work)).toMatchObject({ kind: "InDoubt" });
  expect(asked).toEqual(["begin", "CALL p()", "destroy"]);
});

test("an own statement that ended the transaction is noticed when its savepoint is gone", async () => {
  const { transact, asked } = databaseOf({ release: gone, undo: gone });
  const work = (session: Session) => session.savepoint(() => session.query(own));
  expect(await transact(work)).toMatchObject({ kind: "InDoubt" });
  expect(asked).toEqual(["begin", "set", "CALL p()", "release", "undo", "destroy"]);
});

test("a transaction that the database undid is tried again as a whole", async () => {
  const { transact } = databaseOf({ undo: gone });
  expect(await transact(refusing)).toMatchObject({ kind: "Retryable", message: "refused" });
});
