import { describe, expect, it } from "vitest";
import { ldapStore, ldapTarget } from "./schema.ts";

const bind = { dn: "cn=rollcall,dc=example,dc=org", password: { env: "PASSWORD" } };

describe("a Store's block", () => {
  it.each(["ldap://ldap.example.org", "ldaps://10.0.0.1:1636/", "ldap://[::1]:389"])(
    "takes the url %s, encrypted",
    (url) => {
      expect(ldapStore.parse({ url, bind })).toMatchObject({
        plaintext: "Refused",
        pageSize: 1000,
        connections: 4,
      });
    },
  );

  it.each(["ldap://127.0.0.1:389", "ldap://localhost", "ldap://[::1]/"])("allows plain text to %s", (url) => {
    expect(ldapStore.safeParse({ url, bind, plaintext: "Allowed" }).success).toBe(true);
  });

  it.each([
    "ldap://ldap.example.org",
    "ldap://127.example.org",
    "ldap://localhost.example.org",
    "ldaps://localhost",
    "ldap://10.0.0.1",
  ])("refuses plain text to %s", (url) => {
    expect(ldapStore.safeParse({ url, bind, plaintext: "Allowed" }).error?.message).toContain("loopback");
  });

  it.each(["http://x", "ldap://", "ldap://user:pass@host", "ldap://host/dc=org", "ldapi:///"])(
    "refuses the url %s",
    (url) => {
      expect(ldapStore.safeParse({ url, bind }).success).toBe(false);
    },
  );

  it("refuses a password in clear", () => {
    expect(ldapStore.safeParse({ url: "ldaps://x", bind: { ...bind, password: "secret" } }).success).toBe(
      false,
    );
  });
});

describe("a Target's block", () => {
  it("may be empty", () => {
    expect(ldapTarget.parse({})).toMatchObject({
      bases: [],
      scope: "Subtree",
      filter: "(objectClass=person)",
    });
  });

  it.each(["(objectClass=*)", "(&(objectClass=person)(!(uid=a\\2ab)))", "(cn:caseExactMatch:=x)"])(
    "takes the filter %s",
    (filter) => {
      expect(ldapTarget.safeParse({ filter }).success).toBe(true);
    },
  );

  it.each(["", "(uid=a", "(&(uid=a)", "uid", "(uid=a))"])("refuses the filter %j", (filter) => {
    expect(ldapTarget.safeParse({ filter }).success).toBe(false);
  });

  it("disables in exactly one way", () => {
    const attribute = { name: "employeeType", disabled: "Gone" };
    expect(ldapTarget.safeParse({ disable: { attribute } }).success).toBe(true);
    expect(ldapTarget.safeParse({ disable: { attribute, lock: "PasswordPolicy" } }).success).toBe(false);
    expect(ldapTarget.safeParse({ disable: {} }).success).toBe(false);
  });
});
