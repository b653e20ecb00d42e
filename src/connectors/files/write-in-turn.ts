import type { Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { named } from "./errors.ts";
import type { Known } from "./reader.ts";
import type { FileView } from "./snapshot.ts";
import type { FileStore } from "./store.ts";

/** Makes a batch of changes while no other target of the store does. `write` gets what is known now, and the file that new rows go to. */
export function writeInTurn<K extends Known>(
  { place, inTurn }: Pick<FileStore, "place" | "inTurn">,
  changes: readonly StoreChange[],
  load: () => Promise<K>,
  write: (known: K, newRows: FileView) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const work = async () => {
    const known = await load();
    const newRows = known.snapshot.views.find(({ file }) => file.name === place.newRows);
    if (newRows !== undefined) return write(known, newRows);
    throw new StoreError(
      "Denied",
      `cannot write ${place.title}: it is only read; let people make the changes with spec.tasks`,
    );
  };
  return inTurn(() => named(place.title, "read", work).catch((error) => refuseAll(changes, error)));
}

/** What goes wrong before a file is written goes wrong for the whole batch, and leaves nothing in doubt. */
function refuseAll(changes: readonly StoreChange[], error: unknown): readonly Outcome[] {
  if (error instanceof StoreError) return changes.map(({ id }) => ({ id, ok: false, error }));
  throw error;
}
