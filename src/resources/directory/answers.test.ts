import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Folder, makeFolder } from "../../../test/support/folder.ts";
import { directory } from "./directory.ts";

/** What a folder of manifests says of tasks. */

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder("answers");
});
afterEach(() => folder.remove());

const put = (file: string, text: string) => writeFile(join(folder.path, file), text);
const read = () => directory(folder.path, []).read();

const answer = (name: string, spec: string) =>
  `apiVersion: rollcall.dev/v1alpha1\nkind: ProvisioningTask\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const completed = "{ target: { name: badges }, outcome: Completed, by: ann }";

test("an answer is none of the objects that decisions are made from, and none of them is missing for it", async () => {
  await put("answers.yaml", answer("badges-1", completed));
  const reading = await read();
  expect(reading).toMatchObject({ resources: [], problems: [], complete: { ok: true } });
  expect(reading.answers).toEqual([
    { task: "badges-1", target: "badges", outcome: "Completed", by: "ann", digest: expect.any(String) },
  ]);
});

test("an answer that is written anew is another one", async () => {
  const digest = async (spec: string) => {
    await put("answers.yaml", answer("badges-1", spec));
    return (await read()).answers[0]?.digest;
  };
  const before = await digest(completed);
  expect(await digest(completed)).toBe(before);
  expect(await digest("{ target: { name: badges }, outcome: Completed, by: ann, reason: again }")).not.toBe(
    before,
  );
});

test("a task of which nothing is said is no answer", async () => {
  await put("answers.yaml", answer("badges-1", "{ target: { name: badges } }"));
  expect(await read()).toMatchObject({ answers: [], problems: [] });
});

test("a broken answer is told of with its line, and holds nothing else up", async () => {
  await put("answers.yaml", answer("badges-1", "\n  target: { name: badges }\n  outcome: Done\n  by: ann"));
  const { answers, problems, invalid, complete } = await read();
  expect({ answers, complete, invalid: [...invalid] }).toEqual({
    answers: [],
    complete: { ok: true },
    invalid: [],
  });
  expect(problems).toMatchObject([
    { kind: "ProvisioningTask", name: "badges-1", field: "spec.outcome", location: { line: 6 } },
  ]);
});

test("neither of two answers of one task counts", async () => {
  await put("a.yaml", answer("badges-1", completed));
  await put(
    "b.yaml",
    answer("badges-1", "{ target: { name: badges }, outcome: Rejected, by: bob, reason: no }"),
  );
  const { answers, problems, invalid } = await read();
  expect({ answers, invalid: [...invalid] }).toEqual({ answers: [], invalid: [] });
  expect(problems.map(({ message }) => message)).toEqual([
    "is declared twice, also at b.yaml:1: keep one",
    "is declared twice, also at a.yaml:1: keep one",
  ]);
});
