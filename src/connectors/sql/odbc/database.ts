import type { Call } from "../../contract.ts";
import { takingTurns } from "../../turns.ts";
import type { Database, Isolation, Mode, Relation, Result, Row, Session } from "../database.ts";
import type { Query } from "../dialect.ts";
import { genericDialect } from "../dialect-generic.ts";
import { SqlError } from "../errors.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import type { OdbcConfig } from "./config.ts";
import { asSqlError } from "./failures.ts";
import { OdbcProcess } from "./process.ts";
import type { OdbcBlock } from "./schema.ts";
import { Seats } from "./seats.ts";

/** Connections at a time. Each is a process of some 50 MB. */
const most = 4;

/** Goes to the database and back, in every dialect. */
const nowhere = { do: "columns", table: "rollcall", schema: undefined } as const;

/** Any database with an ODBC driver. The configuration is asked for with every connection: the password may have changed. */
export class OdbcDatabase implements Database {
  readonly dialect = genericDialect;
  readonly #block: OdbcBlock;
  readonly #configure: () => Promise<OdbcConfig>;
  readonly #seats = new Seats(most);
  readonly #turn = takingTurns();
  readonly #all = new Set<OdbcProcess>();
  #idle: OdbcProcess[] = [];
  #closed = false;

  constructor(block: OdbcBlock, configure: () => Promise<OdbcConfig>) {
    this.#block = block;
    this.#configure = configure;
  }

  query(query: Query, call: Call): Promise<Result> {
    return this.#with(call, (connection) => connection.ask({ do: "query", ...query }, call.signal));
  }

  async *stream(text: string, call: Call): AsyncIterable<readonly Row[]> {
    const connection = await this.#take(call);
    let complete = false;
    try {
      await connection.ask({ do: "open", text }, call.signal);
      while (!complete) {
        const { rows, done } = await connection.ask({ do: "fetch" }, call.signal);
        complete = done;
        if (rows.length > 0) yield rows;
      }
    } catch (error) {
      throw asSqlError(error);
    } finally {
      this.#give(connection, !complete);
    }
  }

  /** One at a time: serializable transactions that read the same table would make each other fail. */
  transaction<T>(_: Isolation, mode: Mode, call: Call, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#turn(() => this.#with(call, (connection) => transact(connection, mode, call, work)));
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return this.#with(call, (connection) => describeTable(connection, name, call));
  }

  describeQuery(text: string, call: Call): Promise<Relation> {
    return this.#with(call, (connection) => describeQuery(connection, text, call));
  }

  async server(call: Call): Promise<string> {
    await this.#with(call, (connection) => connection.ask(nowhere, call.signal));
    return `ODBC driver ${this.#block.driver}`;
  }

  /** ODBC knows no name of a database that stays its own: without a statement that tells it, it is where the connection leads. */
  async fingerprint(call: Call): Promise<string> {
    const { driver, identity } = this.#block;
    if (identity === undefined) return `odbc:${driver}:${(await this.#configure()).place}`;
    const { rows } = await this.query({ text: identity, values: [] }, call);
    return `odbc:${rows[0]?.join(":") ?? ""}`;
  }

  async marker(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#all) this.#drop(connection);
  }

  async #with<T>(call: Call, work: (connection: OdbcProcess) => Promise<T>): Promise<T> {
    const connection = await this.#take(call);
    let broken = false;
    try {
      return await work(connection);
    } catch (error) {
      const failure = asSqlError(error);
      broken = failure.scope === "Connection";
      throw failure;
    } finally {
      this.#give(connection, broken);
    }
  }

  async #take(call: Call): Promise<OdbcProcess> {
    if (this.#closed) throw new SqlError("Unavailable", "Connection", "the connection was closed");
    await this.#seats.take(call.signal);
    const idle = this.#idle.pop();
    if (idle) return idle;
    try {
      const { connect } = await this.#configure();
      const opened = await OdbcProcess.open(connect, call.signal);
      this.#all.add(opened);
      return opened;
    } catch (error) {
      this.#seats.give();
      throw asSqlError(error);
    }
  }

  /** Where one connection is lost, the others will be too. */
  #give(connection: OdbcProcess, broken: boolean): void {
    if (broken || this.#closed) for (const each of [connection, ...this.#idle]) this.#drop(each);
    else this.#idle.push(connection);
    this.#seats.give();
  }

  #drop(connection: OdbcProcess): void {
    connection.kill();
    this.#all.delete(connection);
    this.#idle = this.#idle.filter((each) => each !== connection);
  }
}

class OdbcSession implements Session {
  readonly mode: Mode;
  readonly #connection: OdbcProcess;
  readonly #call: Call;

  constructor(connection: OdbcProcess, mode: Mode, call: Call) {
    this.mode = mode;
    this.#connection = connection;
    this.#call = call;
  }

  query(query: Query): Promise<Result> {
    return this.#connection.ask({ do: "query", ...query }, this.#call.signal);
  }

  /** Never released: Oracle cannot, and the transaction's end does. */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.query({ text: "SAVEPOINT rollcall", values: [] });
    try {
      return await work();
    } catch (error) {
      const failure = asSqlError(error);
      if (failure.scope !== "Connection")
        await this.query({ text: "ROLLBACK TO SAVEPOINT rollcall", values: [] });
      throw failure;
    }
  }
}

async function transact<T>(
  connection: OdbcProcess,
  mode: Mode,
  call: Call,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const ask = (what: "begin" | "commit" | "rollback") => connection.ask({ do: what }, call.signal);
  await ask("begin");
  try {
    const result = await work(new OdbcSession(connection, mode, call));
    await ask("commit").catch(inDoubt);
    return result;
  } catch (error) {
    const failure = asSqlError(error);
    if (failure.scope !== "Connection") await ask("rollback");
    throw failure;
  }
}

/** After this was sent, only an answer tells whether it was done. */
function inDoubt(error: SqlError): never {
  if (error.scope !== "Connection") throw error;
  throw new SqlError("InDoubt", "Connection", `the commit got no answer: ${error.message}`);
}
