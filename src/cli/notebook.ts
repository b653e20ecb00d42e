import type { Notebook } from "../connectors/contract.ts";
import type { State } from "../state/state.ts";

/** Where a store's records are kept: among the notes of the state, under a name that no target has. */
export function notebookOf(state: Pick<State, "id" | "notes" | "setNotes">, store: string): Notebook {
  const place = `Store/${store}`;
  return {
    id: state.id,
    read: () => state.notes(place),
    write: (texts) => state.setNotes(place, texts),
  };
}
