import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { connectors } from "../src/connectors/registry.ts";
import { renderProblem, validateFolder } from "../src/resources/directory/validate.ts";

/** Folders of src/connectors that are no connector. */
const others = ["wrap"];

describe("the registry", () => {
  it("lists the connectors that have a folder, each once, by name", async () => {
    const entries = await readdir("src/connectors", { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() && !others.includes(entry.name));
    expect(connectors.map(({ name }) => name)).toEqual(folders.map(({ name }) => name).sort());
  });
});

describe.each(connectors.map(({ name }) => name))("the connector %s", (name) => {
  it("has a page in the docs", async () => {
    expect(await readdir("docs/connectors")).toContain(`${name}.md`);
  });

  it("goes through the contract suite", async () => {
    const callers = (await readdir("test/contract")).filter((file) => file.endsWith(".test.ts"));
    expect(callers.filter((file) => file === `${name}.test.ts` || file.startsWith(`${name}-`))).not.toEqual(
      [],
    );
  });

  it("has a sample manifest that is valid", async () => {
    const folder = `manifests/examples/${name}`;
    const { problems, reading } = await validateFolder(folder, connectors);
    expect(problems.map((problem) => renderProblem(problem, folder))).toEqual([]);
    expect(reading.resources).not.toEqual([]);
  });
});
