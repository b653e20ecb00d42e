import { describe, expect, test } from "vitest";
import { decodeUpToDateVector, type Sight, Written } from "./replication.ts";

const minute = 60_000;

function sight(invocationId: string, usn: bigint, arrived: Readonly<Record<string, bigint>> = {}): Sight {
  const host = `${invocationId}.example.org`;
  return {
    host,
    invocationId,
    usn,
    domain: "domain",
    isReadOnly: false,
    arrived: new Map(Object.entries(arrived)),
  };
}

describe("what was written at one controller", () => {
  test("is missing at another until its count has arrived there", () => {
    const written = new Written();
    written.begin(sight("dc1", 10n), 0);
    written.settle(sight("dc1", 10n), 12n, written.asked(true));
    const at = (usn: bigint) => written.missingAt(sight("dc2", 500n, { dc1: usn }), minute, 1);
    expect(at(11n)).toEqual([{ host: "dc1.example.org", until: minute }]);
    expect(at(12n)).toEqual([]);
  });

  test("is not missing where it was written", () => {
    const written = new Written();
    written.begin(sight("dc1", 10n), 0);
    expect(written.missingAt(sight("dc1", 12n), minute, 1)).toEqual([]);
  });

  test("is missing everywhere else while nobody knows how far the controller was, until it tells or time has passed", () => {
    const written = new Written();
    written.begin(sight("dc1", 10n), 0);
    const at = (now: number) => written.missingAt(sight("dc2", 500n, { dc1: 99n }), minute, now);
    expect(at(minute - 1)).toHaveLength(1);
    expect(written.isOpenAt(sight("dc1", 20n))).toBe(true);
    written.settle(sight("dc1", 20n), 20n, written.asked(true));
    expect(at(1)).toEqual([]);
    written.begin(sight("dc1", 10n), 0);
    expect(at(minute)).toEqual([]);
  });

  test("is not told by an answer to who asked while a change was under way, or before the last was sent", () => {
    const written = new Written();
    const dc1 = sight("dc1", 10n);
    written.begin(dc1, 0);
    written.settle(dc1, 11n, written.asked(false));
    expect(written.isOpenAt(dc1)).toBe(true);
    const asked = written.asked(true);
    written.begin(dc1, 0);
    written.settle(dc1, 11n, asked);
    expect(written.isOpenAt(dc1)).toBe(true);
  });
});

test("a controller that counts back was restored", () => {
  const written = new Written();
  const meet = (host: string, usn: bigint) => written.meet(sight(host, usn), written.asked(true));
  expect(meet("dc1", 20n)).toBe(0n);
  expect(meet("dc1", 25n)).toBe(0n);
  expect(meet("dc1", 22n)).toBe(3n);
  expect(meet("dc1", 22n)).toBe(0n);
  expect(meet("dc2", 5n)).toBe(0n);
});

test("a controller whose answers to two sessions come in another order than they were given does not count back", () => {
  const written = new Written();
  written.meet(sight("dc1", 20n), written.asked(true));
  const both = written.asked(true);
  expect(written.meet(sight("dc1", 25n), both)).toBe(0n);
  expect(written.meet(sight("dc1", 22n), both)).toBe(0n);
  expect(written.meet(sight("dc1", 24n), written.asked(true))).toBe(1n);
});

describe("an up-to-dateness vector", () => {
  // As Samba 4.17 holds it.
  const cursor = "2c7b907aa07d4247956d620ec7445f90a10f000000000000008003d6deb19d01";
  const vector = (version: number, size: number) =>
    Buffer.from(`0${version}00000000000000${"0100000000000000"}${cursor.slice(0, size * 2)}`, "hex");

  test("of either version tells how far each copy's changes have come", () => {
    const known = new Map([["7a907b2c-7da0-4742-956d-620ec7445f90", 4001n]]);
    expect(decodeUpToDateVector(vector(2, 32))).toEqual(known);
    expect(decodeUpToDateVector(vector(1, 24))).toEqual(known);
  });

  test("that is none, or cut off, says nothing", () => {
    for (const value of [undefined, Buffer.alloc(0), Buffer.alloc(40, 7), vector(2, 20)])
      expect(decodeUpToDateVector(value)).toEqual(new Map());
  });
});
