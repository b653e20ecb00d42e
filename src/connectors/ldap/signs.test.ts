import { describe, expect, it } from "vitest";
import { policyOf389, policyOverlay } from "./signs.ts";

const noon = () => Date.parse("2026-03-01T12:00:00Z");
const [past, future] = ["20260301115959Z", "20260301120001Z"];

const entry = (attributes: Readonly<Record<string, string>>) => ({
  dn: "uid=ada",
  attributes: new Map(
    Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [Buffer.from(value)]]),
  ),
});

describe("the password policy overlay's attributes", () => {
  const { troubles } = policyOverlay(noon);
  it.each([
    ["nothing", {}, []],
    ["a lock", { pwdAccountLockedTime: past }, ["Locked"]],
    ["a lock for good", { pwdAccountLockedTime: "000001010000Z" }, ["Locked"]],
    ["a reset", { pwdReset: "TRUE" }, ["MustChangePassword"]],
    ["a reset that is over", { pwdReset: "FALSE" }, []],
    ["an end", { pwdEndTime: past }, ["Expired"]],
    ["an end to come", { pwdEndTime: future }, []],
    ["an end that is no time", { pwdEndTime: "soon" }, []],
    [
      "all",
      { pwdAccountLockedTime: past, pwdReset: "true", pwdEndTime: past },
      ["Locked", "MustChangePassword", "Expired"],
    ],
  ])("%s is told as it is", (_, attributes, expected) => {
    expect(troubles?.(entry(attributes), [])).toEqual(expected);
  });

  it("the lock by which the target disables is no trouble, another is", () => {
    const disabling = ["pwdAccountLockedTime"];
    expect(troubles?.(entry({ pwdAccountLockedTime: "000001010000Z" }), disabling)).toEqual([]);
    expect(troubles?.(entry({ pwdAccountLockedTime: past }), disabling)).toEqual(["Locked"]);
  });
});

describe("389 Directory Server's attributes", () => {
  const { troubles } = policyOf389(noon);
  it.each([
    ["nothing", {}, []],
    ["a lock that lasts", { accountUnlockTime: future }, ["Locked"]],
    ["a lock that is over", { accountUnlockTime: past }, []],
    ["a lock without end", { accountUnlockTime: "19700101000000Z" }, ["Locked"]],
    ["an inactive account", { nsAccountLock: "true" }, ["Locked"]],
    ["one that is active", { nsAccountLock: "false" }, []],
    [
      "a password that others have set",
      { passwordExpirationTime: "19700101000000Z" },
      ["MustChangePassword"],
    ],
    ["one that does not expire", { passwordExpirationTime: "19700101000001Z" }, []],
    ["one that has expired", { passwordExpirationTime: past }, ["PasswordExpired"]],
    ["one that will", { passwordExpirationTime: future }, []],
  ])("%s is told as it is", (_, attributes, expected) => {
    expect(troubles?.(entry(attributes), [])).toEqual(expected);
  });

  it("what the target disables by is no trouble, whatever its case", () => {
    expect(troubles?.(entry({ nsAccountLock: "TRUE" }), ["nsaccountlock"])).toEqual([]);
  });
});
