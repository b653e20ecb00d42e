import { z } from "zod";
import { credential, text } from "../../../core/kinds/common.ts";

const statement = z.string().min(1).max(8192);

/** How to reach a database by its ODBC driver. */
export const odbcBlock = z
  .object({
    driver: text.describe("The driver's name in odbcinst.ini. The operator must allow it (--odbc-driver)."),
    connection: credential.describe(
      "What the driver is told, as KEY=value;KEY={value}, with user and password and without DRIVER and DSN.",
    ),
    session: z
      .array(statement)
      .max(16)
      .optional()
      .describe(
        'Statements that each new connection begins with. Names must stand in "double quotes", texts in single ones without escapes.',
      ),
    identity: statement
      .optional()
      .describe(
        "A SELECT of one row that names the database itself, so that another one in its place is noticed. Default: where the connection leads.",
      ),
  })
  .describe("Any database with an ODBC driver.");

export type OdbcBlock = z.output<typeof odbcBlock>;
