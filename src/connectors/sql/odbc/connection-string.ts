import { SqlError } from "../errors.ts";

/** Keys and values, in order, as a connection string holds them. */
export type Settings = readonly (readonly [key: string, value: string])[];

/**
 * What leads to another driver or to code: the driver is named by the Store, out of the operator's list (SQLDriverConnect, "Connection
 * String Keywords"), and some drivers load libraries that they are told of.
 */
const refused = new Set([
  "driver",
  "dsn",
  "filedsn",
  "savefile",
  "loadext",
  "plugin_dir",
  "plugindir",
  "defaultauth",
  "translationdll",
  "translationname",
]);

/** Reads `KEY=value;KEY={value}` and never says what was in it: it holds the password. */
export function parseConnectionString(text: string): Settings {
  const settings: (readonly [string, string])[] = [];
  const pattern = /\s*([A-Za-z][\w .-]*?)\s*=\s*(?:\{((?:[^}]|\}\})*)\}|([^;{}]*?))\s*(?:;|$)/gy;
  const whole = text.trim().replace(/;+$/, "");
  let end = 0;
  for (const match of whole.matchAll(pattern)) {
    const [all, key = "", braced, bare = ""] = match;
    settings.push([key, braced?.replaceAll("}}", "}") ?? bare]);
    end = match.index + all.length;
  }
  if (end !== whole.length || settings.length === 0 || whole.includes("\0"))
    throw invalid("cannot be read: write KEY=value;KEY={value}, with a } inside braces twice");
  const keys = settings.map(([key]) => key.toLowerCase().replaceAll(" ", ""));
  const forbidden = keys.find((key) => refused.has(key));
  if (forbidden !== undefined)
    throw invalid(`must not hold ${forbidden.toUpperCase()}: the Store names the driver, by odbc.driver`);
  if (new Set(keys).size < keys.length) throw invalid("holds one key twice");
  return settings;
}

/** The string for the driver manager. A value is put in braces only where it has to be: not every driver takes them off. */
export function connectionString(driver: string, settings: Settings): string {
  const parts = settings.map(([key, value]) => `${key}=${needsBraces.test(value) ? braced(value) : value}`);
  return [`DRIVER=${braced(driver)}`, ...parts].join(";");
}

const needsBraces = /[;{}[\]()?*!@]|^\s|\s$/;

function braced(value: string): string {
  return `{${value.replaceAll("}", "}}")}}`;
}

/** Where it leads, without who logs in: the keys that drivers have for it. */
export function placeOf(settings: Settings): string {
  return settings
    .filter(([key]) => placeKeys.test(key))
    .map(([key, value]) => `${key.toLowerCase()}=${value}`)
    .sort()
    .join(";");
}

const placeKeys =
  /^(server|servername|host|hostname|address|addr|port|service|database|databasename|db|dbq|dbname|datasource|socket)$/i;

function invalid(why: string): SqlError {
  return new SqlError("Unauthenticated", "Connection", `the connection string ${why}`);
}
