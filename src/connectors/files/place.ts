import type { ConnectorEnvironment } from "../contract.ts";
import { dropFolder } from "./drop-folder.ts";
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
    files: async () => names.map((name) => ({ name, path: environment.path(name) })),
    newRows: newRows ?? names[0],
  };
}

/** How many rows there may be, where the block does not say. */
export function boundsOf({ rows }: PlaceBlock, atLeast: number): Bounds {
  return { atLeast: rows?.atLeast ?? atLeast, atMost: rows?.atMost ?? 10_000_000 };
}
