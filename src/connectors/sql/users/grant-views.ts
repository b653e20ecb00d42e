import { quoteText } from "../names.ts";
import { textType } from "./mariadb-attributes.ts";

/** What the views of MariaDB's and of MySQL's users have in common: their tables of grants, in the same words. */

export const text = (expression: string): string =>
  `CONVERT(${expression} USING utf8mb4) COLLATE ${textType}`;
export const nameOf = (row: string): string => text(`CONCAT(${row}.User, '@', ${row}.Host)`);

/** Such a role would be taken for the privilege that it is named after, and the privilege granted. */
export const isNoPrivilege = (role: string): string => `LOCATE(' ON ', ${role}) = 0`;

/** An identifier as SHOW GRANTS writes it. */
const quoted = (expression: string) => `CONCAT('\`', REPLACE(${expression}, '\`', '\`\`'), '\`')`;
export const pair = (one: string, two: string): string => `CONCAT(${quoted(one)}, '.', ${quoted(two)})`;

/** A user as information_schema spells it. */
export const grantee: string = text("CONCAT('''', p.User, '''@''', p.Host, '''')");

/** Privileges held, of the rows `x` of these tables. */
export const grants = [
  ["CONCAT(x.PRIVILEGE_TYPE, ' ON *.*')", "information_schema.USER_PRIVILEGES"],
  [
    `CONCAT(x.PRIVILEGE_TYPE, ' ON ', ${quoted("x.TABLE_SCHEMA")}, '.*')`,
    "information_schema.SCHEMA_PRIVILEGES",
  ],
  [
    `CONCAT(x.PRIVILEGE_TYPE, ' ON ', ${pair("x.TABLE_SCHEMA", "x.TABLE_NAME")})`,
    "information_schema.TABLE_PRIVILEGES",
  ],
] as const;

/**
 * Privileges that can be held; `server` is a table of those on the server, the others are their names. A database's name is a pattern in a
 * grant: one with `_` or `%` can be granted as it is, or as that one alone.
 */
export function grantable(privileges: {
  readonly server: string;
  readonly database: string;
  readonly table: string;
  readonly routine: string;
}): readonly (readonly [what: string, from: string])[] {
  return [
    ["CONCAT(v.one, ' ON *.*')", `(${privileges.server}) v`],
    [
      `CONCAT(v.one, ' ON ', ${quoted("s.SCHEMA_NAME")}, '.*')`,
      `information_schema.SCHEMATA s CROSS JOIN (${list(privileges.database)}) v`,
    ],
    [
      `CONCAT(v.one, ' ON ', ${quoted("REPLACE(REPLACE(s.SCHEMA_NAME, '_', '\\_'), '%', '\\%')")}, '.*')`,
      `information_schema.SCHEMATA s JOIN (${list(privileges.database)}) v ON s.SCHEMA_NAME REGEXP '[_%]'`,
    ],
    [
      `CONCAT(v.one, ' ON ', ${pair("s.TABLE_SCHEMA", "s.TABLE_NAME")})`,
      `information_schema.TABLES s CROSS JOIN (${list(privileges.table)}) v`,
    ],
    [
      `CONCAT(v.one, ' ON ', s.ROUTINE_TYPE, ' ', ${pair("s.ROUTINE_SCHEMA", "s.ROUTINE_NAME")})`,
      `information_schema.ROUTINES s CROSS JOIN (${list(privileges.routine)}) v`,
    ],
  ];
}

/** A table of these names, whose column is `one`. */
export function list(names: string): string {
  return names
    .split(", ")
    .map((name, index) => `SELECT ${quoteText(name)}${index === 0 ? " AS one" : ""}`)
    .join(" UNION ALL ");
}
