import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionString, parseConnectionString, placeOf } from "./connection-string.ts";

const key = fc.stringMatching(/^[A-Z][A-Z0-9]{2,8}$/).map((text) => `X${text}`);
const settings = fc.uniqueArray(
  fc.tuple(
    key,
    fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
  ),
  {
    minLength: 1,
    maxLength: 5,
    selector: ([name]) => name,
  },
);

describe("a connection string", () => {
  test("means for the driver manager what was read", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const [driver, ...rest] = connectionString("Some Driver", given).split(/;(?=X[A-Z0-9]+=)/);
        expect(driver).toBe("DRIVER={Some Driver}");
        expect(parseConnectionString(rest.join(";"))).toEqual(given);
      }),
    );
  });

  test("is read with spaces around keys, an empty value, and a semicolon at the end", () => {
    const text = " Server = db.example.org ;Trusted Connection=;PWD={a}};b=c};";
    expect(parseConnectionString(text)).toEqual([
      ["Server", "db.example.org"],
      ["Trusted Connection", ""],
      ["PWD", "a};b=c"],
    ]);
  });

  test.each([
    ["no text", ""],
    ["no key", "=value"],
    ["no value", "Server"],
    ["a brace that does not end", "PWD={secret"],
    ["something after a brace", "PWD={secret}more"],
    ["a NUL", "PWD={secret\0}"],
    ["a key twice", "UID=a;uid=b"],
  ])("with %s is refused without being repeated", (_, text) => {
    const reading = () => parseConnectionString(text);
    expect(reading).toThrow(/^the connection string/);
    expect(reading).not.toThrow(/secret/);
  });

  test.each(["DRIVER={/tmp/evil.so}", "driver=x", "DSN=x", "FileDSN=x", "SAVEFILE=/etc/x", "LoadExt=/x.so"])(
    "that leads to a driver or a library is refused: %s",
    (part) => {
      expect(() => parseConnectionString(`Server=x;${part}`)).toThrow(/must not hold/);
      expect(() => parseConnectionString(`${part};Server=x`)).toThrow(/must not hold/);
    },
  );

  test("tells where it leads without who logs in", () => {
    const place = placeOf(parseConnectionString("PWD=secret;Server=db;UID=ann;Port=5432;Database=hr"));
    expect(place).toBe("database=hr;port=5432;server=db");
  });
});
