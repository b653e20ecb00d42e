import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Row } from "../database.ts";

/** Milliseconds that reading goes on before others get their turn: every call of SQLite holds the process. */
const slice = 10;

/**
 * Reads the rows of a SELECT page by page. SQLite hands each row to a function, which asks it to stop when the page is full: its own
 * iterator takes twice as long, row by row.
 */
export class PageReader {
  readonly #database: DatabaseSync;
  #page: Row[] = [];
  #end = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const options = { varargs: true, useBigIntArguments: true, directOnly: true };
    database.function("rollcall_stops", options, (...row) => Number(this.#take(row as Row)));
  }

  /** Several may be read by turns, each page in one go. They get a name that no table has: it would mean itself. */
  *read(text: string): Generator<readonly Row[], void, void> {
    const width = this.#database.prepare(text).columns().length;
    const columns = Array.from({ length: width }, (_, index) => `c${index}`).join(", ");
    const rows = prepare(
      this.#database,
      `WITH "rows of Rollcall"(${columns}) AS (${text}) SELECT 1 FROM "rows of Rollcall" WHERE rollcall_stops(${columns})`,
    ).iterate();
    try {
      for (let done: boolean | undefined = false; !done; ) {
        this.#page = [];
        this.#end = performance.now() + slice;
        done = rows.next().done;
        if (this.#page.length > 0) yield this.#page;
      }
    } finally {
      rows.return?.();
    }
  }

  #take(row: Row): boolean {
    const length = this.#page.push(row);
    return length % 64 === 0 && performance.now() > this.#end;
  }
}

/** Rows as lists, with integers of any size. */
export function prepare(database: DatabaseSync, text: string): StatementSync {
  const statement = database.prepare(text);
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  return statement;
}
