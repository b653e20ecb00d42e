import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText, encodeText } from "./undecodable.ts";

test("any bytes come back as they were, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const encoded = encodeText(decodeText(Buffer.from(bytes)));
      expect(Buffer.from(encoded)).toEqual(Buffer.from(bytes));
    }),
  );
});

test("text is itself, and well formed, though it holds the character that stands for what cannot be read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(decodeText(Buffer.from(text))).toBe(text);
      expect(encodeText(text)).toBe(text);
    }),
  );
  expect(decodeText(Buffer.from("a\ufffdb")).isWellFormed()).toBe(true);
});

test("what is no UTF-8 is no text, and two such values are two", () => {
  const [one, other] = ["Müller", "Möller"].map((name) => decodeText(Buffer.from(name, "latin1")));
  expect(one).toBe("M\udcfcller");
  expect(one).not.toBe(other);
  expect(one!.isWellFormed()).toBe(false);
});
