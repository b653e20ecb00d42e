import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { connectors } from "../../src/connectors/registry.ts";
import { renderProblem, validateFolder } from "../../src/resources/directory/validate.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = globSync(["*.md", "docs/**/*.md"], { cwd: root }).sort();

describe("links", () => {
  test.each(pages)("of %s lead somewhere", (page) => {
    const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!);
    const lost = links.filter((to) => !/^[a-z]+:/.test(to) && !leads(page, to));
    expect(lost).toEqual([]);
  });
});

describe("the laws", () => {
  const proofs = [...read("docs/laws.md").matchAll(/`((?:test|src)\/\S+)`: "(.+)"/g)];

  test("are ten, and each names a test", () => expect(proofs).toHaveLength(10));

  test.each(proofs.map(([, file, name]) => [file!, name!]))("name %s: %s, which is there", (file, name) =>
    expect(read(file)).toContain(`"${name}"`),
  );
});

describe("troubleshooting", () => {
  const said = globSync("src/**/*.ts", { cwd: root }).map(read).join("\n");
  const headings = [...read("docs/troubleshooting.md").matchAll(/^### `(.+)`$/gm)].map(([, text]) => text!);

  test.each(headings)("explains what is really said: %s", (heading) => {
    const parts = heading.replace(/^held: /, "").split("…");
    const words = parts
      .map((part) => part.replace(/^[:;,.? ]+|[:; ]+$/g, ""))
      .filter((part) => part.length > 3);
    expect(words.filter((part) => !said.includes(part))).toEqual([]);
  });
});

describe("the manifests in manifests/", () => {
  const folders = [...globSync("manifests/examples/*", { cwd: root }), "manifests/demo/company"];

  test.each(folders)("%s are valid", async (folder) => {
    const { problems, reading } = await validateFolder(join(root, folder), connectors);
    expect(problems.map((problem) => renderProblem(problem, folder))).toEqual([]);
    expect(reading.resources).not.toEqual([]);
  });
});

/** Without code, where brackets mean something else. */
function prose(page: string): string {
  return read(page)
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "code");
}

function leads(page: string, to: string): boolean {
  const [file = "", anchor] = to.split("#");
  const path = file === "" ? page : normalize(join(dirname(page), file));
  const target = statSync(join(root, path), { throwIfNoEntry: false });
  if (target === undefined) return false;
  return anchor === undefined || headingsOf(path).includes(anchor);
}

/** As GitHub makes anchors of headings. */
function headingsOf(path: string): string[] {
  const headings = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, text]) => text!);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}
