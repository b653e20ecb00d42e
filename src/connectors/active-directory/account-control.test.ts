import type { Change } from "ldapts";
import { describe, expect, test } from "vitest";
import type { Server } from "../ldap/server.ts";
import type { LdapEntry } from "../ldap/wire.ts";
import { accountControl } from "./account-control.ts";

const entry = (control: number): LdapEntry => ({
  dn: "CN=ada",
  attributes: new Map([["useraccountcontrol", [Buffer.from(String(control))]]]),
});
/** Nothing of a server matters here. */
const server = {} as Server;
const shown = (changes: readonly Change[]) =>
  changes.map(({ operation, modification }) => `${operation} ${modification.type} ${modification.values}`);

describe("userAccountControl", () => {
  test.each([
    ["disabled", 0x200, false, 0x202],
    ["enabled", 0x202, true, 0x200],
    ["disabled, with a password that never expires", 0x10200, false, 0x10202],
    ["enabled, trusted for delegation, no password needed", 0x80222, true, 0x80220],
  ])(
    "%s: the value that was seen goes and the new one comes, in one request",
    (_, before, enabled, after) => {
      expect(shown(accountControl.changes(enabled, server, entry(before)))).toEqual([
        `delete userAccountControl ${before}`,
        `add userAccountControl ${after}`,
      ]);
      expect(accountControl.isEnabled(entry(after), server)).toBe(enabled);
    },
  );

  test("that is so already is left alone", () => {
    expect(accountControl.changes(false, server, entry(0x202))).toEqual([]);
    expect(accountControl.changes(true, server, entry(0x10200))).toEqual([]);
  });

  test("of a new account needs a logon name beside it", () => {
    expect(() => accountControl.initial(true, { cn: ["Ada"] })).toThrow(/without a sAMAccountName.*map it/);
  });

  test.each([
    [true, "512"],
    [false, "514"],
  ])(
    "of a new account that is to be enabled (%s) is %s, and its class user unless another is mapped",
    (enabled, value) => {
      const { mapped, raw } = accountControl.initial(enabled, { sAMAccountName: ["ada"] });
      expect(mapped).toEqual({ objectClass: ["user"], sAMAccountName: ["ada"] });
      expect(raw.map(({ type, values }) => [type, values])).toEqual([["userAccountControl", [value]]]);
      const inetOrgPerson = { objectClass: ["inetOrgPerson"], samaccountname: ["ada"] };
      expect(accountControl.initial(enabled, inetOrgPerson).mapped).toEqual(inetOrgPerson);
    },
  );
});
