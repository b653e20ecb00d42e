import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";

/** One file, by its path from the repository's root: `src/core/plan/diff.ts`. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export function readSources(root: string, pattern: string): Source[] {
  const paths = globSync(pattern, { cwd: root }).toSorted();
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** What a file imports or re-exports, types too: files by their path from the root, packages by their name. */
export function importsOf({ path, text }: Source): string[] {
  const code = withoutComments(text);
  const specifiers = [...code.matchAll(staticImport), ...code.matchAll(dynamicImport)].map(
    (match) => match[1] ?? "",
  );
  return [...new Set(specifiers)].map((name) => (name.startsWith(".") ? join(dirname(path), name) : name));
}

const staticImport = /^(?:import|export)\s+(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const dynamicImport = /\bimport\(\s*"([^"]+)"/g;

/** The code alone, its line numbers unchanged. Good enough for code that the formatter has laid out: no parser is needed. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) =>
    comment.replaceAll(/[^\n]/g, " "),
  );
}

/** The code with what stands between double quotes blanked. */
export function withoutTexts(code: string): string {
  return code.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, (text) => `"${" ".repeat(text.length - 2)}"`);
}

export function isTest({ path }: Source): boolean {
  return path.endsWith(".test.ts");
}
