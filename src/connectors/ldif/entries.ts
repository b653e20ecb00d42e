import { nameColumn } from "../../formats/ldif/row.ts";
import { FormatError, type Row, ValueError } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import type { FileView, Placed } from "../files/snapshot.ts";
import { isChange, type Reading } from "./reading.ts";

/** An entry that is worked on: as it lies in its file, and as it is to be. */
export interface Entry {
  readonly view: FileView;
  /** Undefined for a new one. */
  readonly before: Row | undefined;
  /** Undefined for one that is gone. */
  now: Row | undefined;
}

/** Values by attribute; `dn` is the name. */
export type Given = ReadonlyMap<string, readonly string[]>;

/** Those entries of a reading that somebody works on, each as all changes so far have left it. They are loaded before they are asked for. */
export class Entries {
  readonly reading: Reading;
  readonly #all = new Set<Entry>();
  /** By the name that they have in the file. */
  readonly #loaded = new Map<string, Entry>();
  /** By the name that they have now. */
  readonly #names = new Map<string, Entry>();
  readonly #anchors = new Map<string, Entry>();
  /** Whether anything was changed since these are copies. */
  isChanged = false;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  /** For work that is to leave these as they are. */
  copy(): Entries {
    const copy = new Entries(this.reading);
    for (const entry of this.#all) copy.#keep({ ...entry });
    return copy;
  }

  /** Loads the entries of these names, in their one form. */
  async load(names: Iterable<string>): Promise<void> {
    const { snapshot, byName } = this.reading;
    const missing = [...names].filter((name) => !this.#loaded.has(name));
    this.take((await snapshot.find(byName, missing)).values());
  }

  async loadAccounts(anchors: Iterable<string>): Promise<void> {
    const { snapshot, byAnchor } = this.reading;
    this.take((await snapshot.find(byAnchor, anchors)).values());
  }

  take(found: Iterable<Placed>): void {
    const { shape } = this.reading;
    for (const { row, view } of found)
      if (!this.#loaded.has(shape.nameOf(row))) this.#keep({ view, before: row, now: row });
  }

  #keep(entry: Entry): void {
    this.#all.add(entry);
    if (entry.before !== undefined) this.#loaded.set(this.reading.shape.nameOf(entry.before), entry);
    this.#index(entry);
  }

  #index(entry: Entry): void {
    const { shape } = this.reading;
    if (entry.now === undefined) return;
    this.#names.set(shape.nameOf(entry.now), entry);
    if (shape.isAccount(entry.now)) this.#anchors.set(shape.anchorOf(entry.now), entry);
  }

  /** Whether an entry that lies in the file under this name is among these. */
  has(nameInFile: string): boolean {
    return this.#loaded.has(nameInFile);
  }

  named(name: string): Entry | undefined {
    return this.#names.get(name);
  }

  account(anchor: string): Entry | undefined {
    return this.#anchors.get(anchor);
  }

  all(): Iterable<Entry> {
    return this.#all;
  }

  /** All entries as they are: those of the file, and these. */
  async *rows(call: Call): AsyncGenerator<readonly Row[]> {
    const { snapshot, shape } = this.reading;
    for await (const page of snapshot.rows(call))
      yield page.filter((row) => !isChange(row) && !this.has(shape.nameOf(row)));
    yield [...this.#all].flatMap(({ now }) => now ?? []);
  }

  /** Those groups of the target that were loaded. */
  groups(): Iterable<Entry> {
    const { shape } = this.reading;
    return this.#all.values().filter(({ now }) => now !== undefined && shape.isGroup(now));
  }

  /** Throws `Invalid` for values that no LDIF holds, and what `check` throws of the entry as it would be; then there is none. */
  add(view: FileView, values: Given, check: (row: Row) => void = () => {}): Entry {
    const entry: Entry = { view, before: undefined, now: undefined };
    const row = this.#written(entry, values, check);
    entry.now = row;
    this.#keep(entry);
    this.isChanged = true;
    return entry;
  }

  /** Throws as `add` does; then the entry stays as it was. What changes nothing leaves it as it is written. */
  edit(entry: Entry, values: Given, check: (row: Row) => void = () => {}): void {
    if (![...values].some(([column, own]) => !isSame(entry.now!.values(column), own))) return;
    const row = this.#written(entry, values, check);
    this.#forget(entry);
    entry.now = row;
    this.#index(entry);
    this.isChanged = true;
  }

  remove(entry: Entry): void {
    this.#forget(entry);
    entry.now = undefined;
    this.isChanged = true;
  }

  #forget({ now }: Entry): void {
    const { shape } = this.reading;
    if (now === undefined) return;
    this.#names.delete(shape.nameOf(now));
    if (shape.isAccount(now)) this.#anchors.delete(shape.anchorOf(now));
  }

  #written({ view: { sheet }, now }: Entry, values: Given, check: (row: Row) => void): Row {
    const because = (cause: string) =>
      refused("Invalid", now?.values(nameColumn)[0] ?? values.get(nameColumn)![0]!, cause);
    try {
      const nothing = { offset: 0, length: 0, ending: 0, line: 0 };
      const row = sheet.row(sheet.encode(sheet.edit(now, values)), nothing);
      check(row);
      return row;
    } catch (error) {
      if (error instanceof ValueError) throw because(`${error.column} ${error.message}`);
      if (error instanceof FormatError) throw because(error.message);
      throw error;
    }
  }
}

export function refused(kind: StoreErrorKind, name: string, cause: string): StoreError {
  return new StoreError(kind, `cannot change ${name}: ${cause}`);
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
