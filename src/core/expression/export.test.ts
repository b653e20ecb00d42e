import { describe, expect, test } from "vitest";
import { compile, type Expression, isProblem } from "./compile.ts";
import { identityValue, ownerValue, viewClasses } from "./identity-value.ts";
import type { Cell } from "./result.ts";

const identity = ownerValue(
  identityValue("ada", {
    userName: "ada",
    department: "Research",
    attributes: { site: ["London"] },
  } as Parameters<typeof identityValue>[1]),
);

const beside = {
  account: new viewClasses.StoreAccount({
    target: "badges",
    name: "ada.l",
    anchor: "1001",
    enabled: true,
    attributes: { mail: ["a@example.org", "b@example.org"] },
  }),
  access: [
    new viewClasses.Access({ kind: "BusinessRole", name: "research" }),
    new viewClasses.Access({ kind: "Entitlement", name: "lab", target: "badges" }),
  ],
  accounts: [new viewClasses.LinkedAccount({ target: "badges", name: "ada.l", anchor: "1", enabled: true })],
  state: "Active",
};

function compiled(source: string): Expression<Cell> {
  const made = compile(source, { result: "cell", over: "export" });
  if (isProblem(made)) throw new Error(made.message);
  return made;
}

function problem(source: string, over: "identity" | "export" = "export"): string {
  const made = compile(source, { result: "cell", over });
  return isProblem(made) ? made.message : "none";
}

describe("an expression of an export", () => {
  test.each<[string, Cell]>([
    ["identity.userName", "ada"],
    ["identity.title", null],
    ["account.name", "ada.l"],
    ["account.attributes.mail", ["a@example.org", "b@example.org"]],
    ["account.attributes['none']", []],
    ["account.enabled", true],
    ["account.protected", null],
    ["account.entitlements", []],
    ["size(account.attributes.mail)", 2],
    ["account.enabled == true ? 'yes' : 'no'", "yes"],
    ["access.filter(a, a.kind == 'Entitlement').map(a, a.name)", ["lab"]],
    ["access.map(a, default(a.target, '-') + '/' + a.name)", ["-/research", "badges/lab"]],
    ["accounts.exists(a, a.target == 'badges' && a.enabled)", true],
    ["state", "Active"],
    ["''", ""],
    ["9007199254740993", "9007199254740993"],
  ])("%s gives %j", (source, value) => {
    expect(compiled(source).evaluate({ identity, beside })).toEqual({ ok: true, value });
  });

  test("tells which variables it reads, and what of them", () => {
    const { variables } = compiled("account.attributes.mail[0] + account.name + identity.userName");
    expect(variables).toEqual(
      new Map([
        ["account", new Set(["attributes.mail", "name"])],
        ["identity", new Set(["userName"])],
      ]),
    );
    expect(compiled("account.attributes[state]").variables.get("account")).toEqual(new Set(["attributes"]));
  });

  test.each<[string, Cell | RegExp]>([
    ["identity.userName", null],
    ["identity.name.givenName", null],
    ["has(identity.userName)", false],
    ["identity.attributes.site", []],
    ["identity.userName + '!'", /identity.userName is absent/],
    ["lower(identity.userName) == 'ada'", false],
  ])("%s of an account that is nobody's gives %s", (source, expected) => {
    const result = compiled(source).evaluate({ identity: ownerValue(undefined), beside });
    if (expected instanceof RegExp)
      expect(result).toEqual({ ok: false, message: expect.stringMatching(expected) });
    else expect(result).toEqual({ ok: true, value: expected });
  });

  test.each([
    ["acount.name", /there is no variable "acount"; did you mean account\?/],
    ["person.name", /expressions read identity, account, accounts, access, state$/],
    ["account.nam", /a StoreAccount has no "nam"; did you mean name\?/],
    ["unique('a')", /unique\(\) is for the accounts of a Target/],
    ["account('badges').name", /an export reads account or accounts/],
    ["access", /gives list<Access>, where a text, a number, a bool or a list of them is needed/],
    ["access.map(account, account.name)", /choose another name for the variable than "account"/],
  ])("%s is refused when it is compiled", (source, message) => {
    expect(problem(source)).toMatch(message);
  });

  test("alone knows those variables: a Target's expressions read the identity", () => {
    expect(problem("account.name", "identity")).toMatch(
      /there is no variable "account"; expressions read identity$/,
    );
  });
});
