import type { Row } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { type StoreFile, withFile } from "../files/file.ts";
import { type Known, Reader } from "../files/reader.ts";
import type { FileStore } from "../files/store.ts";
import type { Entries } from "./entries.ts";
import { Finder } from "./finder.ts";
import { Held } from "./held.ts";
import { readingEntries } from "./reading.ts";
import { settle } from "./settle.ts";
import type { Shape } from "./shape.ts";

/** What is known of the entries in a store's files. */
export interface KnownEntries extends Known {
  /** The entries with the files' change records made good. */
  readonly settled: Entries;
  readonly finder: Finder;
  readonly held: Held | undefined;
}

/** How much of a file's end is looked at for change records. */
const tailSize = 1024 * 1024;

/** Reads a store's files for one target, and not again while they are the same. */
export class EntryReader {
  readonly #title: string;
  readonly #reader: Reader<KnownEntries>;

  constructor(store: FileStore, shape: Shape) {
    this.#title = store.place.title;
    this.#reader = new Reader(store, async function* (files, call) {
      const reading = yield* readingEntries(files, store.format, shape, store.bounds, call);
      const settled = await settle(reading);
      const held = shape.held && new Held(settled, shape.held);
      return { snapshot: reading.snapshot, settled, finder: new Finder(settled), held };
    });
  }

  load(call: Call): Promise<KnownEntries> {
    return this.#reader.load(call);
  }

  /** Tells these contents from any others. */
  digest(call: Call): Promise<string> {
    return this.#reader.digest(call);
  }

  /** The rows of all entries as they are. Those of files that are not known yet come while they are read. */
  async *entries(call: Call): AsyncGenerator<readonly Row[]> {
    const files = await this.#reader.files();
    const isKnown = (await this.#reader.known(files, call)) !== undefined;
    if (isKnown || (await mayHaveChanges(files))) yield* (await this.load(call)).settled.rows(call);
    else yield* this.#withoutChanges(call);
  }

  async *#withoutChanges(call: Call): AsyncGenerator<readonly Row[]> {
    const { settled } = yield* this.#reader.rows(call);
    if (settled.reading.changes.length === 0) return;
    throw new StoreError(
      "Retryable",
      `cannot read ${this.#title}: it has change records, which were overlooked; it is read again`,
    );
  }
}

/** Change records stand behind all entries: whether the last record of a file is one, or too large to tell. */
async function mayHaveChanges(files: readonly StoreFile[]): Promise<boolean> {
  for (const file of files) {
    const tail = await withFile(file, (open) => open.tail(tailSize));
    const paragraphs = tail.toString("latin1").split(/(?:\r?\n){2,}/);
    const last = paragraphs.findLastIndex((paragraph) => /^[^# \r\n]/m.test(paragraph));
    const isWhole = last > 0 || tail.length < tailSize;
    if (!isWhole || (last >= 0 && /^changetype *:/im.test(paragraphs[last]!))) return true;
  }
  return false;
}
