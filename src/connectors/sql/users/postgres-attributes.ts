import { booleanCodec, type Codec, integerCodec, textCodec, timestampCodec } from "../codec.ts";
import type { Session } from "../database.ts";
import { quoteIdentifier, quoteText } from "../names.ts";
import { typeReference } from "../postgres/dialect.ts";
import type { UserAttribute } from "./catalog.ts";

/** An attribute of a role: an option of CREATE and ALTER ROLE, or a statement of its own. A cell is checked by the column's codec before. */
export interface RoleAttribute extends UserAttribute {
  readonly option?: (cell: string | null) => string;
  readonly statement?: (role: string, cell: string | null) => string;
}

/** The attributes of `pg_roles`, and the settings of a role among `wanted`: those of its own (with a dot) and the server's. */
export async function roleAttributes(
  session: Pick<Session, "query">,
  wanted: readonly string[],
): Promise<readonly RoleAttribute[]> {
  const others = wanted.filter((name) => !known.has(name));
  if (others.length === 0) return [...known.values()];
  const { rows } = await session.query({
    text: "SELECT name FROM pg_settings WHERE context IN ('user', 'superuser', 'backend', 'superuser-backend')",
    values: [],
  });
  const server = new Set(rows.map(([name]) => String(name)));
  const settings = others.filter((name) => ownSetting.test(name) || server.has(name));
  return [...known.values(), ...settings.map(setting)];
}

export function roleAttribute(name: string): RoleAttribute {
  return known.get(name) ?? setting(name);
}

export function roleColumn(name: string, codec: Codec, type: string, fixedByServer = false) {
  return {
    name,
    codec,
    type: typeReference("pg_catalog", type),
    notNull: false,
    hasDefault: true,
    generated: fixedByServer,
  };
}

const truth = booleanCodec("true", "false");

const flag = (name: string, read: string, option: string): RoleAttribute => ({
  column: roleColumn(name, truth, "bool"),
  read: `r.${read}`,
  option: (cell) => (cell === "true" ? option : `NO${option}`),
});

const fixed: readonly RoleAttribute[] = [
  flag("createDatabase", "rolcreatedb", "CREATEDB"),
  flag("createRole", "rolcreaterole", "CREATEROLE"),
  flag("inherit", "rolinherit", "INHERIT"),
  flag("replication", "rolreplication", "REPLICATION"),
  flag("bypassRowSecurity", "rolbypassrls", "BYPASSRLS"),
  {
    column: roleColumn("connectionLimit", integerCodec(32), "int4"),
    read: "nullif(r.rolconnlimit, -1)",
    option: (cell) => `CONNECTION LIMIT ${cell ?? -1}`,
  },
  {
    column: roleColumn("validUntil", timestampCodec, "timestamptz"),
    read: "CASE WHEN isfinite(r.rolvaliduntil) THEN r.rolvaliduntil END",
    option: (cell) => `VALID UNTIL ${quoteText(cell ?? "infinity")}`,
  },
  {
    column: roleColumn("comment", textCodec, "text"),
    read: "shobj_description(r.oid, 'pg_authid')",
    statement: (role, cell) =>
      `COMMENT ON ROLE ${quoteIdentifier(role)} IS ${cell === null ? "NULL" : quoteText(cell)}`,
  },
];

const known: ReadonlyMap<string, RoleAttribute> = new Map(fixed.map((one) => [one.column.name, one]));

/** A setting that no part of the server has: `app.employee_number` (PostgreSQL, "Customized Options"). */
const ownSetting = /^[A-Za-z_]\w*([.][A-Za-z_]\w*)+$/;

function setting(name: string): RoleAttribute {
  const quoted = name.split(".").map(quoteIdentifier).join(".");
  const values = isList.test(name) ? listItems : (text: string) => [text];
  return {
    column: roleColumn(name, textCodec, "text"),
    read: `(SELECT substr(s, strpos(s, '=') + 1) FROM unnest(r.rolconfig) AS s WHERE lower(split_part(s, '=', 1)) = ${quoteText(name.toLowerCase())})`,
    statement: (role, cell) =>
      `ALTER ROLE ${quoteIdentifier(role)} ${cell === null ? `RESET ${quoted}` : `SET ${quoted} TO ${values(cell).map(quoteText).join(", ")}`}`,
  };
}

/** Settings that are lists of names, each quoted by itself: as one text they would be one name. */
const isList = /^(search_path|temp_tablespaces|(local|session)_preload_libraries)$/;

function listItems(text: string): string[] {
  const items = text.match(/"(?:[^"]|"")*"|[^",\s]+/g) ?? [""];
  return items.map((item) => (item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item));
}
