import { createHash } from "node:crypto";
import { type Format, FormatError, type Row, type Sheet } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { type OpenFile, type StoreFile, withFile } from "./file.ts";
import { KeyIndex } from "./key-index.ts";
import { type FileView, type Key, readRows, Snapshot } from "./snapshot.ts";
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

/** Reads all files once. Throws a `StoreError` for what is not whole, for two rows with the same key, and for files that change meanwhile. */
export async function takeSnapshot(
  files: readonly StoreFile[],
  format: Format,
  rules: Rules,
  call: Call,
): Promise<Snapshot> {
  const taking = new Taking(format, rules, call);
  for (const file of files) await withFile(file, (open) => taking.take(open));
  const snapshot = taking.snapshot();
  const { atLeast } = rules.bounds;
  if (snapshot.size >= atLeast) return snapshot;
  const names = files.map(({ name }) => name).join(", ");
  throw new StoreError(
    "Unavailable",
    `cannot read ${names}: there are fewer than ${atLeast} rows; restore them, or set rows.atLeast if that is right`,
  );
}

interface Suspect {
  readonly key: Key;
  readonly row: Row;
  /** Rows before it whose key has the same hash. */
  readonly others: readonly number[];
}

class Taking {
  readonly #format: Format;
  readonly #rules: Rules;
  readonly #call: Call;
  readonly #views: FileView[] = [];
  readonly #spans = new Spans();
  readonly #indexes: ReadonlyMap<Key, KeyIndex>;

  constructor(format: Format, rules: Rules, call: Call) {
    this.#format = format;
    this.#rules = rules;
    this.#call = call;
    this.#indexes = new Map(rules.keys.map((key) => [key, new KeyIndex()]));
  }

  snapshot(): Snapshot {
    return new Snapshot(this.#views, this.#format, this.#spans, this.#indexes);
  }

  async take(open: OpenFile): Promise<void> {
    const hash = createHash("sha256");
    try {
      const sheet = await this.#format.open(open.pieces(this.#call, hash));
      this.#rules.begin(sheet);
      const view = { file: open.file, sheet, stamp: open.stamp, first: this.#spans.length };
      let last: Row | undefined;
      for await (const page of sheet.rows()) {
        await this.#prove(view, this.#add(page));
        last = page.at(-1) ?? last;
      }
      await open.unchanged();
      this.#views.push({ ...view, digest: hash.digest("hex"), unended: last?.ending === 0 });
    } catch (error) {
      await open.rethrow(error);
    }
  }

  #add(page: readonly Row[]): Suspect[] {
    const suspects: Suspect[] = [];
    for (const row of page) {
      for (const [key, index] of this.#indexes) {
        const value = key.of(row);
        if (value === undefined) continue;
        if (value === "") {
          throw new FormatError(`line ${row.line} has no ${key.title}; fill it in, or take the line out`);
        }
        const others = index.add(value, this.#spans.length);
        if (others.length > 0) suspects.push({ key, row, others });
      }
      this.#rules.visit(row);
      this.#spans.add(row);
    }
    if (this.#spans.length > this.#rules.bounds.atMost) {
      throw new FormatError(
        `it has more than ${this.#rules.bounds.atMost} rows; restore it, or set rows.atMost if it may`,
      );
    }
    return suspects;
  }

  /** Equal hashes prove nothing: compares the keys themselves. */
  async #prove(
    view: Pick<FileView, "file" | "sheet" | "stamp" | "first">,
    suspects: readonly Suspect[],
  ): Promise<void> {
    for (const { key, row, others } of suspects) {
      for (const number of others) {
        const owner = [...this.#views, view].findLast(({ first }) => first <= number)!;
        const [other] = await readRows(owner, [this.#spans.at(number)]);
        if (other && key.of(other) === key.of(row)) throw twice(key, [other, owner.file], [row, view.file]);
      }
    }
  }
}

type Found = readonly [row: Row, file: StoreFile];

function twice(key: Key, [one, its]: Found, [other, file]: Found): StoreError {
  const lines =
    its === file
      ? `lines ${one.line} and ${other.line}`
      : `line ${one.line} of ${its.name} and line ${other.line}`;
  return new StoreError(
    "Unavailable",
    `cannot read ${file.name}: ${lines} have the same ${key.title}, ${key.of(other)}; take one out`,
  );
}
