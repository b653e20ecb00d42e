import { expect, test } from "vitest";
import { definitionsServed } from "./served.ts";

const ended = (code: number, stdout = "") => ({ code, stdout, stderr: "" });
const defined = "customresourcedefinition.apiextensions.k8s.io/identities.rollcall.dev\n";

test("waits for the kinds though nobody answers which there are at first", async () => {
  const answers = [ended(1), ended(0, defined), ended(1), ended(0, defined), ended(0)];
  const asked: string[] = [];
  await definitionsServed(async ([, what = ""]) => {
    asked.push(what);
    return answers.shift()!;
  });
  expect(asked).toEqual(["crd", "crd", "identities.rollcall.dev", "crd", "identities.rollcall.dev"]);
});

test("has nothing to wait for where none is defined", async () => {
  await definitionsServed(async () => ended(0));
});
