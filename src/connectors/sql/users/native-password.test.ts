import { describe, expect, it } from "vitest";
import { nativePassword } from "./native-password.ts";

describe("what mysql_native_password keeps", () => {
  it("is what the server's PASSWORD() gives", () => {
    expect(nativePassword("password")).toBe("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
  });

  it.each([
    ["nothing", ""],
    ["a NUL", "a\0b"],
    ["half a character", "\ud800"],
  ])("is refused for %s, and the error does not tell it", (_, password) => {
    expect(() => nativePassword(password)).toThrow(/^the password is empty, or has a character/);
  });
});
