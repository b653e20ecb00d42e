import { describe, expect, test } from "vitest";
import type { TargetModel } from "../desired/target-model.ts";
import { compile, isProblem } from "../expression/compile.ts";
import { askedFor, reverse } from "./reverse.ts";

const from = (source: string) => {
  const expression = compile(source, { result: "values" });
  if (isProblem(expression)) throw new Error(expression.message);
  return { expression };
};

function model(
  name: string,
  mappings: Record<string, string>,
  sensitive: readonly string[] = [],
): TargetModel {
  return {
    accountName: from(name),
    mappings: Object.entries(mappings).map(([attribute, source]) => ({
      attribute: { name: attribute },
      sensitive: sensitive.includes(attribute),
      from: from(source),
    })),
  } as unknown as TargetModel;
}

function reversed(mappings: Record<string, string>, attributes: Record<string, string[]>, name = "ada") {
  const record = { anchor: "1", name, version: "", enabled: true, attributes };
  return reverse(model("identity.userName", mappings), record);
}

describe("mappings read backwards", () => {
  test.each([
    ["identity.department", ["Research"], { department: "Research" }],
    ["identity.name.familyName", ["Lovelace"], { name: { familyName: "Lovelace" } }],
    ["primary(identity.emails)", ["a@x.org"], { emails: [{ value: "a@x.org", primary: true }] }],
    [
      "identity.emails.map(e, e.value)",
      ["a@x.org", "b@x.org"],
      { emails: [{ value: "a@x.org", primary: true }, { value: "b@x.org" }] },
    ],
    ["identity.attributes.room", ["2.14", "2.15"], { attributes: { room: ["2.14", "2.15"] } }],
    ["identity.attributes['desk no']", ["7"], { attributes: { "desk no": ["7"] } }],
  ])("%s", (source, values, fields) => {
    const result = reversed({ x: source }, { x: values });
    expect(result.fields).toEqual({ userName: "ada", ...fields });
    expect(result.unmapped).toEqual([]);
  });

  test("a name with a fixed end gives what stands before it, and another end gives nothing", () => {
    const record = (name: string) => ({ anchor: "1", name, version: "", enabled: true, attributes: {} });
    const target = model("identity.userName + '@%'", {});
    expect(reverse(target, record("ada@%")).fields).toEqual({ userName: "ada" });
    expect(reverse(target, record("ada@localhost")).fields).toEqual({ userName: "ada@localhost" });
  });

  test("what is computed, has several values where one is meant, or contradicts another mapping is listed", () => {
    const mappings = {
      mail: "identity.userName + '@x.org'",
      title: "identity.title",
      uid: "identity.userName",
    };
    const result = reversed(mappings, { mail: ["ada@x.org"], title: ["A", "B"], uid: ["other"] });
    expect(result.unmapped).toEqual(["mail", "title", "uid"]);
    expect(result.fields).toEqual({ userName: "ada" });
  });

  test("sensitive values are never written down", () => {
    const record = { anchor: "1", name: "ada", version: "", enabled: true, attributes: { pin: ["4711"] } };
    const result = reverse(model("identity.userName", { pin: "identity.employeeNumber" }, ["pin"]), record);
    expect(JSON.stringify(result.fields)).not.toContain("4711");
    expect(result.unmapped).toEqual(["pin"]);
  });

  test("the login name is the value in the account's distinguished name, its escapes undone", () => {
    const record = {
      anchor: "1",
      name: "uid=O\\,Hara,ou=people,dc=x",
      version: "",
      enabled: true,
      attributes: {},
    };
    const name = "dn('uid', identity.userName, 'ou=people,dc=x')";
    expect(reverse(model(name, {}), record).fields).toEqual({ userName: "O,Hara" });
  });

  test("a name that is computed still gives a login name", () => {
    const record = { anchor: "1", name: "cn=Ada Lovelace,dc=x", version: "", enabled: true, attributes: {} };
    const name = "dn('cn', identity.displayName, 'dc=x')";
    expect(reverse(model(name, {}), record).fields).toEqual({
      displayName: "Ada Lovelace",
      userName: "Ada Lovelace",
    });
  });
});

test("a rule's plain comparisons are met, and nothing is written over", () => {
  const fields = { department: "Sales" };
  askedFor(
    "identity.userType == 'Employee' && identity.department == \"Research\" && size(identity.emails) > 0",
    fields,
  );
  expect(fields).toEqual({ department: "Sales", userType: "Employee" });
});
