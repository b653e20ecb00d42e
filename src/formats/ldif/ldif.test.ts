import { isAscii, isUtf8 } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../row.ts";
import { readLdif } from "./read.ts";
import type { LdifRecord, PlacedRecord } from "./record.ts";
import { ldifHead, writeComment, writeLdif } from "./write.ts";

describe("LDIF", () => {
  test("gives back what was written, wherever the stream is cut, with the line break of either system", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(records, { maxLength: 5 }),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom("\n", "\r\n"),
        async (written, size, lineBreak) => {
          const text = (ldifHead + written.map(writeLdif).join("")).replaceAll("\n", lineBreak);
          const read = await readAll(text, size);
          expect(read.map(({ record }) => record)).toEqual(written);
        },
      ),
    );
  });

  test("tells where a record stands: cut out, its bytes are a file of it alone", async () => {
    const text = `\uFEFFversion: 1\n# Ada, the first\ndn: cn=Àda\nsn: Løvelace\n\n\n# nobody\n\n# Max\n#  and more\ndn: cn=Max\r\nsn: M\r\n`;
    const [ada, max] = await readAll(text, 7);
    const bytes = Buffer.from(text);
    expect(bytes.subarray(ada!.start, ada!.end).toString()).toBe(
      "# Ada, the first\ndn: cn=Àda\nsn: Løvelace\n",
    );
    expect(bytes.subarray(max!.start, max!.end).toString()).toBe(
      "# Max\n#  and more\ndn: cn=Max\r\nsn: M\r\n",
    );
    expect([ada!.line, max!.line]).toEqual([3, 11]);
  });

  test("writes lines of at most 76 ASCII characters", () => {
    fc.assert(
      fc.property(records, (record) => {
        const lines = writeLdif(record).split("\n");
        expect(lines.filter((line) => line.length > 76 || !isAscii(Buffer.from(line)))).toEqual([]);
      }),
    );
  });

  test("keeps a remark out of the record that it stands above", async () => {
    const remark = writeComment("dn: cn=other\n\nsn: x");
    const [only, ...more] = await readAll(remark + writeLdif(ada), 1000);
    expect([only?.record, more]).toEqual([ada, []]);
  });

  test("puts values of one attribute together, however they are spelt and wherever they stand", async () => {
    const [{ record } = never()] = await readAll("DN: cn=a\nMail: 1\nsn: x\nmail:: Mg==\nmail:\n", 1000);
    expect(record).toEqual({
      kind: "content",
      dn: "cn=a",
      attributes: [
        { description: "Mail", values: ["1", "2", ""] },
        { description: "sn", values: ["x"] },
      ],
    });
  });

  test.each([
    ["sn: x", "line 1: it is sn, where dn has to stand; write that first"],
    ["dn: cn=a\n\n", "line 1: its record ends after the name; restore it, or take it out"],
    ["dn: cn=a\nsn x", "line 2: it has no colon; write attribute: value, or begin a comment with #"],
    [
      "dn: cn=a\nsn: y\n\n sn: x",
      "line 4: what stands before its colon is no attribute; write attribute: value",
    ],
    ["dn: cn=a\nsn:: eA=", "line 2: its value is not whole base64; restore it"],
    ["dn:: /w==\nsn: x", "line 1: its dn is no UTF-8; write it anew"],
    [
      "dn: cn=a\njpegPhoto:< file:///etc/passwd",
      "line 2: it takes its value from a URL, which is never followed; write the value itself",
    ],
    [
      "dn: cn=a\nmember;range=0-1499: cn=b",
      "line 2: it holds only a range of the attribute's values; export all of them",
    ],
    ["version: 2\ndn: cn=a", "line 1: there is one version of LDIF only; write version: 1"],
    ["dn: cn=a\nsn: \0", "line 2: it has a NUL, as a damaged file does; restore it"],
    [
      "dn: cn=a\nchangetype: gone",
      "line 2: there is no such changetype; write add, delete, modify or modrdn",
    ],
    ["dn: cn=a\nchangetype: delete\nsn: x", "line 3: a delete has no more lines; take it out"],
    ["dn: cn=a\nchangetype: add", "line 2: nothing is added; restore the attributes"],
    [
      "dn: cn=a\nchangetype: modify\nsn: x",
      "line 3: a modification begins with add:, delete:, replace: or increment:",
    ],
    [
      "dn: cn=a\nchangetype: modify\nadd: sn\ncn: x",
      "line 4: it is not of sn, which is changed here; end that with -",
    ],
    [
      "dn: cn=a\nchangetype: modify\nadd: sn\n-",
      "line 3: it has no values; write sn: and the value below it",
    ],
    [
      "dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b",
      "line 2: a rename needs newrdn and deleteoldrdn; write both",
    ],
    [
      "dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: yes",
      "line 4: it is neither 0 nor 1; write one",
    ],
    [
      "dn: cn=a\ncontrol: x\nchangetype: delete",
      "line 2: it is no control; write its OID, then true or false",
    ],
    ["dn: cn=a\ncontrol: 1.2", "line 1: its record has controls and no changetype; restore it"],
    [
      "dn: cn=a\nsn: x\ndn: cn=b\nsn: y",
      "line 3: dn stands in the middle of a record; put a blank line before the record that it begins",
    ],
    [
      "dn: cn=a\nsn: x\n \nDN: cn=b\nsn: y",
      "line 4: dn stands in the middle of a record; put a blank line before the record that it begins",
    ],
    [
      "dn: cn=a\nsn: x\nchangetype: delete",
      "line 3: changetype stands in the middle of a record; write it right below the name, or take it out",
    ],
  ])("refuses %j", async (text, message) => {
    await expect(readAll(text, 1000)).rejects.toThrow(new FormatError(message));
  });

  test("names the line of what is not UTF-8", async () => {
    const bytes = Buffer.from("dn: cn=a\nsn: x\n\ndn: cn=b\nsn: M\xfcller\n", "latin1");
    const cause = "line 5: it is not UTF-8; repair it, or write the value in base64";
    await expect(readAll(bytes, 10)).rejects.toThrow(new FormatError(cause));
    const utf16 = Buffer.from("\uFEFFdn: cn=a\n", "utf16le");
    await expect(readAll(utf16, 100)).rejects.toThrow(new FormatError("it is UTF-16; convert it to UTF-8"));
  });

  test("never throws anything but its own error, whatever the bytes", async () => {
    const pieces = fc.constantFrom(
      "dn: cn=a",
      "\n",
      "\r\n",
      " ",
      ":",
      "-",
      "changetype: modify",
      "add: sn",
      "sn: x",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces), async (parts) => {
        const error = await readAll(parts.join(""), 5).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) expect(error).toMatchObject({ name: "FormatError" });
      }),
    );
  });
});

const texts = fc.string({ unit: "binary" });
const bytes = fc
  .uint8Array({ min: 128, minLength: 1 })
  .map((array) => Buffer.from(array))
  .filter((value) => !isUtf8(value));
const values = fc.oneof(texts, bytes, fc.string({ minLength: 70, maxLength: 300 }));
const descriptions = fc.stringMatching(/^(?:[a-z][A-Za-z0-9-]{0,9}|1\.[0-9]\.33)(?:;lang-[a-z]{2})?$/);
const attribute = fc.record({ description: descriptions, values: fc.array(values, { minLength: 1 }) });
const attributes = fc.uniqueArray(
  attribute.filter(({ description }) => !/^(dn|control|changetype)$/i.test(description)),
  { minLength: 1, selector: ({ description }) => description.toLowerCase() },
);
const controls = fc.array(
  fc.record(
    { oid: fc.constant("1.2.840"), critical: fc.boolean(), value: values },
    { requiredKeys: ["oid", "critical"] },
  ),
  { minLength: 1 },
);
const modification = fc.oneof(
  attribute.map((one) => ({ operation: "add" as const, ...one })),
  attribute.map((one) => ({ operation: "delete" as const, ...one })),
  descriptions.map((description) => ({ operation: "replace" as const, description, values: [] })),
);
const change = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), attributes }),
  fc.record({ kind: fc.constant("delete" as const) }),
  fc.record({ kind: fc.constant("modify" as const), modifications: fc.array(modification) }),
  fc.record(
    { kind: fc.constant("rename" as const), newRdn: texts, deleteOldRdn: fc.boolean(), newSuperior: texts },
    { requiredKeys: ["kind", "newRdn", "deleteOldRdn"] },
  ),
);
const records: fc.Arbitrary<LdifRecord> = fc.oneof(
  fc.record({ kind: fc.constant("content" as const), dn: texts, attributes }),
  fc
    .tuple(fc.record({ dn: texts, controls }, { requiredKeys: ["dn"] }), change)
    .map(([about, what]) => ({ ...about, ...what }) as LdifRecord),
);

const ada: LdifRecord = {
  kind: "content",
  dn: "cn=ada",
  attributes: [{ description: "sn", values: ["Lovelace"] }],
};

async function readAll(content: string | Buffer, size: number): Promise<PlacedRecord[]> {
  const bytes = Buffer.from(content as string);
  async function* source() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found: PlacedRecord[] = [];
  for await (const page of readLdif(source())) found.push(...page);
  return found;
}

function never(): never {
  throw new Error("there is no record");
}
