import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openState } from "../../../src/state/open.ts";
import type { State } from "../../../src/state/state.ts";
import { waitFor } from "../wait.ts";
import type { Bed } from "./bed.ts";
import { collect } from "./samples.ts";

const child = fileURLToPath(new URL("kill-child.ts", import.meta.url));
const writing = { realm: "default", mode: "write" } as const;

export function describeKills(bed: Bed): void {
  test("a writer killed at any moment leaves each batch open or finished whole, loses none it was told of, and frees the lock", async () => {
    const place = await bed.freshPlace();
    await (await openState(place, { ...writing, initialise: true })).close();
    let next = 0;
    for (const lines of [1, 8, 23, 24, 40]) {
      const said = await runAndKill(place, next, lines);
      // A database server may need a moment to see that the process is gone.
      const state = await waitFor(() => openState(place, writing), { what: "the lock is free" });
      next = await check(state, said, next);
      await state.close();
    }
  });
}

/** Lets the writer say so many lines, kills it at once, and gives all that it said. */
async function runAndKill(place: string, first: number, lines: number): Promise<string[]> {
  const writer = spawn(process.execPath, [child, place, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(writer, "exit");
  const said: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    said.push(line);
    if (said.length === lines) writer.kill("SIGKILL");
  }
  await exit;
  return said;
}

/** Every batch since `first` is open or finished whole. Returns the number that the next batch can have. */
export async function check(state: State, said: readonly string[], first: number): Promise<number> {
  const numbers = (word: string) =>
    said.flatMap((line) => (line.startsWith(`${word} `) ? [Number(line.split(" ")[1])] : []));
  const open = (await state.openBatches("people")).map(({ at }) => at).filter((at) => at >= first);
  const journal = await collect(state.journal({ since: first }));
  const lines = Map.groupBy(journal, ({ at }) => at);
  const links = new Set((await collect(state.links("people"))).map(({ identity }) => identity));
  for (const [number, entries] of lines) {
    const people = entries.map(({ identity }) => identity);
    expect(new Set(people).size).toBe(50);
    expect(people.every((identity) => links.has(identity))).toBe(true);
    expect(await state.holdings("people", { identities: people })).toHaveLength(50);
    expect(open).not.toContain(number);
  }
  for (const number of numbers("finished")) expect(lines.has(number)).toBe(true);
  for (const number of numbers("begun")) expect(lines.has(number) || open.includes(number)).toBe(true);
  expect(open.length).toBeLessThanOrEqual(1);
  expect(await state.spent("people", "Creates", first)).toBe(50 * (lines.size + open.length));
  return Math.max(first, ...numbers("begin").map((number) => number + 1));
}
