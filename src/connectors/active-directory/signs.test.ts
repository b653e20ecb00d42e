import { expect, test } from "vitest";
import type { LdapEntry } from "../ldap/wire.ts";
import { signsOf } from "./signs.ts";

const now = Date.parse("2024-01-01T00:00:00Z");
const signs = signsOf("Protected", () => now);

function entry(values: Readonly<Record<string, string>>): LdapEntry {
  const attributes = Object.entries({ userAccountControl: "512", ...values }).map(
    ([name, value]) => [name.toLowerCase(), [Buffer.from(value)]] as const,
  );
  return { dn: "CN=ada", attributes: new Map(attributes) };
}

const state = "msDS-User-Account-Control-Computed";

test.each([
  ["nothing", {}, []],
  ["16", { [state]: "16" }, ["Locked"]],
  ["8388608 with a password", { [state]: "8388608", pwdLastSet: "133485408000000000" }, ["PasswordExpired"]],
  ["8388608 and pwdLastSet 0", { [state]: "8388608", pwdLastSet: "0" }, ["MustChangePassword"]],
  ["both bits", { [state]: "8388624", pwdLastSet: "0" }, ["Locked", "MustChangePassword"]],
  ["accountExpires now", { accountExpires: "133485408000000000" }, ["Expired"]],
  ["accountExpires later", { accountExpires: "133485408000010000" }, []],
  ["accountExpires never", { accountExpires: "9223372036854775807" }, []],
  ["accountExpires 0", { accountExpires: "0" }, []],
  ["a disabled account", { userAccountControl: "514", [state]: "8388624", accountExpires: "1" }, []],
] as const)("%s is trouble as it should be", (_, values, troubles) => {
  expect(signs.troubles!(entry(values), [])).toEqual(troubles);
});

test.each([
  ["adminCount 1", { adminCount: "1" }, /administrative rights/],
  ["adminCount 0", { adminCount: "0" }, undefined],
  ["what the domain needs", { isCriticalSystemObject: "TRUE" }, /the domain itself/],
  ["anybody", {}, undefined],
] as const)("%s is protected as it should be", (_, values, why) => {
  const said = signs.protection!(entry(values));
  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(why);
});

test("who has administrative rights can be managed where the store says so, what the domain needs cannot", () => {
  const managed = signsOf("Managed");
  expect(managed.protection!(entry({ adminCount: "1" }))).toBeUndefined();
  expect(managed.protection!(entry({ isCriticalSystemObject: "TRUE" }))).toBeDefined();
});
