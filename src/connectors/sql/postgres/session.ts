import type pg from "pg";
import type { Isolation, Mode, Result, Row, Session } from "../database.ts";
import type { Query } from "../dialect.ts";
import { fromPostgres, inDoubt, SqlError } from "../errors.ts";

/** A transaction on one of the pool's clients. */
export class PostgresSession implements Session {
  readonly mode: Mode;
  readonly #client: pg.PoolClient;
  readonly #spoiled: WeakSet<pg.PoolClient>;

  /** Clients that own statements ran on join the `spoiled`. */
  constructor(client: pg.PoolClient, mode: Mode, spoiled: WeakSet<pg.PoolClient>) {
    this.mode = mode;
    this.#client = client;
    this.#spoiled = spoiled;
  }

  query(query: Query): Promise<Result> {
    if (query.own) this.#spoiled.add(this.#client);
    return run(this.#client, query);
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.#client.query("SAVEPOINT rollcall");
    try {
      const result = await work();
      await this.#client.query("RELEASE SAVEPOINT rollcall");
      return result;
    } catch (error) {
      const failure = fromPostgres(error);
      if (failure.scope === "Connection") throw failure;
      await this.#client.query("ROLLBACK TO SAVEPOINT rollcall; RELEASE SAVEPOINT rollcall");
      throw failure;
    }
  }
}

export const levels: Readonly<Record<Isolation, string>> = {
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
};

export async function run(client: pg.PoolClient, query: Query): Promise<Result> {
  try {
    const { rows, rowCount } = await client.query<Row>({
      text: query.text,
      values: [...query.values],
      rowMode: "array",
    } as pg.QueryConfig as never);
    return { rows, count: rowCount ?? 0 };
  } catch (error) {
    throw fromPostgres(error);
  }
}

export async function commit(client: pg.PoolClient): Promise<void> {
  const answer = await client.query("COMMIT").catch((error: unknown) => {
    inDoubt(fromPostgres(error));
  });
  if (answer.command !== "COMMIT")
    throw new SqlError("Retryable", "Statement", "the server rolled the transaction back");
}
