import { describe, expect, test } from "vitest";
import { caseOf, desiredOf, modelOf, recordOf } from "../../../test/support/planned.ts";
import type { AccountRecord } from "../model/account.ts";
import { correlate, questions } from "./correlate.ts";

const model = modelOf();
const accounts = (match: readonly object[]) => {
  const { accounts } = model.spec;
  return modelOf({ accounts: { ...accounts, match } } as Record<string, unknown>);
};
const there = (anchor: string, name: string, attributes: AccountRecord["attributes"] = {}) =>
  recordOf({ anchor, name: `uid=${name},ou=people,dc=example,dc=org`, attributes });
const find = (
  candidates: readonly AccountRecord[],
  {
    pinned,
    of = model,
    desired = desiredOf(),
  }: { pinned?: string; of?: typeof model; desired?: ReturnType<typeof desiredOf> } = {},
) => correlate(of, caseOf({ link: undefined, candidates, pinned }), desired);

describe("whose an account is", () => {
  const e1 = { employeeNumber: ["E-1"] };
  const two = accounts([{ keys: ["employeeNumber"], strong: true }, { keys: ["mail", "department"] }]);

  test.each([
    { reason: "nothing is there", found: find([]), result: { result: "None" } },
    {
      reason: "one has the key, in another spelling",
      found: find([there("#1", "old", { employeeNumber: ["e-1"] })]),
      result: { result: "Match", strong: true, by: "employeeNumber" },
    },
    {
      reason: "two have it",
      found: find([there("#1", "a", e1), there("#2", "b", e1)]),
      result: { result: "Conflict", message: expect.stringContaining("2 accounts match by employeeNumber") },
    },
    {
      reason: "two have it, and one is pinned",
      found: find([there("#1", "a", e1), there("#2", "b", e1)], { pinned: "#2" }),
      result: { result: "Match", record: { anchor: "#2" }, by: "spec.links" },
    },
    {
      reason: "the pinned one is not there, and another would match",
      found: find([there("#1", "a", e1)], { pinned: "#9" }),
      result: { result: "Conflict" },
    },
    {
      reason: "one has the name and nothing that proves anything",
      found: find([there("#1", "ann")]),
      result: { result: "Conflict", message: expect.stringContaining("no match rule says whose it is") },
    },
    {
      reason: "one has the key and another the name: the key decides",
      found: find([there("#1", "old", e1), there("#2", "ann")]),
      result: { result: "Match", record: { anchor: "#1" } },
    },
    {
      reason: "the identity lacks the key: it proves nothing",
      found: find([there("#1", "old", { employeeNumber: [""] })], { desired: desiredOf({ values: {} }) }),
      result: { result: "None" },
    },
    {
      reason: "of two keys one differs",
      found: find([there("#1", "old", { mail: ["ann@example.org"], department: ["Sales"] })], {
        of: two,
        desired: desiredOf({ values: { mail: ["ann@example.org"], department: ["Lab"] } }),
      }),
      result: { result: "None" },
    },
    {
      reason: "the first rule that hits decides, though a later one hits another",
      found: find([there("#1", "x", e1), there("#2", "y", { mail: ["m"], department: ["Lab"] })], {
        of: two,
        desired: desiredOf({ values: { employeeNumber: ["E-1"], mail: ["m"], department: ["Lab"] } }),
      }),
      result: { result: "Match", record: { anchor: "#1" }, strong: true },
    },
  ])("$reason", ({ found, result }) => expect(found).toMatchObject(result));

  test("asks the store by each rule that can be asked, and by the name", () => {
    expect(questions(two, desiredOf())).toEqual([
      { keys: {}, name: desiredOf().name },
      { keys: { employeeNumber: "E-1" } },
    ]);
  });
});
