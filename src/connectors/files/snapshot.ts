import { createHash } from "node:crypto";
import type { Format, Row, Sheet, Span } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { named, nameError } from "./errors.ts";
import { OpenFile, type Stamp, type StoreFile, stampOf, withFile } from "./file.ts";
import type { KeyIndex } from "./key-index.ts";
import type { Spans } from "./spans.ts";

/** A file as it was read: enough to find its rows again, and to tell it from any other content. */
export interface FileView {
  readonly file: StoreFile;
  readonly sheet: Sheet;
  readonly stamp: Stamp;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  /** Rows are numbered through all files: this one's first. */
  readonly first: number;
  /** Whether its last row has no line break behind it. */
  readonly unended: boolean;
}

/** A row, and the file it lies in. */
export interface Placed {
  readonly row: Row;
  readonly view: FileView;
}

/** What a row is known by: no two have the same, and none is without. */
export interface Key {
  /** For errors: the column. */
  readonly title: string;
  /** Undefined for a row that is not looked for by it. */
  of(row: Row): string | undefined;
}

/** The rows of a store's files at one moment. It keeps none of them: only where they lie, and hashes of their keys. */
export class Snapshot {
  readonly views: readonly FileView[];
  readonly #format: Format;
  readonly #spans: Spans;
  readonly #indexes: ReadonlyMap<Key, KeyIndex>;
  /** Whose stamps tell everything by now. */
  readonly #settled = new Set<FileView>();

  constructor(views: readonly FileView[], format: Format, spans: Spans, indexes: ReadonlyMap<Key, KeyIndex>) {
    this.views = views;
    this.#format = format;
    this.#spans = spans;
    this.#indexes = indexes;
  }

  /** How many rows there are. */
  get size(): number {
    return this.#spans.length;
  }

  /** Whether it still is what lies in these files. They are read only where their stamps cannot tell. */
  async isOf(files: readonly StoreFile[], call: Call): Promise<boolean> {
    if (files.length !== this.views.length) return false;
    for (const [at, view] of this.views.entries()) {
      const file = files[at]!;
      if (file.path !== view.file.path) return false;
      const now = await named(file.name, "read", () => stampOf(file.path));
      if (now.text !== view.stamp.text) return false;
      if (view.stamp.settled || this.#settled.has(view)) continue;
      if ((await digestOf(file, call)) !== view.digest) return false;
      if (now.settled) this.#settled.add(view);
    }
    return true;
  }

  /** Tells these contents from any others. */
  get digest(): string {
    return joined(this.views.map((view) => view.digest));
  }

  /** The rows that have these values as their key; what has none is left out. Throws `Retryable` when the files are others by now. */
  async find(key: Key, values: Iterable<string>): Promise<ReadonlyMap<string, Placed>> {
    const wanted = new Set(values);
    const index = this.#indexes.get(key)!;
    const numbers = [...wanted].flatMap((value) => index.candidates(value));
    const found = new Map<string, Placed>();
    for (const placed of await this.at(numbers)) {
      const value = key.of(placed.row);
      if (value !== undefined && wanted.has(value)) found.set(value, placed);
    }
    return found;
  }

  /** The rows of these numbers, in the files' order. Throws as `find` does. */
  async at(numbers: readonly number[]): Promise<readonly Placed[]> {
    const sorted = [...new Set(numbers)].sort((a, b) => a - b);
    const found: Placed[] = [];
    for (const [at, view] of this.views.entries()) {
      const next = this.views[at + 1]?.first ?? Number.POSITIVE_INFINITY;
      const own = sorted.filter((number) => number >= view.first && number < next);
      if (own.length === 0) continue;
      const rows = await readRows(
        view,
        own.map((number) => this.#spans.at(number)),
      );
      found.push(...rows.map((row) => ({ row, view })));
    }
    return found;
  }

  /** All rows in the files' order, page by page, read anew. Throws as `find` does. */
  async *rows(call: Call): AsyncGenerator<readonly Row[]> {
    for (const view of this.views) {
      try {
        yield* this.#rowsOf(view, call);
      } catch (error) {
        throw nameError(view.file.name, "read", error);
      }
    }
  }

  async *#rowsOf(view: FileView, call: Call): AsyncGenerator<readonly Row[]> {
    const open = await OpenFile.open(view.file);
    try {
      await open.unchanged(view.stamp);
      yield* (await this.#format.open(open.pieces(call))).rows();
      await open.unchanged();
    } catch (error) {
      await open.rethrow(error);
    } finally {
      await open.close();
    }
  }
}

/** The digest of a snapshot of these files, without taking one. */
export async function digestOfAll(files: readonly StoreFile[], call: Call): Promise<string> {
  const digests: string[] = [];
  for (const file of files) digests.push(await digestOf(file, call));
  return joined(digests);
}

function joined(digests: readonly string[]): string {
  return digests.join(" ");
}

async function digestOf(file: StoreFile, call: Call): Promise<string> {
  return withFile(file, async (open) => {
    const hash = createHash("sha256");
    for await (const _ of open.pieces(call, hash));
    return hash.digest("hex");
  });
}

/** The rows of one file that lie there, in the file's order. */
export function readRows(
  { file, stamp, sheet }: Pick<FileView, "file" | "stamp" | "sheet">,
  spans: readonly Span[],
): Promise<readonly Row[]> {
  return withFile(file, async (open) => {
    await open.unchanged(stamp);
    const rows = await open.rows(sheet, spans);
    await open.unchanged();
    return rows;
  });
}
