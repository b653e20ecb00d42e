import { expect, test } from "vitest";
import type { Remark } from "../core/import/remark.ts";
import { remarkGroups, remarksText } from "./import-remarks.ts";

const twin = (uid: string, number: string): Remark => ({
  ...{ kind: "DuplicateKey", name: `uid=${uid}`, detail: `employeeNumber ${number}` },
});

test("what is left out stands first, what shares a key stands together, and each kind says what to do", () => {
  const lost: Remark = { kind: "UnknownMember", name: "cn=lab", detail: "uid=gone" };
  const groups = remarkGroups([lost, twin("a", "2"), twin("b", "1"), twin("c", "2"), twin("d", "1")]);
  expect(groups).toMatchObject([
    { kind: "DuplicateKey", leftOut: true, count: 4, cure: expect.stringMatching(/./) },
    { kind: "UnknownMember", leftOut: false, count: 1 },
  ]);
  expect(groups[0]?.entries.map(({ name }) => name)).toEqual(["uid=b", "uid=d", "uid=a", "uid=c"]);
  const text = remarksText(groups).join("\n");
  expect(text).toContain("Left out: 4.");
  expect(text).toMatch(
    /Imported, and to be seen to:\n! UnknownMember: 1 .*\n {6}cn=lab: uid=gone\n {4}To do: /,
  );
});

test("a few of each kind are written out, what steers a terminal by its code, and the rest is counted", () => {
  const remarks = Array.from({ length: 7 }, (_, number) => twin(`\u001b[31m${number}`, "M\udcfcller"));
  const text = remarksText(remarkGroups(remarks));
  expect(text.filter((line) => line.includes("uid="))).toHaveLength(5);
  expect(text).toContain("      uid=\\u001b[31m0: employeeNumber M\\udcfcller");
  expect(text).toContain("      … and 2 more");
  expect(text).toContain("-o json lists every one.");
});

test("where there is nothing to remark nothing is said", () => {
  expect(remarksText(remarkGroups([]))).toEqual([]);
});
