import type { ConnectorEnvironment } from "../../contract.ts";
import { SqlError } from "../errors.ts";
import { connectionString, parseConnectionString, placeOf } from "./connection-string.ts";
import type { Connect } from "./protocol.ts";
import type { OdbcBlock } from "./schema.ts";

export interface OdbcConfig {
  readonly connect: Connect;
  /** Which database the connection string leads to. */
  readonly place: string;
}

/** Seconds for the log-in, where the driver heeds them; a call that takes too long is ended all the same. */
const patience = 15;

/** How to log in. The driver is code that is loaded: it must be on the operator's list. */
export async function odbcConfig(odbc: OdbcBlock, environment: ConnectorEnvironment): Promise<OdbcConfig> {
  const { driver, session = [] } = odbc;
  if (!environment.odbcDrivers?.includes(driver))
    throw new SqlError(
      "Denied",
      "Connection",
      `must not load the ODBC driver ${driver}: allow it with --odbc-driver "${driver}"`,
    );
  const settings = parseConnectionString(await environment.secret(odbc.connection));
  const connection = connectionString(driver, settings);
  return { connect: { do: "connect", connection, session, patience }, place: placeOf(settings) };
}
