import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { forbiddenImports, importCycles } from "./support/architecture/import-rules.ts";
import { importsOf, readSources } from "./support/architecture/source.ts";
import { longFiles, textViolations } from "./support/architecture/text-rules.ts";

const root = join(import.meta.dirname, "..");
const source = readSources(root, "src/**/*.ts");
// This file holds samples of everything that is forbidden.
const tests = readSources(root, "test/**/*.ts").filter(({ path }) => !/architecture/.test(path));

describe("the house is in order", () => {
  test("imports go downward only", () => expect(forbiddenImports(source)).toEqual([]));
  test("no files import one another in a ring", () =>
    expect(importCycles([...source, ...tests])).toEqual([]));
  test("no file of src is too long", () => expect(longFiles(source)).toEqual([]));
  test("no line breaks a rule of the text", () => expect(textViolations([...source, ...tests])).toEqual([]));
});

describe("the import rule", () => {
  test.each([
    ["core knows no layer above it", "src/core/plan/diff.ts", "../../state/state.ts"],
    ["core knows no other package", "src/core/plan/diff.ts", "pino"],
    ["core reads no files", "src/core/plan/diff.ts", "node:fs"],
    ["core does not reach deep into what it may not know", "src/core/plan/diff.ts", "node:fs/promises"],
    ["state knows no engine", "src/state/sqlite.ts", "../engine/lane.ts"],
    ["state knows no connector: they stand side by side", "src/state/sqlite.ts", "../connectors/contract.ts"],
    ["engine and server stand side by side", "src/server/health.ts", "../engine/lane.ts"],
    ["the engine knows no command", "src/engine/lane.ts", "../cli/plan.ts"],
    ["nobody imports main", "src/cli/plan.ts", "../main.ts"],
    ["a connector knows no sibling", "src/connectors/ldap/ldap.ts", "../sql/sql.ts"],
    ["ldap does not know what is built on it", "src/connectors/ldap/ldap.ts", "../active-directory/guid.ts"],
    ["a connector knows no planner", "src/connectors/ldap/ldap.ts", "../../core/plan/diff.ts"],
    ["a connector knows no Kubernetes", "src/connectors/ldap/ldap.ts", "@kubernetes/client-node"],
    ["a wrap knows no connector", "src/connectors/wrap/retry.ts", "../ldap/ldap.ts"],
    ["a format knows no connector", "src/formats/ldif/read.ts", "../../connectors/errors.ts"],
    ["the contract knows no connector", "src/connectors/contract.ts", "./ldap/ldap.ts"],
    ["only main names the registry", "src/cli/plan.ts", "../connectors/registry.ts"],
    ["src knows no tests", "src/cli/plan.ts", "../../test/support/wait.ts"],
  ])("refuses: %s", (_, path, to) => {
    expect(forbiddenImports([{ path, text: `import type { X } from "${to}";\n` }])).toHaveLength(1);
  });

  test.each([
    ["main names the registry", "src/main.ts", "./connectors/registry.ts"],
    ["the registry names each connector", "src/connectors/registry.ts", "./ldap/ldap.ts"],
    ["a connector is made of parts", "src/connectors/ldap/ldap.ts", "./deep/wire.ts"],
    ["Active Directory is LDAP", "src/connectors/active-directory/active-directory.ts", "../ldap/connect.ts"],
    ["a connector fulfils the contract", "src/connectors/ldap/deep/wire.ts", "../../contract.ts"],
    ["a connector knows the model", "src/connectors/ldap/ldap.ts", "../../core/model/account.ts"],
    ["a connector reads a format", "src/connectors/ldif/ldif.ts", "../../formats/ldif/read.ts"],
    ["a report is written in a format", "src/report/journal.ts", "../formats/ldif/write.ts"],
    ["the engine uses state", "src/engine/lane.ts", "../state/state.ts"],
    ["core hashes", "src/core/model/hash.ts", "node:crypto"],
    ["core uses a part of an allowed package", "src/core/kinds/common.ts", "zod/v4"],
    [
      "a test beside its file reaches further",
      "src/core/plan/diff.test.ts",
      "../../connectors/memory/memory.ts",
    ],
  ])("allows: %s", (_, path, to) => {
    expect(forbiddenImports([{ path, text: `import { x } from "${to}";\n` }])).toEqual([]);
  });

  test.each([
    ["types", `import type { A } from "./b.ts";`],
    ["types among values", `import { x, type A } from "./b.ts";`],
    ["several lines", `import {\n  x,\n  y,\n} from "./b.ts";`],
    ["effects alone", `import "./b.ts";`],
    ["re-exports", `export { x } from "./b.ts";`],
    ["everything", `export * from "./b.ts";`],
    ["late imports", `const b = await import("./b.ts");`],
  ])("sees imports of %s", (_, text) => {
    expect(importsOf({ path: "src/core/a.ts", text })).toEqual(["src/core/b.ts"]);
  });

  test("does not take a comment for an import", () => {
    expect(importsOf({ path: "src/a.ts", text: `/*\nimport "./b.ts";\n*/\n// import "./c.ts";\n` })).toEqual(
      [],
    );
  });
});

test("a ring of imports is named, whatever its length", () => {
  const file = (name: string, to: string) => ({
    path: `src/core/${name}.ts`,
    text: `import type { X } from "./${to}.ts";`,
  });
  expect(importCycles([file("a", "b"), file("b", "c"), file("c", "a")])).toEqual([
    "src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts",
  ]);
  expect(importCycles([file("a", "a")])).toHaveLength(1);
  expect(importCycles([file("a", "b"), file("c", "b")])).toEqual([]);
});

describe("the rules of the text", () => {
  test.each([
    ["any as a type", "src/a.ts", "let x: any;"],
    ["any as an argument of a type", "src/a.ts", "let x: Map<string, any>;"],
    ["a cast to any", "src/a.ts", "f(x as any);"],
    ["a note to finish it later", "src/a.ts", "// TODO: finish"],
    ["a test that runs alone", "src/a.test.ts", `test.only("x", f);`],
    ["a test that does not run", "test/a.test.ts", `describe.skip("x", f);`],
    ["a test that may not run", "test/a.test.ts", `test.concurrent.skipIf(slow)("x", f);`],
    ["a mocked module", "src/a.test.ts", `vi.mock("./b.ts");`],
    ["the clock in core", "src/core/a.ts", "const now = Date.now();"],
    ["the clock in core, by another way", "src/core/a.ts", "const now = new Date();"],
    ["randomness in core", "src/core/a.ts", "const id = randomUUID();"],
    ["output from core", "src/core/a.ts", "console.log(x);"],
    ["the environment read anywhere", "src/state/a.ts", "const home = process.env.HOME;"],
    ["the environment read by taking it apart", "src/state/a.ts", "const { HOME } = process.env;"],
    ["a default export", "src/a.ts", "export default f;"],
    ["a barrel", "src/a.ts", `export { f } from "./f.ts";`],
  ])("refuse %s", (_, path, text) => {
    expect(textViolations([{ path, text }])).toHaveLength(1);
  });

  test.each([
    ["the word any", "src/a.ts", "/** Matches any of them. */\nconst anyOf = some(any);"],
    ["a moment given as text", "src/core/a.ts", "const at = new Date(text);"],
    ["the clock outside core", "src/engine/a.ts", "const now = Date.now();"],
    ["a test", "src/a.test.ts", `test.each(cases)("x", f);`],
    ["the word any in a text", "src/a.ts", 'say("Absent: any.");'],
    ["main reading the environment", "src/main.ts", "run(process.env.HOME);"],
    ["the environment handed on", "src/a.ts", "spawn(git, { env: { ...process.env } });"],
  ])("allow %s", (_, path, text) => {
    expect(textViolations([{ path, text }])).toEqual([]);
  });

  test("say where", () => {
    expect(textViolations([{ path: "src/a.ts", text: "const a = 1;\n\nlet x: any;\n" }])).toEqual([
      "src/a.ts:3: any is not a type here",
    ]);
  });
});

test("a file of 251 lines is too long, one of 250 is not, a test may be", () => {
  const text = (lines: number) => "x;\n".repeat(lines);
  expect(longFiles([{ path: "src/a.ts", text: text(251) }])).toEqual([
    "src/a.ts has 251 lines, more than 250",
  ]);
  expect(longFiles([{ path: "src/a.ts", text: text(250) }])).toEqual([]);
  expect(longFiles([{ path: "src/a.test.ts", text: text(251) }])).toEqual([]);
});
