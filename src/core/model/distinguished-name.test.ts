import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  escapeNameValue,
  formatName,
  isAtOrBelow,
  isName,
  normaliseName,
  parseName,
} from "./distinguished-name.ts";

const type = fc.constantFrom("cn", "ou", "uid", "dc", "x-Custom", "2.5.4.3");
/** Texts full of what names treat specially. */
const oddText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...' \\,+"<>;=#\0abZé漢\u0301\t'), maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);
const step = fc.array(fc.record({ type, value: oddText }), { minLength: 1, maxLength: 3 });
const anyName = fc.array(step, { minLength: 1, maxLength: 4 });

describe("parsing (RFC 4514 §4)", () => {
  test.each([
    ["UID=jsmith,DC=example,DC=net", [["UID", "jsmith"]]],
    ['CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net', [["CN", 'James "Jim" Smith, III']]],
    ["CN=Before\\0dAfter,DC=example,DC=net", [["CN", "Before\rAfter"]]],
    ["CN=Lu\\C4\\8Di\\C4\\87", [["CN", "Lučić"]]],
    [
      "OU=Sales+CN=J.  Smith,DC=example",
      [
        ["OU", "Sales"],
        ["CN", "J.  Smith"],
      ],
    ],
    ["cn=\\#1 \\+\\ ", [["cn", "#1 + "]]],
    ["cn=\\20a\\20", [["cn", " a "]]],
    ["cn = a  , ou = b", [["cn", "a"]]],
    ["cn=a\\\\", [["cn", "a\\"]]],
    ["cn=a=b", [["cn", "a=b"]]],
    ["cn=,ou=x", [["cn", ""]]],
  ])("reads the first step of %j", (text, pairs) => {
    expect(parseName(text)[0]!.map((pair) => [pair.type, pair.value])).toEqual(pairs);
  });

  it("keeps a BER-encoded value apart from a text that begins with #", () => {
    expect(parseName("1.3.6.1.4.1.1466.0=#04024869")[0]).toEqual([
      { type: "1.3.6.1.4.1.1466.0", value: "04024869", encoded: true },
    ]);
    expect(normaliseName("cn=\\#04024869")).not.toBe(normaliseName("cn=#04024869"));
  });

  it("takes the empty text as the root", () => {
    expect(parseName("")).toEqual([]);
    expect(isName("")).toBe(false);
  });

  test.each([
    ["alice", /character 1: expected an attribute type/],
    ["cn=a,", /character 6: expected an attribute type/],
    ["cn=a+,ou=b", /character 6: expected an attribute type/],
    ["cn=a;ou=b", /escape ";" with a backslash/],
    ['cn="a"', /escape """ with a backslash/],
    ["cn=a\\", /after the backslash/],
    ["cn=a\\zz", /after the backslash/],
    ["cn=\\ff", /UTF-8/],
    ["cn=#4g", /leading "#"/],
    ["=a", /expected an attribute type/],
  ])("refuses %j and says where and why", (text, message) => {
    expect(() => parseName(text)).toThrow(message);
    expect(isName(text)).toBe(false);
  });

  it("reads back every value that was escaped", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseName(formatName(name))).toEqual(name);
      }),
    );
  });

  it("escapes only what must be", () => {
    expect(escapeNameValue("Anna-Lena Müller")).toBe("Anna-Lena Müller");
    expect(escapeNameValue(" ")).toBe("\\ ");
    expect(escapeNameValue("  ")).toBe("\\ \\ ");
    expect(escapeNameValue("#a ")).toBe("\\#a\\ ");
    expect(escapeNameValue("a=b\nc")).toBe("a\\=b\\0Ac");
  });

  it("reads 100,000 escapes in linear time", () => {
    expect(parseName(`cn=${"\\,".repeat(100_000)}`)[0]![0]!.value).toHaveLength(100_000);
    expect(normaliseName(`cn=${" ".repeat(100_000)}a`)).toBe("cn=a");
  });
});

describe("normalising", () => {
  test.each([
    ["CN=Alice Smith,DC=Example", "cn=alice smith,dc=example"],
    ["cn = alice   smith , dc=example", "cn=alice smith,dc=example"],
    ["CN=alice\\20smith,dc=example", "cn=alice smith,dc=example"],
    ["commonName=a,domainComponent=b", "cn=a,dc=b"],
    ["2.5.4.3=a", "cn=a"],
    ["ou=b+cn=a,dc=c", "cn=a+ou=b,dc=c"],
    ["cn=\\41", "cn=a"],
    ["cn=a\\2cb", "cn=a\\,b"],
    ["cn=e\u0301", "cn=é"],
    ["not a name", "not a name"],
    ["cn\t=a", "cn=a"],
  ])("brings %j to %j", (text, normal) => {
    expect(normaliseName(text)).toBe(normal);
  });

  it("is the same twice", () => {
    fc.assert(
      fc.property(fc.oneof(anyName.map(formatName), oddText), (text) => {
        expect(normaliseName(normaliseName(text))).toBe(normaliseName(text));
      }),
    );
  });

  it("does not mind how a value is escaped, spaced or cased", () => {
    const allHex = (value: string) => Buffer.from(value).toString("hex").replace(/../g, "\\$&");
    fc.assert(
      fc.property(anyName, (name) => {
        const text = formatName(name);
        const hex = name
          .map((pairs) =>
            [...pairs].reverse().map((pair) => `${pair.type.toUpperCase()} = ${allHex(pair.value)}`),
          )
          .map((pairs) => pairs.join(" + "))
          .join(" , ");
        expect(normaliseName(hex)).toBe(normaliseName(text));
      }),
    );
  });
});

describe("places", () => {
  test.each([
    ["uid=a,ou=people,dc=example", "ou=people,dc=example", true],
    ["OU=People, DC=example", "ou=people,dc=example", true],
    ["uid=a,ou=otherpeople,dc=example", "ou=people,dc=example", false],
    ["dc=example", "ou=people,dc=example", false],
    ["uid=a\\,ou=people\\,dc=example", "ou=people,dc=example", false],
    ["cn=x\\,ou=people,dc=example", "ou=people,dc=example", false],
    ["uid=a,dc=example", "", true],
    ["nonsense", "dc=example", false],
    ["uid=a", "nonsense", false],
  ])("%j at or below %j: %j", (name, base, expected) => {
    expect(isAtOrBelow(name, base)).toBe(expected);
  });

  it("finds every name below its parent and never above itself", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const text = formatName(name);
        const parent = formatName(parseName(text).slice(1));
        expect(isAtOrBelow(text, parent)).toBe(true);
        expect(isAtOrBelow(parent, text)).toBe(false);
        expect(parseName(formatName(parseName(text).slice(0, 1)))).toEqual(name.slice(0, 1));
      }),
    );
  });
});
