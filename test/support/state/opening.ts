import { expect, test } from "vitest";
import { migrations } from "../../../src/state/migrations.ts";
import { type OpenOptions, openState, stateIdAt } from "../../../src/state/open.ts";
import type { Bed } from "./bed.ts";
import { collect, link } from "./samples.ts";

const writing: OpenOptions = { realm: "default", mode: "write" };
const reading: OpenOptions = { realm: "default", mode: "read" };
const making: OpenOptions = { ...writing, initialise: true };

export function describeOpening(bed: Bed): void {
  test("a state that is not there is an error that names the place and the cure", async () => {
    const place = await bed.freshPlace();
    const expected = { name: "StateError", kind: "NoState", message: expect.stringContaining("--init") };
    await expect(openState(place, reading)).rejects.toMatchObject(expected);
    await expect(openState(place, writing)).rejects.toMatchObject(expected);
    await expect(openState(place, { ...reading, initialise: true })).rejects.toMatchObject(expected);
  });

  test("a state that was made is found again with its id, realm and digest key", async () => {
    const place = await bed.freshPlace();
    const made = await openState(place, making);
    const { id, realm, digestKey } = made;
    await made.close();
    const again = await openState(place, making);
    await again.close();
    expect({ id: again.id, realm: again.realm, digestKey: again.digestKey }).toEqual({
      id,
      realm,
      digestKey,
    });
    expect(digestKey).toMatch(/^[0-9a-f]{64}$/);
  });

  test("two states have different ids and digest keys", async () => {
    const one = await openState(await bed.freshPlace(), making);
    const other = await openState(await bed.freshPlace(), making);
    expect([one.id, one.digestKey]).not.toEqual([other.id, other.digestKey]);
    await Promise.all([one.close(), other.close()]);
  });

  test("each opening for writing gets a higher epoch, reading does not", async () => {
    const place = await bed.freshPlace();
    const epochs: number[] = [];
    for (const options of [making, reading, writing, reading, making]) {
      const state = await openState(place, options);
      epochs.push(state.epoch);
      await state.close();
    }
    expect(epochs).toEqual([1, 1, 2, 2, 3]);
  });

  test("the id of a state can be asked for while another process has it open", async () => {
    const place = await bed.freshPlace();
    expect(await stateIdAt(place, "default")).toBeUndefined();
    const state = await openState(place, making);
    expect(await stateIdAt(place, "default")).toBe(state.id);
    await state.close();
  });

  test("a second writer is refused and told who writes; readers are let in; afterwards the next one may write", async () => {
    const place = await bed.freshPlace();
    const first = await openState(place, making);
    const locked = { kind: "Locked", message: expect.stringContaining(`process ${process.pid}`) };
    await expect(openState(place, writing)).rejects.toMatchObject(locked);
    const reader = await openState(place, reading);
    await first.finish({ links: [link("alice")] });
    expect(await collect(reader.links("people"))).toEqual([link("alice")]);
    await Promise.all([first.close(), reader.close()]);
    const next = await openState(place, writing);
    await next.finish({ links: [link("bob")] });
    await next.close();
  });

  test("a reader cannot write", async () => {
    const place = await bed.freshPlace();
    await (await openState(place, making)).close();
    const reader = await openState(place, reading);
    await expect(reader.finish({ links: [link("alice")] })).rejects.toMatchObject({ kind: "ReadOnly" });
    await reader.close();
  });

  const second = {
    number: migrations.length + 1,
    name: "colours",
    sql: ["CREATE TABLE colours (name text PRIMARY KEY)"],
  };

  test("a writer brings an older schema up to date, a reader says that one has to", async () => {
    const place = await bed.freshPlace();
    const made = await openState(place, making);
    await made.finish({ links: [link("alice")] });
    await made.close();
    const newer = [...migrations, second];
    await expect(openState(place, { ...reading, migrations: newer })).rejects.toMatchObject({
      kind: "Older",
    });
    await (await openState(place, { ...writing, migrations: newer })).close();
    const reader = await openState(place, { ...reading, migrations: newer });
    expect(await collect(reader.links("people"))).toEqual([link("alice")]);
    await reader.close();
  });

  test("a newer schema is refused with the cure", async () => {
    const place = await bed.freshPlace();
    await (await openState(place, { ...making, migrations: [...migrations, second] })).close();
    const newer = { kind: "Newer", message: expect.stringContaining("run the newer Rollcall") };
    await expect(openState(place, reading)).rejects.toMatchObject(newer);
    await expect(openState(place, writing)).rejects.toMatchObject(newer);
  });

  test("a migration that fails leaves the state as it was", async () => {
    const place = await bed.freshPlace();
    await (await openState(place, making)).close();
    const broken = {
      number: second.number + 1,
      name: "broken",
      sql: ["CREATE TABLE shapes (name text)", "CREATE NONSENSE"],
    };
    const opened = openState(place, { ...writing, migrations: [...migrations, second, broken] });
    await expect(opened).rejects.toThrow();
    await (await openState(place, writing)).close();
    await (await openState(place, { ...writing, migrations: [...migrations, second] })).close();
  });
}
