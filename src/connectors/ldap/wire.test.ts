import fc from "fast-check";
import { BerWriter } from "ldapts";
import { describe, expect, it } from "vitest";
import { MessageSplitter, readAnswer } from "./wire.ts";

function message(id: number, tag: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  write(writer);
  writer.endSequence();
  writer.endSequence();
  return Buffer.from(writer.buffer);
}

const result = (id: number, text: string) =>
  message(id, 0x69, (writer) => {
    writer.writeEnumeration(68);
    writer.writeString("ou=people");
    writer.writeString(text);
  });

describe("the splitter", () => {
  it("gives the same messages however the bytes arrive", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 50 });
    const lengths = fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(lengths, sizes, (texts, pieces) => {
        const messages = texts.map((length, id) => result(id, "x".repeat(length)));
        const bytes = Buffer.concat(messages);
        const splitter = new MessageSplitter();
        const found: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = pieces[turn % pieces.length]! * (turn % 7 === 0 ? 100 : 1);
          found.push(...splitter.push(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(found.map((one) => one.toString("hex"))).toEqual(messages.map((one) => one.toString("hex")));
        expect(splitter.pending).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("says whether a part of a message is waiting", () => {
    const splitter = new MessageSplitter();
    expect(splitter.push(result(1, "text").subarray(0, 5))).toEqual([]);
    expect(splitter.pending).toBe(true);
  });

  it.each(["HTTP/1.1 400", "\x16\x03\x01\x02", "0\x80\x02\x01"])(
    "refuses bytes that are no LDAP: %j",
    (text) => {
      expect(() => new MessageSplitter().push(Buffer.from(text, "latin1"))).toThrow("not LDAP");
    },
  );
});

describe("an answer", () => {
  it("is a result with its code, text and matched name", () => {
    expect(readAnswer(result(7, "exists"))).toMatchObject({
      id: 7,
      kind: "result",
      result: { code: 68, text: "exists", matchedDn: "ou=people", referrals: [], value: undefined },
    });
  });

  it("is a result with referrals and controls", () => {
    const writer = new BerWriter();
    writer.startSequence();
    writer.writeInt(1);
    writer.startSequence(0x65);
    writer.writeEnumeration(10);
    writer.writeString("");
    writer.writeString("");
    writer.startSequence(0xa3);
    writer.writeString("ldap://a");
    writer.writeString("ldap://b");
    writer.endSequence();
    writer.endSequence();
    writer.startSequence(0xa0);
    for (const value of ["first", undefined]) {
      writer.startSequence();
      writer.writeString(value === undefined ? "1.2.4" : "1.2.3");
      writer.writeBoolean(true);
      if (value !== undefined) writer.writeString(value);
      writer.endSequence();
    }
    writer.endSequence();
    writer.endSequence();
    const answer = readAnswer(Buffer.from(writer.buffer));
    if (answer.kind !== "result") throw new Error("no result");
    expect(answer.result.referrals).toEqual(["ldap://a", "ldap://b"]);
    const controls = [...answer.result.controls].map(([oid, value]) => [oid, value.toString()]);
    expect(controls).toEqual([
      ["1.2.3", "first"],
      ["1.2.4", ""],
    ]);
  });

  it("is an entry whose values are bytes, by attributes in lower case", () => {
    const bytes = Buffer.from([0, 255, 128]);
    const entry = message(2, 0x64, (writer) => {
      writer.writeString("uid=é");
      writer.startSequence();
      writer.startSequence();
      writer.writeString("jpegPhoto");
      writer.startSequence(0x31);
      writer.writeBuffer(bytes, 0x04);
      writer.writeString("");
      writer.endSequence();
      writer.endSequence();
      writer.endSequence();
    });
    const answer = readAnswer(entry);
    if (answer.kind !== "entry") throw new Error("no entry");
    expect(answer.entry.dn).toBe("uid=é");
    expect(answer.entry.attributes.get("jpegphoto")).toEqual([bytes, Buffer.alloc(0)]);
  });
});
