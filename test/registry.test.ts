import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { connectors } from "../src/connectors/registry.ts";
import { renderProblem, validateFolder } from "../src/resources/directory/validate.ts";
import { examples } from "./support/examples/examples.ts";

/** Folders of src/connectors that are no connector. */
const others = ["files", "wrap"];

/** A connector's folders and pages are called as it is, in kebab case. */
const fileName = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

describe("the registry", () => {
  it("lists the connectors that have a folder, each once, by name", async () => {
    const entries = await readdir("src/connectors", { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() && !others.includes(entry.name));
    const listed = connectors.map(({ name }) => fileName(name));
    expect(listed).toEqual(folders.map(({ name }) => name).sort());
  });
});

describe.each(connectors.map((type) => [type.name, type] as const))("the connector %s", (name, type) => {
  const file = fileName(name);

  it("has a page in the docs", async () => {
    expect(await readdir("docs/connectors")).toContain(`${file}.md`);
  });

  it("has a retry table, to which its page leads", async () => {
    const page = await readFile(`docs/connectors/${file}.md`, "utf8");
    expect(page).toContain(`(../reference/errors.md#${name.toLowerCase()})`);
    const said = type.errors.map(({ code, meaning }) => code ?? meaning);
    expect(said).not.toEqual([]);
    expect(said).toEqual([...new Set(said)]);
  });

  it("goes through the contract suite", async () => {
    const callers = (await readdir("test/contract")).filter((each) => each.endsWith(".test.ts"));
    const own = callers.filter((each) => each === `${file}.test.ts` || each.startsWith(`${file}-`));
    expect(own).not.toEqual([]);
  });

  it("has sample manifests that are valid", async () => {
    const folder = `manifests/examples/${file}`;
    const { problems, reading } = await validateFolder(folder, connectors);
    expect(problems.map((problem) => renderProblem(problem, folder))).toEqual([]);
    expect(reading.resources).not.toEqual([]);
  });

  it("has sample manifests that a test applies to its real store", () => {
    expect(examples.map((example) => example.folder)).toContain(file);
  });
});
