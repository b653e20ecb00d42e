import { plain, plural } from "../report/words.ts";
import type { State } from "../state/state.ts";

/** What there is in a state: the format of `state info -o json`. */
export interface StateInfo {
  readonly format: "rollcall.dev/state-info/v1";
  readonly id: string;
  readonly realm: string;
  readonly place: string;
  /** How often it was opened for writing. */
  readonly epoch: number;
  /** Which server answers for each store. */
  readonly stores: Readonly<Record<string, string>>;
  /** How much there is of each thing it keeps. */
  readonly counts: Readonly<Record<string, number>>;
}

export async function stateInfo(state: State): Promise<StateInfo> {
  const counts: Record<string, number> = {};
  for await (const { table, items } of state.dump()) counts[table] = (counts[table] ?? 0) + items.length;
  const { id, realm, place, epoch } = state;
  const stores = Object.fromEntries(await state.fingerprints());
  return { format: "rollcall.dev/state-info/v1", id, realm, place, epoch, stores, counts };
}

export function stateInfoText({ id, realm, place, epoch, stores, counts }: StateInfo): string {
  return [
    `State ${place}`,
    `id ${id}, realm ${realm}, epoch ${epoch}`,
    ...Object.entries(stores).map(([name, fingerprint]) => `Store ${name}: ${plain(fingerprint)}`),
    Object.entries(counts)
      .filter(([table]) => table !== "stores")
      .map(([table, count]) => (table === "journal" ? plural(count, "journal line") : `${count} ${table}`))
      .join(", "),
    "",
  ].join("\n");
}
