import { StoreError } from "../../errors.ts";
import type { Session } from "../database.ts";
import { SqlError } from "../errors.ts";
import type { GrantedThing } from "./catalog.ts";

/** Privileges are known by their text, such as SELECT ON `app`.*, and roles by names without that word. */
export function isPrivilege({ id }: Pick<GrantedThing, "id">): boolean {
  return / ON /.test(id);
}

/**
 * Backticks mean the same in every sql_mode, and a backslash between them is one. The server would cut spaces at the end, and has no
 * characters beyond U+FFFF.
 */
export function identifier(name: string): string {
  if (/\0| $|[\u{10000}-\u{10ffff}]/u.test(name))
    throw new StoreError("Invalid", "a name cannot end with a space or have characters beyond U+FFFF");
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A user of MariaDB or MySQL. The host stands behind the last @. */
export function userName(name: string): string {
  const [user, host] = nameParts(name);
  if (host !== host.toLowerCase())
    throw new StoreError("Invalid", "a user's host is written in small letters, as the server keeps it");
  return `${identifier(user)}@${identifier(host)}`;
}

export function nameParts(name: string): readonly [user: string, host: string] {
  const at = name.lastIndexOf("@");
  if (at < 1 || at === name.length - 1)
    throw new StoreError("Invalid", "a user's name is user@host, with % for every host");
  return [name.slice(0, at), name.slice(at + 1)];
}

/** What is granted can then be told from a privilege. */
export function roleName(name: string): string {
  if (isPrivilege({ id: name }))
    throw new StoreError("Invalid", "a role's name cannot have the word ON in it, as privileges do");
  return identifier(name);
}

/** The two keep their users in other tables, and speak of them in other words. */
export async function refuseOtherThan(
  dialect: "mariadb" | "mysql",
  session: Pick<Session, "query">,
): Promise<void> {
  const { rows } = await session.query({ text: "SELECT VERSION() LIKE '%MariaDB%'", values: [] });
  const right = String(rows[0]?.[0]) === "1" ? "mariadb" : "mysql";
  if (right !== dialect)
    throw new SqlError("Invalid", "Statement", `set the store's dialect to ${right}: the server is one`);
}
