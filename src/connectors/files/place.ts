import type { ConnectorEnvironment } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { dropFolder } from "./drop-folder.ts";
import type { StoreFile } from "./file.ts";
import type { PlaceBlock } from "./place-block.ts";
import type { Place } from "./store.ts";
import type { Bounds } from "./take-snapshot.ts";

export function placeOf(
  { file, files, newRows, folder }: PlaceBlock,
  environment: ConnectorEnvironment,
): Place {
  if (folder !== undefined) return dropFolder(folder, environment);
  const names = files ?? [file!];
  return {
    title: names.join(", "),
    files: async () => allDifferent(names.map((name) => ({ name, path: environment.path(name) }))),
    wereRead: async () => undefined,
    newRows: newRows ?? names[0],
  };
}

/** Each row would be there twice, and only when there is one would anybody notice. */
function allDifferent(files: readonly StoreFile[]): readonly StoreFile[] {
  const names = new Map<string, string>();
  for (const { name, path } of files) {
    const other = names.get(path);
    if (other !== undefined)
      throw new StoreError("Invalid", `cannot use ${name}: it is the same file as ${other}; name it once`);
    names.set(path, name);
  }
  return files;
}

/** How many rows there may be, where the block does not say. */
export function boundsOf({ rows }: PlaceBlock, atLeast: number): Bounds {
  return { atLeast: rows?.atLeast ?? atLeast, atMost: rows?.atMost ?? 10_000_000 };
}
