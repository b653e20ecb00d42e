import { mysqlText } from "../mysql/literals.ts";
import { quoteIdentifier } from "../names.ts";
import type { UsersBlock } from "../schema.ts";
import type { UserAttribute, UserViews } from "./catalog.ts";
import { grantable, grantee, grants, isNoPrivilege, list, nameOf, pair, text } from "./grant-views.ts";

const inTable =
  "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE VIEW, SHOW VIEW, TRIGGER";

/** What can be granted on what (MySQL, GRANT, "Privileges Supported by MySQL"). On the server it is what anybody has: components add to it, and root has all. */
const privileges = {
  server:
    "SELECT DISTINCT PRIVILEGE_TYPE AS one FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE <> 'USAGE'",
  database: `${inTable}, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE ROUTINE, ALTER ROUTINE, EVENT`,
  table: inTable,
  routine: "EXECUTE, ALTER ROUTINE",
} as const;

/** A role is a user as CREATE ROLE makes it, who cannot log in. */
const isRole = "(p.account_locked = 'Y' AND p.password_expired = 'Y' AND p.authentication_string = '')";
/** A role of a host has a name that another one can have. */
const isEntitlement = (host: string, role: string) => `${host} = '%' AND ${isNoPrivilege(role)}`;

/** Whoever has the one changes all, and whoever has the other is changed only by those who have it (MySQL, "SYSTEM_USER"). */
const superuser = `CASE WHEN p.Super_priv = 'Y' THEN 'it has the privilege SUPER'
  WHEN EXISTS (SELECT 1 FROM mysql.global_grants s WHERE s.USER = p.User AND s.HOST = p.Host AND s.PRIV = 'SYSTEM_USER') THEN 'it has the privilege SYSTEM_USER'`;

const trouble = `CASE WHEN p.password_expired = 'Y' THEN 'MustChangePassword'
  WHEN COALESCE(p.password_lifetime, @@default_password_lifetime) > 0
    AND p.password_last_changed + INTERVAL COALESCE(p.password_lifetime, @@default_password_lifetime) DAY < NOW() THEN 'PasswordExpired' END`;

/** mysql.user and who holds what. Who may pass the group's role on is its keeper, and no account for that. */
export function mysqlViews({ memberOf }: UsersBlock, attributes: readonly UserAttribute[]): UserViews {
  const group = memberOf === undefined ? undefined : `CONVERT(${mysqlText(memberOf)} USING utf8mb3)`;
  const inGroup = group
    ? ` AND EXISTS (SELECT 1 FROM mysql.role_edges g WHERE g.TO_HOST = p.Host AND g.TO_USER = p.User AND g.FROM_HOST = '%' AND g.FROM_USER = ${group} AND g.WITH_ADMIN_OPTION = 'N')`
    : "";
  const isUser = `NOT ${isRole} AND p.User NOT IN ('mysql.sys', 'mysql.session', 'mysql.infoschema')${inGroup}`;
  const columns = attributes.map(({ column, read }) => `${read} AS ${quoteIdentifier(column.name)}`);
  const comment = `JSON_UNQUOTE(JSON_EXTRACT(p.User_attributes, '$.metadata.comment'))`;
  const roles = `SELECT ${text("p.User")} AS id, ${text("p.User")} AS name, ${comment} AS comment
    FROM mysql.user p WHERE ${isRole} AND ${isEntitlement("p.Host", "p.User")}${group ? ` AND p.User <> ${group}` : ""}`;
  const owners = `SELECT DISTINCT ${nameOf("p")} AS a, ${grantee} AS grantee FROM mysql.user p WHERE ${isUser}`;
  const held = grants.map(
    ([what, from]) =>
      `SELECT ${text(what)} AS e, o.a FROM ${from} x JOIN (${owners}) o ON o.grantee = ${text("x.GRANTEE")} WHERE x.PRIVILEGE_TYPE <> 'USAGE'`,
  );
  const ofUser = (user: string, host: string) =>
    `JOIN mysql.user p ON p.Host = ${host} AND p.User = ${user} AND ${isUser}`;
  const routines = `SELECT ${text(`CONCAT(UPPER(v.one), ' ON ', x.Routine_type, ' ', ${pair("x.Db", "x.Routine_name")})`)}, ${nameOf("p")}
    FROM mysql.procs_priv x ${ofUser("x.User", "x.Host")} JOIN (${list(privileges.routine)}) v ON FIND_IN_SET(${text("v.one")}, ${text("UPPER(x.Proc_priv)")})`;
  const granted = [...held, routines].join(" UNION ");
  return {
    accounts: `SELECT DISTINCT ${nameOf("p")} AS id, ${nameOf("p")} AS name, p.account_locked = 'Y' AS disabled,
      ${superuser} WHEN ${nameOf("p")} = ${text("CURRENT_USER()")} THEN 'Rollcall logs in as it' END AS protected,
      ${trouble} AS trouble,
      ${columns.join(", ")} FROM mysql.user p WHERE ${isUser}`,
    grantable: `${roles} UNION ALL ${grantable(privileges)
      .map(([what, from]) => `SELECT ${text(what)}, ${text(what)}, NULL FROM ${from}`)
      .join(" UNION ALL ")}`,
    granted: `${roles} UNION ALL SELECT DISTINCT h.e, h.e, NULL FROM (${granted}) h`,
    members: `SELECT ${text("m.FROM_USER")} AS e, ${nameOf("p")} AS a FROM mysql.role_edges m ${ofUser("m.TO_USER", "m.TO_HOST")}
      WHERE ${isEntitlement("m.FROM_HOST", "m.FROM_USER")}${group ? ` AND m.FROM_USER <> ${group}` : ""} UNION ${granted}`,
    visible: `SELECT 1 FROM information_schema.USER_PRIVILEGES x JOIN mysql.user p ON ${grantee} = ${text("x.GRANTEE")}
      WHERE ${nameOf("p")} <> ${text("CURRENT_USER()")} LIMIT 1`,
    everyRole: `SELECT ${text("p.User")} FROM mysql.user p WHERE ${isRole} AND p.Host = '%'`,
  };
}
