import type { Notebook } from "../connectors/notebook.ts";
import { isStateError } from "../state/errors.ts";
import type { State } from "../state/state.ts";

/**
 * Where a store's records are kept: among the notes of the state, under a name that no target has. Who may only read the state has
 * what it writes for itself alone.
 */
export function notebookOf(state: Pick<State, "id" | "notes" | "setNotes">, store: string): Notebook {
  const place = `Store/${store}`;
  let own: Readonly<Record<string, string | undefined>> = {};
  return {
    id: state.id,
    async read() {
      const texts = new Map(await state.notes(place));
      for (const [key, text] of Object.entries(own))
        if (text === undefined) texts.delete(key);
        else texts.set(key, text);
      return texts;
    },
    async write(texts) {
      try {
        await state.setNotes(place, texts);
      } catch (error) {
        if (!isStateError(error, "ReadOnly")) throw error;
        own = { ...own, ...texts };
      }
    },
  };
}
