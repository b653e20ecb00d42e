import { expect, test } from "vitest";
import { type Line, LinePool } from "./line-pool.ts";

const forever = new AbortController().signal;

function setting() {
  let opened = 0;
  const pool = new LinePool<Line & { open: boolean; number: number }>(async () => {
    const line = { open: true, number: ++opened, isOpen: true, destroy: () => (line.open = false) };
    return line;
  });
  const take = (count: number) => Promise.all(Array.from({ length: count }, () => pool.acquire(forever)));
  return { pool, take, opened: () => opened };
}

test("who gave up waiting takes nobody's turn", async () => {
  const { pool, take } = setting();
  const [first] = await take(4);
  const impatient = new AbortController();
  const given = pool.acquire(impatient.signal).catch((error: unknown) => error);
  const patient = pool.acquire(forever);
  impatient.abort();
  expect(await given).toMatchObject({ kind: "Retryable" });
  pool.release(first!, true);
  expect(await patient).toBe(first);
});

test("who gives up when it is its turn hands it on", async () => {
  const { pool, take } = setting();
  const [first] = await take(4);
  const impatient = new AbortController();
  const given = pool.acquire(impatient.signal).catch((error: unknown) => error);
  const patient = pool.acquire(forever);
  pool.release(first!, true);
  impatient.abort();
  expect(await given).toMatchObject({ kind: "Retryable" });
  expect(await patient).toBe(first);
});

test("a connection is used again, unless it was lost or its work did not end well", async () => {
  const { pool, opened } = setting();
  pool.release(await pool.acquire(forever), true);
  expect(opened()).toBe(1);
  const line = await pool.acquire(forever);
  expect(line.number).toBe(1);
  pool.release(line, false);
  expect(line.open).toBe(false);
  expect((await pool.acquire(forever)).number).toBe(2);
});

test("closing ends those in use and those that wait", async () => {
  const { pool, take } = setting();
  const lines = await take(4);
  const waiting = pool.acquire(forever).catch((error: unknown) => error);
  pool.close();
  expect(lines.every(({ open }) => !open)).toBe(true);
  pool.release(lines[0]!, false);
  expect(await waiting).toMatchObject({ kind: "Unavailable" });
});
