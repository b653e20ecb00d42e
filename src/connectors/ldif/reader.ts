import type { Row } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { FileStore } from "../files/connector.ts";
import { type StoreFile, withFile } from "../files/file.ts";
import { digestOfAll } from "../files/snapshot.ts";
import { takingTurns } from "../turns.ts";
import type { Entries } from "./entries.ts";
import { Finder } from "./finder.ts";
import { readingEntries } from "./reading.ts";
import { settle } from "./settle.ts";
import type { Shape } from "./shape.ts";

/** What is known of a store's files. */
export interface Known {
  /** The entries with the files' change records made good. */
  readonly settled: Entries;
  readonly finder: Finder;
}

/** How much of a file's end is looked at for change records. */
const tailSize = 1024 * 1024;

/** Reads a store's files for one target, and not again while they are the same. */
export class Reader {
  readonly #store: FileStore;
  readonly #shape: Shape;
  readonly #inTurn = takingTurns();
  #last: Known | undefined;

  constructor(store: FileStore, shape: Shape) {
    this.#store = store;
    this.#shape = shape;
  }

  load(call: Call): Promise<Known> {
    return this.#inTurn(async () => {
      const files = await this.#files();
      const known = await this.#known(files, call);
      if (known !== undefined) return known;
      this.#last = undefined;
      const reading = this.#reading(files, call);
      for (;;) {
        const { done, value } = await reading.next();
        if (done) return this.#keep(await settle(value));
      }
    });
  }

  /** Tells these contents from any others. */
  async digest(call: Call): Promise<string> {
    const files = await this.#files();
    const known = await this.#known(files, call);
    return known?.settled.reading.snapshot.digest ?? digestOfAll(files, call);
  }

  /** The rows of all entries as they are. Those of files that are not known yet come while they are read. */
  async *entries(call: Call): AsyncGenerator<readonly Row[]> {
    const files = await this.#files();
    const isKnown = (await this.#known(files, call)) !== undefined;
    if (isKnown || (await mayHaveChanges(files))) yield* (await this.load(call)).settled.rows(call);
    else yield* this.#entriesAnew(files, call);
  }

  async *#entriesAnew(files: readonly StoreFile[], call: Call): AsyncGenerator<readonly Row[]> {
    const reading = yield* this.#reading(files, call);
    this.#keep(await settle(reading));
    if (reading.changes.length > 0)
      throw new StoreError(
        "Retryable",
        `cannot read ${this.#store.place.title}: it has change records, which were overlooked; it is read again`,
      );
  }

  #reading(files: readonly StoreFile[], call: Call): ReturnType<typeof readingEntries> {
    return readingEntries(files, this.#store.format, this.#shape, this.#store.bounds, call);
  }

  async #files(): Promise<readonly StoreFile[]> {
    this.#store.checkOpen();
    return this.#store.place.files();
  }

  async #known(files: readonly StoreFile[], call: Call): Promise<Known | undefined> {
    const last = this.#last;
    return last && (await last.settled.reading.snapshot.isOf(files, call)) ? last : undefined;
  }

  #keep(settled: Entries): Known {
    this.#last = { settled, finder: new Finder(settled) };
    return this.#last;
  }
}

/** Change records stand behind all entries: whether the last record of a file is one, or too large to tell. */
async function mayHaveChanges(files: readonly StoreFile[]): Promise<boolean> {
  for (const file of files) {
    const tail = await withFile(file, (open) => open.tail(tailSize));
    const paragraphs = tail.toString("latin1").split(/(?:\r?\n){2,}/);
    const last = paragraphs.findLastIndex((paragraph) => /^[^#\r\n]/m.test(paragraph));
    const isWhole = last > 0 || tail.length < tailSize;
    if (!isWhole || (last >= 0 && /^changetype *:/im.test(paragraphs[last]!))) return true;
  }
  return false;
}
