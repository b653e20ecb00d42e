import type { Row } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { takingTurns } from "../turns.ts";
import type { StoreFile } from "./file.ts";
import { digestOfAll, type Snapshot } from "./snapshot.ts";
import type { FileStore } from "./store.ts";

/** What a target knows of files that it has read. */
export interface Known {
  readonly snapshot: Snapshot;
}

/** Reads files once, shows the rows on the way, and returns what is then known of them. */
export type Reading<K extends Known> = (
  files: readonly StoreFile[],
  call: Call,
) => AsyncGenerator<readonly Row[], K>;

/** Reads a store's files for one target, and not again while they are the same. */
export class Reader<K extends Known> {
  readonly #store: Pick<FileStore, "checkOpen" | "place">;
  readonly #read: Reading<K>;
  readonly #inTurn = takingTurns();
  #last: K | undefined;

  constructor(store: Pick<FileStore, "checkOpen" | "place">, read: Reading<K>) {
    this.#store = store;
    this.#read = read;
  }

  load(call: Call): Promise<K> {
    return this.#inTurn(async () => {
      const files = await this.files();
      const known = await this.known(files, call);
      if (known !== undefined) return known;
      this.#last = undefined;
      const reading = this.#read(files, call);
      for (;;) {
        const { done, value } = await reading.next();
        if (done) return this.#keep(value, files);
      }
    });
  }

  /** Tells these contents from any others. */
  async digest(call: Call): Promise<string> {
    const files = await this.files();
    return (await this.known(files, call))?.snapshot.digest ?? digestOfAll(files, call);
  }

  /** All rows. Those of files that are not known yet come while they are read, before it is known whether all is well with them. */
  async *rows(call: Call): AsyncGenerator<readonly Row[], K> {
    const files = await this.files();
    const known = await this.known(files, call);
    if (known === undefined) return this.#keep(yield* this.#read(files, call), files);
    yield* known.snapshot.rows(call);
    return known;
  }

  async files(): Promise<readonly StoreFile[]> {
    this.#store.checkOpen();
    return this.#store.place.files();
  }

  /** What is known of these files, where they were read and are the same. */
  async known(files: readonly StoreFile[], call: Call): Promise<K | undefined> {
    const last = this.#last;
    return last && (await last.snapshot.isOf(files, call)) ? last : undefined;
  }

  async #keep(known: K, files: readonly StoreFile[]): Promise<K> {
    await this.#store.place.wereRead(files);
    this.#last = known;
    return known;
  }
}
