import { globSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const page = read("docs/adding-a-connector.md");

/** `[errors.ts](../src/connectors/errors.ts) (`StoreError`)`: a file, and what stands in it. */
const named = [...page.matchAll(/\]\(([^)\s]+\.ts)\)\s\(([^)]+)\)/g)].flatMap(([, file, names]) =>
  [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => [normalize(join("docs", file!)), name!] as const),
);
/** Paths that are named without a link; NAME stands for the reader's own. */
const paths = [...page.matchAll(/`((?:src|test|docs|manifests)\/[^`\s]*)`/g)].map(([, path]) => path!);

describe("the page on adding a connector", () => {
  test("names what to look at", () => expect(named.length).toBeGreaterThan(20));

  test.each(named)("%s has %s", (file, name) => expect(read(file)).toMatch(new RegExp(`\\b${name}\\b`)));

  test.each(paths)("%s is there", (path) =>
    expect(globSync(path.replaceAll("NAME", "csv"), { cwd: root })).not.toEqual([]),
  );
});
