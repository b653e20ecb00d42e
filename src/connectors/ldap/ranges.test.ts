import { describe, expect, it } from "vitest";
import type { Call } from "../contract.ts";
import { hasParts, type ReadEntry, withAllValues } from "./ranges.ts";
import type { LdapEntry } from "./wire.ts";

const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };

/** A server that sends `size` values at a time, and whose group changes after so many reads. */
function server(members: readonly string[], size: number, changes: (reads: number) => string = () => "1") {
  let reads = 0;
  const read: ReadEntry = async (dn, attributes) => {
    reads++;
    const entry = new Map<string, Buffer[]>();
    for (const attribute of attributes) {
      const [, name, start = "0"] = /^(.+?)(?:;range=(\d+)-\*)?$/.exec(attribute)!;
      if (name !== "member") entry.set(name!.toLowerCase(), [Buffer.from(changes(reads))]);
      else {
        const part = members.slice(Number(start), Number(start) + size);
        const last = Number(start) + part.length >= members.length ? "*" : Number(start) + part.length - 1;
        const whole = start === "0" && last === "*";
        entry.set(
          whole ? "member" : `member;range=${start}-${last}`,
          part.map((one) => Buffer.from(one)),
        );
      }
    }
    return { dn, attributes: entry };
  };
  return { read, reads: () => reads };
}

const members = Array.from({ length: 10 }, (_, n) => `cn=m${n}`);
const asked = ["uSNChanged", "member"];
const whole = async (read: ReadEntry) => {
  const entry = (await read("cn=g", asked, call)) as LdapEntry;
  return await withAllValues(entry, asked, read, call);
};
const texts = (entry: LdapEntry) => entry.attributes.get("member")?.map(String);

describe("an attribute that comes in parts", () => {
  it("is read to its end", async () => {
    const { read, reads } = server(members, 4);
    const entry = await whole(read);
    expect(texts(entry)).toEqual(members);
    expect(hasParts(entry)).toBe(false);
    expect(reads()).toBe(3);
  });

  it("is left as it is when it came whole", async () => {
    const { read, reads } = server(members, 100);
    expect(texts(await whole(read))).toEqual(members);
    expect(reads()).toBe(1);
  });

  it("is read again from the start when the entry changed meanwhile", async () => {
    const { read, reads } = server(members, 4, (at) => (at < 3 ? "1" : "2"));
    expect(texts(await whole(read))).toEqual(members);
    expect(reads()).toBe(6);
  });

  it("of an entry that never stands still is an error, never a short list", async () => {
    const { read } = server(members, 4, (at) => String(at));
    await expect(whole(read)).rejects.toMatchObject({ kind: "Retryable" });
  });

  it("of which a server sends another part than it was asked for is an error, and not read for ever", async () => {
    const { read } = server(members, 4);
    await expect(whole((dn, _, by) => read(dn, asked, by))).rejects.toMatchObject({ kind: "Retryable" });
  });

  it("of an entry that vanishes is an error", async () => {
    const { read } = server(members, 4);
    let reads = 0;
    await expect(whole(async (...args) => (reads++ === 0 ? read(...args) : undefined))).rejects.toMatchObject(
      {
        kind: "Retryable",
      },
    );
  });
});
