/** The drivers that tests need, by the names that Debian's packages give them. */
export const odbcDrivers = {
  postgres: "PostgreSQL Unicode",
  mariadb: "MariaDB Unicode",
  sqlite: "SQLite3",
} as const;

type Database = keyof typeof odbcDrivers;

/** What each database must be told, so that it takes standard SQL, and how it tells which one it is. */
const settings: Readonly<Record<Database, object>> = {
  postgres: { identity: "SELECT system_identifier FROM pg_control_system()" },
  mariadb: {
    session: ["SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'"],
    identity: "SELECT @@server_uid",
  },
  sqlite: {},
};

/** A Store block whose connection string is in this variable. */
export function odbcStore(
  database: Database,
  variable: string,
): { readonly dialect: string; readonly odbc: object } {
  const odbc = { driver: odbcDrivers[database], connection: { env: variable }, ...settings[database] };
  return { dialect: "odbc", odbc };
}

/** How to log in to a server on this machine. MariaDB counts rows that were found, not those that were changed, by option 2. */
export function odbcLogin(
  database: "postgres" | "mariadb",
  place: { user: string; password: string; port: number; database: string },
): string {
  const { user, password, port } = place;
  const login = `Server=127.0.0.1;Port=${port};Database=${place.database};UID=${user};PWD=${password}`;
  return database === "mariadb" ? `${login};OPTION=2;CHARSET=utf8mb4` : login;
}
