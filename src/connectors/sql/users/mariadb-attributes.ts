import { booleanCodec, integerCodec, numberCodec, textCodec } from "../codec.ts";
import type { Column } from "../dialect.ts";
import { quoteText } from "../names.ts";
import type { UserAttribute } from "./catalog.ts";

/** An attribute of a user: a clause of CREATE and ALTER USER, or a member of the document that the server keeps of each. */
export interface UserOption extends UserAttribute {
  readonly clause?: { readonly of: "REQUIRE" | "WITH"; text(cell: string | null): string };
  /** The member's path. */
  readonly member?: string;
}

/** Those of ALTER USER, and any others with a dot in their name: MariaDB keeps what it does not know of itself. */
export function userOptions(wanted: readonly string[]): readonly UserOption[] {
  const own = wanted.filter((name) => !known.has(name) && isOwnMember(name));
  return [...known.values(), ...own.map(member)];
}

export function userOption(name: string): UserOption {
  return known.get(name) ?? member(name);
}

export const textType = "utf8mb4_bin";

export function userColumn(name: string, rest: Partial<Column> = {}): Column {
  return {
    name,
    codec: textCodec,
    type: textType,
    notNull: false,
    hasDefault: true,
    generated: false,
    ...rest,
  };
}

const number = { codec: integerCodec(32), type: "SIGNED" };

/** A limit of 0 is none. */
const limit = (name: string, path: string, option: string, rest: Partial<Column> = number): UserOption => ({
  column: userColumn(name, rest),
  read: `NULLIF(JSON_VALUE(p.Priv, '$.${path}'), 0)`,
  clause: { of: "WITH", text: (cell) => `${option} ${cell ?? 0}` },
});

const options: readonly UserOption[] = [
  limit("maxQueriesPerHour", "max_questions", "MAX_QUERIES_PER_HOUR"),
  limit("maxUpdatesPerHour", "max_updates", "MAX_UPDATES_PER_HOUR"),
  limit("maxConnectionsPerHour", "max_connections", "MAX_CONNECTIONS_PER_HOUR"),
  limit("maxUserConnections", "max_user_connections", "MAX_USER_CONNECTIONS"),
  limit("maxStatementTime", "max_statement_time", "MAX_STATEMENT_TIME", {
    codec: numberCodec,
    type: "DECIMAL(65,30)",
  }),
  {
    column: userColumn("requireTls", { codec: booleanCodec("1", "0"), type: "SIGNED" }),
    read: "COALESCE(JSON_VALUE(p.Priv, '$.ssl_type'), 0) > 0",
    clause: { of: "REQUIRE", text: (cell) => (cell === "1" ? "SSL" : "NONE") },
  },
  member("comment"),
];

const known: ReadonlyMap<string, UserOption> = new Map(options.map((one) => [one.column.name, one]));

/** A member of a user's document that is no attribute of the server's. */
export function isOwnMember(name: string): boolean {
  return /^[A-Za-z_]\w*([.][A-Za-z_]\w*)+$/.test(name);
}

function member(name: string): UserOption {
  const path = quoteText(`$."${name}"`);
  return { column: userColumn(name), read: `JSON_VALUE(p.Priv, ${path})`, member: path };
}
