import { booleanCodec, integerCodec } from "../codec.ts";
import { quoteText } from "../names.ts";
import type { UserAttribute } from "./catalog.ts";
import { isOwnMember, userColumn } from "./mariadb-attributes.ts";

/** An attribute of a user: a clause of CREATE and ALTER USER, or a member of the document that ATTRIBUTE sets. */
export interface MysqlOption extends UserAttribute {
  readonly clause?: { readonly of: "REQUIRE" | "WITH"; text(cell: string | null): string };
}

/** Those of ALTER USER, and any others with a dot in their name. */
export function mysqlOptions(wanted: readonly string[]): readonly MysqlOption[] {
  const own = wanted.filter((name) => !known.has(name) && isOwnMember(name));
  return [...known.values(), ...own.map(member)];
}

export function mysqlOption(name: string): MysqlOption {
  return known.get(name) ?? member(name);
}

/** A limit of 0 is none. */
const limit = (name: string, column: string, option: string): MysqlOption => ({
  column: userColumn(name, { codec: integerCodec(32), type: "SIGNED" }),
  read: `NULLIF(p.${column}, 0)`,
  clause: { of: "WITH", text: (cell) => `${option} ${cell ?? 0}` },
});

const options: readonly MysqlOption[] = [
  limit("maxQueriesPerHour", "max_questions", "MAX_QUERIES_PER_HOUR"),
  limit("maxUpdatesPerHour", "max_updates", "MAX_UPDATES_PER_HOUR"),
  limit("maxConnectionsPerHour", "max_connections", "MAX_CONNECTIONS_PER_HOUR"),
  limit("maxUserConnections", "max_user_connections", "MAX_USER_CONNECTIONS"),
  {
    column: userColumn("requireTls", { codec: booleanCodec("1", "0"), type: "SIGNED" }),
    read: "p.ssl_type <> ''",
    clause: { of: "REQUIRE", text: (cell) => (cell === "1" ? "SSL" : "NONE") },
  },
  member("comment"),
];

const known: ReadonlyMap<string, MysqlOption> = new Map(options.map((one) => [one.column.name, one]));

function member(name: string): MysqlOption {
  const path = quoteText(`$.metadata."${name}"`);
  return { column: userColumn(name), read: `JSON_UNQUOTE(JSON_EXTRACT(p.User_attributes, ${path}))` };
}
