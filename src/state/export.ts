import type { State } from "./state.ts";

/** Raised when a reader of the export would have to change. The format: docs/state.md. */
export const exportVersion = 1;

/**
 * The whole state as JSON lines: first a header, then one line an item. The digest key stays behind, so that digests of sensitive
 * values cannot be tried out by whoever gets the export.
 */
export async function* exportState(state: State): AsyncIterable<string> {
  yield line({ format: "rollcall-state", version: exportVersion, id: state.id, realm: state.realm });
  for await (const { table, items } of state.dump()) {
    for (const item of items) yield line({ table, item });
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value, (_, member) => (member instanceof Set ? [...member] : member))}\n`;
}
