import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeGuid, encodeGuid } from "./guid.ts";

test("is written as Windows writes it", () => {
  const bytes = Buffer.from("QsuFWXa2GUO90A30Al+Q9Q==", "base64");
  expect(decodeGuid(bytes)).toBe("5985cb42-b676-4319-bdd0-0df4025f90f5");
});

test("comes back as the bytes it was made of", () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array));
  fc.assert(fc.property(bytes, (value) => encodeGuid(decodeGuid(value))?.equals(value) === true));
});

test("is nothing else", () => {
  for (const text of [
    "",
    "x",
    "CN=ada",
    "5985cb42b6764319bdd00df4025f90f5",
    "5985cb42-b676-4319-bdd0-0df4025f90f5)",
  ])
    expect(encodeGuid(text)).toBeUndefined();
});
