import { describe, expect, it } from "vitest";
import { cachingSha2 } from "./caching-sha2.ts";

describe("what caching_sha2_password keeps of a password", () => {
  it.each([
    // As `openssl passwd -5` says.
    ["Hello world!", "saltstring", "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
    ["a", "0123456789abcdef", "ayU.IUrWVARjs3nYpgeybIXMNdiIBTFNCdxEEQ7j/x8"],
    [
      "ein längeres Passwort mit mehr als vierundsechzig Zeichen, damit jeder Zweig gegangen wird",
      "0123456789abcdef",
      "habfIz0kbpiVyoEMK4w0y5AjY5hwccRvBI1jWXHQSY5",
    ],
  ])("is its SHA-crypt: %s", (password, salt, digest) =>
    expect(cachingSha2(password, salt)).toBe(`$A$005$${salt}${digest}`),
  );

  it("is salted with twenty letters, others each time", () => {
    expect(cachingSha2("a")).toMatch(/^\$A\$005\$[./0-9A-Za-z]{63}$/);
    expect(cachingSha2("a")).not.toBe(cachingSha2("a"));
  });

  it.each(["", "a\0b", "\ud800"])("is nothing for %j, which no program can send", (password) =>
    expect(() => cachingSha2(password)).toThrow("the password is empty"),
  );
});
