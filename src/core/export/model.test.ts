import { describe, expect, test } from "vitest";
import {
  attributesRead,
  type ExportColumns,
  type ExportModel,
  exportModel,
  readsOfAccount,
} from "./model.ts";

function model(...expressions: string[]): ExportModel {
  const made = exportModel(columns(...expressions));
  if ("problems" in made) throw new Error(made.problems.join("; "));
  return made.model;
}

function columns(...expressions: string[]): ExportColumns {
  return { columns: expressions.map((expression, at) => ({ name: `c${at}`, expression })), when: undefined };
}

describe("what an export reads", () => {
  test("is told by all of its expressions, so that no more is asked of the store", () => {
    const { reads } = model("identity.userName", "account.name + account.attributes.mail[0]", "state");
    expect([...reads.keys()].sort()).toEqual(["account", "identity", "state"]);
    const ruled = exportModel({ ...columns("account.name"), when: "has(identity.title)" });
    expect("model" in ruled && [...ruled.model.reads.keys()]).toEqual(["account", "identity"]);
  });

  test("are the attributes that it names", () => {
    const made = model("account.attributes.mail", "account.attributes['room number']", "account.name");
    expect(attributesRead(made)).toEqual(["mail", "room number"]);
    expect(readsOfAccount(made, "attributes")).toBe(false);
  });

  test.each([
    ["account.attributes[state]", "attributes"],
    ["account.attributes.map(name, name)", "attributes"],
    ["size(account.entitlements)", "entitlements"],
  ])("%s reads all %s", (source, what) => {
    expect(readsOfAccount(model(source), what)).toBe(true);
    expect(readsOfAccount(model("account.name"), what)).toBe(false);
  });

  test("is nothing where an expression is wrong: all of them are told", () => {
    expect(exportModel(columns("account.nam", "identity.userName", "nobody"))).toEqual({
      problems: [
        expect.stringMatching(/^column c0: a StoreAccount has no "nam"/),
        expect.stringMatching(/^column c2: there is no variable "nobody"/),
      ],
    });
    expect(exportModel({ ...columns("account.name"), when: "state" })).toEqual({
      problems: [expect.stringMatching(/^when: gives a text, where true or false is needed/)],
    });
  });
});
