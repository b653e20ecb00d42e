import { describe, expect, test } from "vitest";
import type { AnyResource } from "./resource.ts";
import { secretsInClear } from "./secrets.ts";

describe("secrets in manifests", () => {
  test.each([
    "userPassword",
    "unicodePwd",
    "password",
    "password_hash",
    "sambaNTPassword",
    "olcRootPW",
    "krbPrincipalKey",
    "api-key",
  ])("an attribute %s is one", (name) => {
    expect(secretsInClear(person({ attributes: { [name]: ["x"] } }))).toHaveLength(1);
  });

  test.each(["pwdLastSet", "passwordExpires", "must_change_password", "keycard", "passport"])(
    "an attribute %s is none",
    (name) => {
      expect(secretsInClear(person({ attributes: { [name]: ["x"] } }))).toEqual([]);
    },
  );

  test.each([
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE", 1],
    ["postgres://app:hunter2@db/app", 1],
    ["-----BEGIN CERTIFICATE-----\nMIIE", 0],
    ["postgres://app@db/app", 0],
    ["https://example.org/a:b@c", 0],
  ])("the value %s counts as %i", (title, count) => {
    expect(secretsInClear(person({ title }))).toHaveLength(count);
  });
});

function person(more: object): AnyResource {
  return { kind: "Identity", name: "alice", digest: "", spec: { userName: "alice", ...more } };
}
