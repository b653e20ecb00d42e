import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { generatedFolders } from "./files.ts";

type Files = ReadonlyMap<string, string>;

/** Paths that are missing, differ, or should no longer be there. */
export function staleFiles(root: URL, files: Files): string[] {
  const differing = [...files].filter(([path, text]) => textOf(new URL(path, root)) !== text);
  return [...differing.map(([path]) => path), ...leftOvers(root, files)].sort();
}

/** Writes what is stale and removes what should no longer be there; says which. */
export function writeFiles(root: URL, files: Files): string[] {
  const stale = staleFiles(root, files);
  for (const path of stale) {
    const place = new URL(path, root);
    const text = files.get(path);
    if (text === undefined) rmSync(place);
    else {
      mkdirSync(new URL("./", place), { recursive: true });
      writeFileSync(place, text);
    }
  }
  return stale;
}

function leftOvers(root: URL, files: Files): string[] {
  return generatedFolders
    .flatMap((folder) => namesIn(new URL(`${folder}/`, root)).map((name) => `${folder}/${name}`))
    .filter((path) => !files.has(path));
}

function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
