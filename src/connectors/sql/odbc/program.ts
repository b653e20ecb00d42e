/**
 * A process of its own that holds one ODBC connection. A driver's call cannot be cut off, takes one of the few threads that files and
 * host names need too, and keeps a process from ending; a driver may also crash. So whoever started this kills it instead.
 */
import { loadOdbc, type OdbcConnection, type OdbcCursor, type OdbcRows } from "./module.ts";
import type { Answer, Connect, Describe, Failure, Request, Rows } from "./protocol.ts";
import { wholeCell } from "./whole.ts";

/** Rows in one answer. */
const page = 500;
/** Bytes that a long value begins with. The module's own default is a megabyte for each. */
const buffer = { initialBufferSize: 4_096 };
/** One row is fetched at a time: with more, MariaDB's driver (3.1.15) leaves most rows out and says nothing. */
const oneByOne = { ...buffer, fetchSize: 1 };

const nothing: Rows = { rows: [], count: 0, columns: [], done: true };

let connection: OdbcConnection | undefined;
let cursor: OdbcCursor | undefined;

process.on("message", async (request: Request) => {
  process.send?.(await carryOut(request).catch(failure));
});
// Ctrl-C reaches every process of the terminal: it is for whoever started this to say when the batch in hand is done.
process.on("SIGINT", () => undefined).on("SIGTERM", () => undefined);
// An ordinary exit would wait for the driver.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

async function carryOut(request: Request): Promise<Answer> {
  if (request.do === "connect") return connect(request);
  if (!connection) throw new Error("the connection was not opened");
  switch (request.do) {
    case "query":
      return allOf(await connection.query(request.text, request.values, buffer));
    case "open":
      cursor = await connection.query(request.text, { ...oneByOne, cursor: true });
      return nothing;
    case "fetch":
      return fetchPage(cursor!);
    case "begin":
      await connection.beginTransaction();
      return nothing;
    case "commit":
      await connection.commit();
      return nothing;
    case "rollback":
      await connection.rollback();
      return nothing;
    case "columns":
    case "keys":
      return describe(connection, request);
  }
}

async function connect({ connection: connectionString, session, patience }: Connect): Promise<Rows> {
  const odbc = await loadOdbc();
  const opened = await odbc.connect({ connectionString, loginTimeout: patience, fetchArray: true });
  // What was read stays as it is until the transaction ends, whatever the database has instead of locks.
  await opened.setIsolationLevel(odbc.SQL_TXN_SERIALIZABLE);
  for (const statement of session) await opened.query(statement, [], buffer);
  connection = opened;
  return nothing;
}

async function describe(of: OdbcConnection, { do: what, table, schema }: Describe): Promise<Rows> {
  const ask = async (catalog: string | null, within: string | null) =>
    allOf(
      what === "columns"
        ? await of.columns(catalog, within, table, null)
        : await of.primaryKeys(catalog, within, table),
    );
  if (schema === undefined) return ask(null, null);
  const found = await ask(null, schema);
  // MariaDB's schemas are catalogs to its driver.
  return found.count > 0 ? found : ask(schema, null);
}

async function fetchPage(from: OdbcCursor): Promise<Rows> {
  const rows: Rows["rows"][number][] = [];
  let columns: Rows["columns"] = [];
  while (rows.length < page && !from.noData) {
    const part = allOf(await from.fetch());
    columns = part.columns;
    rows.push(...part.rows);
  }
  const done = from.noData;
  if (done) await from.close();
  return { rows, count: rows.length, columns, done };
}

function allOf(result: OdbcRows): Rows {
  const columns = result.columns.map(({ name, dataType, columnSize }) => ({
    name,
    type: dataType,
    size: columnSize,
  }));
  const rows = result.map((row) => row.map((cell, index) => wholeCell(cell, columns[index]!)));
  return { rows, count: columns.length > 0 ? rows.length : result.count, columns, done: true };
}

async function failure(error: unknown): Promise<Failure> {
  const { message, code, odbcErrors } = error as Error & { code?: string; odbcErrors?: Failure["records"] };
  const missing =
    code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || code === "ERR_DLOPEN_FAILED";
  return { failed: true, message, records: odbcErrors ?? [], missing, alive: await answers() };
}

/** Whether the connection still goes to the database: most drivers have no state (SQLSTATE) of their own for one that is lost. */
async function answers(): Promise<boolean> {
  try {
    await connection?.tables(null, null, "rollcall", null);
    return connection !== undefined;
  } catch {
    return false;
  }
}
