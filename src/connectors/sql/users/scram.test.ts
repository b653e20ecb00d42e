import { describe, expect, it } from "vitest";
import { scramVerifier } from "./scram.ts";

describe("a SCRAM-SHA-256 verifier", () => {
  it("is that of RFC 7677's example", async () => {
    const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
    expect(await scramVerifier("pencil", salt)).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  it("is another one each time, and does not hold the password", async () => {
    const made = await Promise.all([scramVerifier("correct horse"), scramVerifier("correct horse")]);
    expect(new Set(made).size).toBe(2);
    for (const verifier of made) expect(verifier).not.toContain("correct");
  });

  it.each([
    ["nothing", ""],
    ["a no-break space", "a\u00a0b"],
    ["a soft hyphen", "a\u00adb"],
    ["a ligature", "ﬁx"],
    ["a combining accent", "e\u0301"],
    ["a NUL", "a\0b"],
    ["half a character", "\ud800"],
  ])(
    "is refused for %s, which programs write in several ways, and the error does not tell it",
    async (_, password) => {
      const error = await scramVerifier(password).catch((reason: unknown) => reason as Error);
      expect(error).toMatchObject({ kind: "Invalid" });
      if (password !== "") expect((error as Error).message).not.toContain(password);
    },
  );

  it.each(['Zür1ch "3£" \\ {x} ,;=+<>#\'%$`', "漢字😀", "a\nb\t"])("is made for %j", async (password) => {
    expect(await scramVerifier(password)).toMatch(/^SCRAM-SHA-256\$4096:/);
  });
});
