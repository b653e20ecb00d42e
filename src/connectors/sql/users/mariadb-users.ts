import { StoreError } from "../../errors.ts";
import { booleanCodec } from "../codec.ts";
import type { Session } from "../database.ts";
import { mysqlText } from "../mysql/literals.ts";
import { quoteText } from "../names.ts";
import type { UserCatalog, UserChange } from "./catalog.ts";
import { userColumn, userOption, userOptions } from "./mariadb-attributes.ts";
import { mariadbViews } from "./mariadb-views.ts";
import { nativePassword } from "./native-password.ts";
import { identifier, isPrivilege, nameParts, refuseOtherThan, roleName, userName } from "./user-names.ts";

/**
 * MariaDB's users: known by name and host, which are one thing, so that another name is another user. Each statement commits by
 * itself: a new user is locked until it has everything, and one that is to be locked is locked first.
 */
export const mariadbUsers: UserCatalog = {
  transactional: false,
  renames: false,
  id: userColumn("id", { generated: true }),
  name: userColumn("name", { maxLength: 384 }),
  disabled: {
    column: userColumn("disabled", { codec: booleanCodec("1", "0"), type: "SIGNED" }),
    disabled: "1",
    enabled: "0",
  },
  async attributes(session, wanted) {
    await refuseOtherThan("mariadb", session);
    return userOptions(wanted);
  },
  views: mariadbViews,
  lock: () => undefined,
  async create(session, { memberOf }, user) {
    const name = userName(user.name);
    await run(session, `CREATE USER ${name} ${[...clauses(user, noPassword), "ACCOUNT LOCK"].join(" ")}`);
    try {
      for (const text of members(user)) await run(session, text);
      if (memberOf !== undefined) await run(session, grant(identifier(memberOf), name));
      if (!isLocked(user)) await run(session, `ALTER USER ${name} ACCOUNT UNLOCK`);
    } catch (error) {
      // What cannot be finished must not stay: it has the name that the next attempt needs. What is in doubt may be finished.
      if (error instanceof StoreError && error.kind !== "InDoubt")
        await run(session, `DROP USER IF EXISTS ${name}`);
      throw error;
    }
  },
  async change(session, user) {
    const locked = isLocked(user);
    const state = locked === undefined ? [] : [locked ? "ACCOUNT LOCK" : "ACCOUNT UNLOCK"];
    const altering = [...clauses(user), ...state];
    const alter = altering.length > 0 ? [`ALTER USER ${userName(user.name)} ${altering.join(" ")}`] : [];
    const all = locked ? [...alter, ...members(user)] : [...members(user), ...alter];
    for (const text of all) await run(session, text);
  },
  remove: (session, _block, name) => run(session, `DROP USER IF EXISTS ${userName(name)}`),
  createRole: (name) => `CREATE ROLE ${roleName(name)}`,
  describe: (role, comment) =>
    isPrivilege(role) ? undefined : setMember(role.name, "", userOption("comment").member!, comment),
  grant(kind, entitlement, users) {
    const what = isPrivilege(entitlement) ? entitlement.name : identifier(entitlement.name);
    const names = users.map(userName).join(", ");
    return kind === "add" ? grant(what, names) : `REVOKE ${what} FROM ${names}`;
  },
};

async function run(session: Session, text: string): Promise<void> {
  await session.query({ text, values: [] });
}

/** Without this mode, a GRANT to somebody who is gone would make a user without a password. */
function grant(what: string, to: string): string {
  return `SET STATEMENT sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_CREATE_USER') FOR GRANT ${what} TO ${to}`;
}

function isLocked({ assignments }: UserChange): boolean | undefined {
  const state = assignments.find(({ column }) => column.name === "disabled");
  return state && state.cell === "1";
}

/** In the order that the statement asks for. */
function clauses({ assignments, password }: UserChange, otherwise: readonly string[] = []): string[] {
  const of = (kind: "REQUIRE" | "WITH") =>
    assignments.flatMap(({ column, cell }) => {
      const { clause } = userOption(column.name);
      return clause?.of === kind ? [clause.text(cell)] : [];
    });
  const [require, limits] = [of("REQUIRE"), of("WITH")];
  return [
    ...(password ? [identified(nativePassword(password.value))] : otherwise),
    ...(require.length > 0 ? [`REQUIRE ${require.join(" ")}`] : []),
    ...(limits.length > 0 ? [`WITH ${limits.join(" ")}`] : []),
    ...(password?.mustChange ? ["PASSWORD EXPIRE"] : []),
  ];
}

const identified = (hash: string) => `IDENTIFIED VIA mysql_native_password USING ${quoteText(hash)}`;

/** Otherwise a new user would get in with none. */
const noPassword = [identified("invalid")];

function members({ name, assignments }: UserChange): string[] {
  const [user, host] = nameParts(name);
  return assignments.flatMap(({ column, cell }) => {
    const { member } = userOption(column.name);
    return member === undefined || column.name === "disabled" ? [] : [setMember(user, host, member, cell)];
  });
}

function setMember(user: string, host: string, member: string, cell: string | null): string {
  const priv =
    cell === null ? `JSON_REMOVE(Priv, ${member})` : `JSON_SET(Priv, ${member}, ${mysqlText(cell)})`;
  return `UPDATE mysql.global_priv SET Priv = ${priv} WHERE User = ${mysqlText(user)} AND Host = ${mysqlText(host)}`;
}
