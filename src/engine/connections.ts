import type { StoreConnection } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import type { Resource } from "../core/kinds/resource.ts";
import { callFor, type Parts } from "./parts.ts";

interface OpenStore {
  readonly digest: string;
  readonly connection: StoreConnection;
}

/** The connections to stores, one each, made anew when a Store's manifest changes. */
export class Connections {
  readonly #parts: Parts;
  readonly #connect: (store: Resource<"Store">) => StoreConnection;
  readonly #open = new Map<string, OpenStore>();

  constructor(parts: Parts, connect: (store: Resource<"Store">) => StoreConnection) {
    this.#parts = parts;
    this.#connect = connect;
  }

  /** The connection to a store that has answered as the one it is known to be. `bind`: a store that is new becomes known. */
  async to(store: Resource<"Store">, bind: boolean): Promise<StoreConnection> {
    const known = this.#open.get(store.name);
    const same = known?.digest === store.digest;
    if (!same) await known?.connection.close();
    const connection = same ? known.connection : this.#connect(store);
    try {
      await this.#recognise(store, connection, bind);
    } catch (error) {
      this.#open.delete(store.name);
      await connection.close();
      throw error;
    }
    this.#open.set(store.name, { digest: store.digest, connection });
    return connection;
  }

  isOpen(store: string): boolean {
    return this.#open.has(store);
  }

  async closeAllBut(used: ReadonlySet<string>): Promise<void> {
    for (const [name, { connection }] of [...this.#open]) {
      if (used.has(name)) continue;
      await connection.close();
      this.#open.delete(name);
    }
  }

  /** Another store that answers in the place of a known one is not touched: its accounts are not those that are linked. */
  async #recognise(store: Resource<"Store">, connection: StoreConnection, bind: boolean): Promise<void> {
    const { state } = this.#parts;
    const fingerprint = await connection.fingerprint(callFor(this.#parts, 60_000));
    const known = (await state.fingerprints()).get(store.name);
    if (known !== undefined && known !== fingerprint)
      throw new StoreError(
        "Conflict",
        `Store/${store.name} is another store than before (${fingerprint}, was ${known}): give it a new name, or restore the old one`,
      );
    if (known === undefined && bind) await state.bindStore(store.name, fingerprint);
  }
}
