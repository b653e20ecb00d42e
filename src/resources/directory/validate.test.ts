import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { makeFolder } from "../../../test/support/folder.ts";
import { checkTargets } from "../../core/kinds/check.ts";
import { renderProblem, validateFolder, validateReading } from "./validate.ts";

const blocks = (name: string) => ({
  name,
  storeSchema: z.object({ url: z.string().optional() }),
  targetSchema: z.object({ table: z.string().optional() }),
});
const connectors = [blocks("memory"), blocks("sql")];

const files = {
  "people/alice.yaml": manifest("Identity", "alice", "userName: alice", "id: E1", "manager: { name: carlo }"),
  "people/bob.yaml": `${manifest("Identity", "bob", "userName: bob", "id: E1")}---\n${manifest(
    "Identity",
    "carol",
    "userName: carol",
    "manager: { name: dave }",
  )}---\n${manifest("Identity", "dave", "userName: dave", "manager: { name: carol }")}`,
  "access.yaml": `${manifest("BusinessRole", "research", "owner: { name: nobody-we-know }", "accessProfiles: [{ name: labb }]")}---
${manifest("AccessProfile", "lab", "target: { name: first }")}---
${manifest("Grant", "g1", "identity: { name: broken }", "businessRole: { name: research }")}---
${manifest("Identity", "broken", "userName: 7")}`,
  "systems.yaml": `${manifest("Store", "box", "memory: {}")}---
${manifest("Store", "leaky", "sql: { url: 'postgres://app:hunter2@db/app' }")}---
${manifest("Target", "first", "store: { name: box }", "mode: Enforce", 'accounts: { name: { expression: account("second").name } }', "sql: {}")}---
${manifest("Target", "second", "store: { name: boxx }", "mode: Enforce", "accounts:", "  name: { value: x }", "  attributes:", '    mail: { expression: account("first").name }')}`,
};

test("what was found while a folder was read, and is found again, is one problem", async () => {
  await using folder = await filled(files);
  const { problems, reading } = await validateFolder(folder.path, connectors);
  const misfits = checkTargets(reading.resources);
  expect(misfits.length).toBeGreaterThan(0);
  const again = validateReading(folder.path, { ...reading, problems: [...reading.problems, ...misfits] });
  expect(again.problems).toEqual(problems);
});

describe("validating a folder", () => {
  test("reports everything that is wrong between objects and in them, by file and line", async () => {
    await using folder = await filled(files);
    const { problems, valid } = await validateFolder(folder.path, connectors);
    expect(valid).toBe(false);
    expect(problems.map((problem) => renderProblem(problem))).toEqual([
      'access.yaml:5: BusinessRole/research spec.owner.name: names the Identity "nobody-we-know", which does not exist',
      'access.yaml:6: BusinessRole/research spec.accessProfiles[0].name: names the AccessProfile "labb", which does not exist; did you mean "lab"?',
      "access.yaml:8: warning: AccessProfile/lab: is not used: no business role gives it, nobody is granted it, and it is not requestable",
      "access.yaml:25: Identity/broken spec.userName: must be a text, got a number: put it in quotes",
      "people/alice.yaml:6: Identity/alice spec.id: is also the id of Identity bob (people/bob.yaml:1): an id belongs to one identity",
      'people/alice.yaml:7: Identity/alice spec.manager.name: names the Identity "carlo", which does not exist; did you mean "carol"?',
      "people/bob.yaml:6: Identity/bob spec.id: is also the id of Identity alice (people/alice.yaml:1): an id belongs to one identity",
      "systems.yaml:11: Store/leaky spec.sql.url: holds a password in clear: replace it, and refer to it as { env: … } or { file: … }",
      'systems.yaml:19: Target/first spec.accounts.name.expression: reads accounts of Target "second", which reads this one\'s: no order would do',
      "systems.yaml:20: Target/first spec.sql: does not fit Store box, which has memory: write spec.memory",
      'systems.yaml:26: Target/second spec.store.name: names the Store "boxx", which does not exist; did you mean "box"?',
      'systems.yaml:31: Target/second spec.accounts.attributes.mail.expression: reads accounts of Target "first", which reads this one\'s: no order would do',
    ]);
  });

  test("never repeats a secret that it finds", async () => {
    await using folder = await filled(files);
    const { problems } = await validateFolder(folder.path, connectors);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  test("tells of a target over people's word that asks nobody, or would keep what is secret there", async () => {
    const target = (...spec: readonly string[]) =>
      `${manifest("Store", "keys", "manual: {}")}---\n${manifest("Target", "first", "store: { name: keys }", "mode: Enforce", ...spec)}`;
    const problemsOf = async (text: string) => {
      await using folder = await filled({ "a.yaml": text });
      const { problems } = await validateFolder(folder.path, [{ ...blocks("manual"), isRecord: true }]);
      return problems.map((problem) => renderProblem(problem));
    };
    const name = "name: { value: x }";
    expect(await problemsOf(target("tasks: { owner: desk }", `accounts: { ${name} }`))).toEqual([]);
    expect(await problemsOf(target(`accounts: { ${name} }`))).toEqual([
      expect.stringContaining(
        "Target/first spec.tasks: is missing: what is in Store keys is what people say that they did",
      ),
    ]);
    const secret = "attributes: { pin: { value: '1', sensitive: true } }";
    expect(await problemsOf(target("tasks: { owner: desk }", `accounts: { ${name}, ${secret} }`))).toEqual([
      expect.stringContaining(
        "attributes.pin.sensitive: cannot be kept: what is in Store keys is what people say that they did",
      ),
    ]);
  });

  test("is content with a folder whose findings are warnings", async () => {
    const { "people/alice.yaml": _, ...rest } = files;
    await using folder = await filled({
      "a.yaml": `${manifest("Store", "box", "memory: {}")}---\n${manifest("Target", "first", "store: { name: box }", "mode: Enforce", "accounts: { name: { value: x } }")}`,
      "lab.yaml": rest["access.yaml"].split("---\n")[1]!,
    });
    const { problems, valid } = await validateFolder(folder.path, connectors);
    expect(problems).toHaveLength(1);
    expect(valid).toBe(true);
  });

  test("says so when a folder has no manifests", async () => {
    await using folder = await filled({ "values.yaml": "replicas: 3\n" });
    const { problems, valid } = await validateFolder(folder.path, connectors);
    expect(problems).toMatchObject([{ message: expect.stringContaining("no manifest in this folder") }]);
    expect(valid).toBe(false);
  });

  test("shows places as the person who asked would write them", () => {
    const problem = { message: "is wrong", location: { file: "a.yaml", line: 3 } };
    expect(renderProblem(problem, "manifests")).toBe("manifests/a.yaml:3: is wrong");
  });
});

function manifest(kind: string, name: string, ...spec: string[]): string {
  const head = `apiVersion: rollcall.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n`;
  return `${head}${spec.map((line) => `  ${line}\n`).join("")}`;
}

async function filled(content: Readonly<Record<string, string>>) {
  const folder = await makeFolder("validate");
  for (const [name, text] of Object.entries(content)) {
    await mkdir(join(folder.path, name, ".."), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return folder;
}
