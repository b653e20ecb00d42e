import { createHash } from "node:crypto";
import { type Format, FormatError, type Row, type Sheet } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { named, nameError } from "./errors.ts";
import { OpenFile, type StoreFile } from "./file.ts";
import { KeyIndex } from "./key-index.ts";
import { type FileView, type Key, type Placed, Snapshot } from "./snapshot.ts";
import { Spans } from "./spans.ts";

/** How many rows a store may have. */
export interface Bounds {
  readonly atLeast: number;
  readonly atMost: number;
}

/** What rows must be to be taken. */
export interface Rules {
  readonly keys: readonly Key[];
  /** Throws `FormatError` for a file that lacks what is needed. */
  begin(sheet: Sheet): void;
  /** Sees every row once, in order. Throws `FormatError` for one that cannot be. */
  visit(row: Row): void;
  readonly bounds: Bounds;
}

/**
 * Reads all files once, and shows the rows on the way, before it is known whether all is well. Throws a `StoreError` for what is not whole, for two rows with
 * the same key, and for files that change meanwhile.
 */
export async function* takingSnapshot(
  files: readonly StoreFile[],
  format: Format,
  rules: Rules,
  call: Call,
): AsyncGenerator<readonly Row[], Snapshot> {
  const taking = new Taking(format, rules, call);
  for (const file of files) yield* taking.take(file);
  const snapshot = taking.snapshot();
  for (const [key, index] of taking.indexes) await proveUnique(snapshot, key, index.pairs());
  const { atLeast } = rules.bounds;
  if (snapshot.size >= atLeast) return snapshot;
  const names = files.map(({ name }) => name).join(", ");
  throw new StoreError(
    "Unavailable",
    `cannot read ${names}: there are fewer than ${atLeast} rows; restore them, or set rows.atLeast if that is right`,
  );
}

class Taking {
  readonly #format: Format;
  readonly #rules: Rules;
  readonly #call: Call;
  readonly #views: FileView[] = [];
  readonly #spans = new Spans();
  readonly indexes: ReadonlyMap<Key, KeyIndex>;

  constructor(format: Format, rules: Rules, call: Call) {
    this.#format = format;
    this.#rules = rules;
    this.#call = call;
    this.indexes = new Map(rules.keys.map((key) => [key, new KeyIndex()]));
  }

  snapshot(): Snapshot {
    return new Snapshot(this.#views, this.#format, this.#spans, this.indexes);
  }

  async *take(file: StoreFile): AsyncGenerator<readonly Row[]> {
    const open = await named(file.name, "read", () => OpenFile.open(file));
    try {
      yield* this.#rowsOf(open);
    } catch (error) {
      throw nameError(file.name, "read", error);
    } finally {
      await open.close();
    }
  }

  async *#rowsOf(open: OpenFile): AsyncGenerator<readonly Row[]> {
    const hash = createHash("sha256");
    try {
      const sheet = await this.#format.open(open.pieces(this.#call, hash));
      this.#rules.begin(sheet);
      await this.#demandContent(open);
      const view = { file: open.file, sheet, stamp: open.stamp, first: this.#spans.length };
      let last: Row | undefined;
      for await (const page of sheet.rows()) {
        this.#add(page);
        last = page.at(-1) ?? last;
        yield page;
      }
      await open.unchanged();
      this.#views.push({ ...view, digest: hash.digest("hex"), unended: last?.ending === 0 });
    } catch (error) {
      await open.rethrow(error);
    }
  }

  /** Beside other files that have rows, one that was lost would pass for one without any. */
  async #demandContent(open: OpenFile): Promise<void> {
    if (this.#rules.bounds.atLeast === 0 || (await open.tail(1)).length > 0) return;
    throw new FormatError("it has 0 bytes; restore it, or write a line break into it if it is to be empty");
  }

  #add(page: readonly Row[]): void {
    for (const row of page) {
      for (const [key, index] of this.indexes) {
        const value = key.of(row);
        if (value === undefined) continue;
        if (value === "") {
          throw new FormatError(`line ${row.line} has no ${key.title}; fill it in, or take the line out`);
        }
        index.add(value, this.#spans.length);
      }
      this.#rules.visit(row);
      this.#spans.add(row);
    }
    if (this.#spans.length > this.#rules.bounds.atMost) {
      throw new FormatError(
        `it has more than ${this.#rules.bounds.atMost} rows; restore it, or set rows.atMost if it may`,
      );
    }
  }
}

/** Pairs looked at in one go. */
const pairsAtOnce = 256;

/** Equal hashes prove nothing: compares the keys themselves, where the rows lie. */
async function proveUnique(snapshot: Snapshot, key: Key, pairs: Iterator<Pair>): Promise<void> {
  for (;;) {
    const some = nextOf(pairs, pairsAtOnce).sort(([, a], [, b]) => a - b);
    if (some.length === 0) return;
    const numbers = [...new Set(some.flat())].sort((a, b) => a - b);
    const rows = new Map((await snapshot.at(numbers)).map((placed, at) => [numbers[at]!, placed]));
    for (const [number, later] of some) {
      const [one, other] = [rows.get(number)!, rows.get(later)!];
      if (key.of(one.row) === key.of(other.row)) throw twice(key, one, other);
    }
  }
}

function nextOf<T>(items: Iterator<T>, most: number): T[] {
  const some: T[] = [];
  while (some.length < most) {
    const { done, value } = items.next();
    if (done) break;
    some.push(value);
  }
  return some;
}

type Pair = readonly [row: number, later: number];

function twice(key: Key, one: Placed, other: Placed): StoreError {
  const [its, file] = [one.view.file, other.view.file];
  const lines =
    its === file
      ? `lines ${one.row.line} and ${other.row.line}`
      : `line ${one.row.line} of ${its.name} and line ${other.row.line}`;
  return new StoreError(
    "Unavailable",
    `cannot read ${file.name}: ${lines} have the same ${key.title}, ${key.of(other.row)}; take one out`,
  );
}
