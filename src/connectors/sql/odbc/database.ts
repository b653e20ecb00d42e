import type { Call } from "../../contract.ts";
import type { Relation } from "../database.ts";
import { LineDatabase } from "../line-database.ts";
import { standardDialect } from "../standard/dialect.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import type { OdbcConfig } from "./config.ts";
import { OdbcProcess } from "./process.ts";
import type { OdbcBlock } from "./schema.ts";

/** Goes to the database and back, in every dialect. */
const nowhere = { do: "columns", table: "rollcall", schema: undefined } as const;

/** Any database with an ODBC driver. The configuration is asked for with every connection: the password may have changed. */
export class OdbcDatabase extends LineDatabase<OdbcProcess> {
  readonly dialect = standardDialect();
  readonly #block: OdbcBlock;
  readonly #configure: () => Promise<OdbcConfig>;

  constructor(block: OdbcBlock, configure: () => Promise<OdbcConfig>) {
    super(async (signal) => OdbcProcess.open((await configure()).connect, signal));
    this.#block = block;
    this.#configure = configure;
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return this.with(call, (connection) => describeTable(connection, name, call));
  }

  describeQuery(text: string, call: Call): Promise<Relation> {
    return this.with(call, (connection) => describeQuery(connection, text, call));
  }

  async server(call: Call): Promise<string> {
    await this.with(call, (connection) => connection.ask(nowhere, call.signal));
    return `ODBC driver ${this.#block.driver}`;
  }

  /** ODBC knows no name of a database that stays its own: without a statement that tells it, it is where the connection leads. */
  async fingerprint(call: Call): Promise<string> {
    const { driver, identity } = this.#block;
    if (identity === undefined) return `odbc:${driver}:${(await this.#configure()).place}`;
    const { rows } = await this.query({ text: identity, values: [] }, call);
    return `odbc:${rows[0]?.join(":") ?? ""}`;
  }
}
