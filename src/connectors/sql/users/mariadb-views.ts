import { mysqlText } from "../mysql/literals.ts";
import { quoteIdentifier } from "../names.ts";
import type { UsersBlock } from "../schema.ts";
import type { UserAttribute, UserViews } from "./catalog.ts";
import { grantable, grantee, grants, isNoPrivilege, list, nameOf, pair, text } from "./grant-views.ts";

const inDatabase = [
  "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, LOCK TABLES",
  "EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER, DELETE HISTORY",
].join(", ");

/** What can be granted on what (MariaDB, GRANT, "Privilege Levels"). */
const privileges = {
  server: list(
    `${inDatabase}, RELOAD, SHUTDOWN, PROCESS, FILE, SHOW DATABASES, SUPER, REPLICATION SLAVE, REPLICATION CLIENT, BINLOG MONITOR, BINLOG ADMIN, BINLOG REPLAY, CONNECTION ADMIN, FEDERATED ADMIN, READ_ONLY ADMIN, REPLICATION MASTER ADMIN, REPLICATION SLAVE ADMIN, SET USER, SLAVE MONITOR, CREATE USER, CREATE TABLESPACE`,
  ),
  database: inDatabase,
  table:
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE VIEW, SHOW VIEW, TRIGGER, DELETE HISTORY",
  routine: "EXECUTE, ALTER ROUTINE",
} as const;

const isRole = "JSON_VALUE(p.Priv, '$.is_role') = 1";

/** The privilege SUPER, in the sum that the server keeps of them. */
const superuser = "CAST(JSON_VALUE(p.Priv, '$.access') AS UNSIGNED) & 32768 > 0";

/** A password that was set to be changed has the time 0; others may have a number of days. */
const trouble = `CASE WHEN JSON_VALUE(p.Priv, '$.password_last_changed') = 0 THEN 'MustChangePassword'
  WHEN JSON_VALUE(p.Priv, '$.password_lifetime') > 0 AND JSON_VALUE(p.Priv, '$.password_last_changed') + 86400 * JSON_VALUE(p.Priv, '$.password_lifetime') < UNIX_TIMESTAMP()
    THEN 'PasswordExpired' END`;

/** mysql.global_priv and who holds what. Who may pass the group's role on is its keeper, and no account for that. */
export function mariadbViews({ memberOf }: UsersBlock, attributes: readonly UserAttribute[]): UserViews {
  const group = memberOf === undefined ? undefined : `CONVERT(${mysqlText(memberOf)} USING utf8mb3)`;
  const inGroup = group
    ? ` AND EXISTS (SELECT 1 FROM mysql.roles_mapping g WHERE g.Host = p.Host AND g.User = p.User AND g.Role = ${group} AND g.Admin_option = 'N')`
    : "";
  const isUser = `NOT COALESCE(${isRole}, FALSE) AND p.User <> 'mariadb.sys'${inGroup}`;
  const columns = attributes.map(({ column, read }) => `${read} AS ${quoteIdentifier(column.name)}`);
  const roles = `SELECT ${text("p.User")} AS id, ${text("p.User")} AS name, JSON_VALUE(p.Priv, '$."comment"') AS comment
    FROM mysql.global_priv p WHERE ${isRole} AND ${isNoPrivilege("p.User")} AND p.User <> 'PUBLIC'${group ? ` AND p.User <> ${group}` : ""}`;
  // DISTINCT keeps it from being taken apart, so that names are put together once.
  const owners = `SELECT DISTINCT ${nameOf("p")} AS a, ${grantee} AS grantee FROM mysql.global_priv p WHERE ${isUser}`;
  const held = grants.map(
    ([what, from]) =>
      `SELECT ${text(what)} AS e, o.a FROM ${from} x JOIN (${owners}) o ON o.grantee = ${text("x.GRANTEE")} WHERE x.PRIVILEGE_TYPE <> 'USAGE'`,
  );
  const ofUser = (row: string) =>
    `JOIN mysql.global_priv p ON p.Host = ${row}.Host AND p.User = ${row}.User AND ${isUser}`;
  const routines = `SELECT ${text(`CONCAT(UPPER(v.one), ' ON ', x.Routine_type, ' ', ${pair("x.Db", "x.Routine_name")})`)}, ${nameOf("p")}
    FROM mysql.procs_priv x ${ofUser("x")} JOIN (${list(privileges.routine)}) v ON FIND_IN_SET(v.one, x.Proc_priv)`;
  const granted = [...held, routines].join(" UNION ");
  return {
    accounts: `SELECT DISTINCT ${nameOf("p")} AS id, ${nameOf("p")} AS name, COALESCE(JSON_VALUE(p.Priv, '$.account_locked'), 0) AS disabled,
      CASE WHEN ${superuser} THEN 'it has the privilege SUPER' WHEN ${nameOf("p")} = ${text("CURRENT_USER()")} THEN 'Rollcall logs in as it' END AS protected,
      ${trouble} AS trouble,
      ${columns.join(", ")} FROM mysql.global_priv p WHERE ${isUser}`,
    grantable: `${roles} UNION ALL ${grantable(privileges)
      .map(([what, from]) => `SELECT ${text(what)}, ${text(what)}, NULL FROM ${from}`)
      .join(" UNION ALL ")}`,
    granted: `${roles} UNION ALL SELECT DISTINCT h.e, h.e, NULL FROM (${granted}) h`,
    members: `SELECT ${text("m.Role")} AS e, ${nameOf("p")} AS a FROM mysql.roles_mapping m ${ofUser("m")}
      WHERE ${isNoPrivilege("m.Role")}${group ? ` AND m.Role <> ${group}` : ""} UNION ${granted}`,
    visible: `SELECT 1 FROM information_schema.USER_PRIVILEGES x JOIN mysql.global_priv p ON ${grantee} = ${text("x.GRANTEE")}
      WHERE ${nameOf("p")} <> ${text("CURRENT_USER()")} LIMIT 1`,
    everyRole: `SELECT ${text("p.User")} FROM mysql.global_priv p WHERE ${isRole}`,
  };
}
