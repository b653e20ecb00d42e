import { quoteIdentifier, quoteText } from "../names.ts";
import type { UsersBlock } from "../schema.ts";
import type { UserAttribute, UserViews } from "./catalog.ts";

/** What can be granted on what (PostgreSQL §5.7). */
export const privileges: Readonly<Record<string, readonly string[]>> = {
  TABLE: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  SEQUENCE: ["USAGE", "SELECT", "UPDATE"],
  SCHEMA: ["USAGE", "CREATE"],
  DATABASE: ["CONNECT", "CREATE", "TEMPORARY"],
  FUNCTION: ["EXECUTE"],
  PROCEDURE: ["EXECUTE"],
};

/**
 * pg_roles and the access lists of this database. Who may pass the group's role on is its keeper, and no account for that. A role
 * that cannot log in is an account only while nobody is its member.
 */
export function postgresViews({ memberOf }: UsersBlock, attributes: readonly UserAttribute[]): UserViews {
  const group = memberOf === undefined ? undefined : quoteText(memberOf);
  const inGroup =
    group &&
    oneOf(
      "r.oid",
      `SELECT m.member FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE NOT m.admin_option AND g.rolname = ${group}`,
    );
  const hasMembers = oneOf("r.oid", "SELECT m.roleid FROM pg_auth_members m");
  const isAccount = `NOT starts_with(r.rolname, 'pg_') AND ${inGroup ?? `(r.rolcanlogin OR NOT ${hasMembers})`}`;
  const isRole = `NOT r.rolsuper AND NOT r.rolcanlogin${inGroup ? ` AND NOT ${inGroup} AND r.rolname <> ${group}` : ""}`;
  const columns = attributes.map(({ column, read }) => `${read} AS ${quoteIdentifier(column.name)}`);
  const accounts = `SELECT r.oid::bigint AS id, r.rolname::text AS name, NOT r.rolcanlogin AS disabled,
    CASE WHEN r.rolsuper THEN 'it is a superuser' WHEN r.rolname IN (current_user, session_user) THEN 'Rollcall logs in as it' END AS protected,
    CASE WHEN r.rolvaliduntil <= now() THEN 'PasswordExpired' END AS trouble,
    ${columns.join(", ")} FROM pg_roles r WHERE ${isAccount}`;
  const owners = `SELECT r.oid FROM pg_roles r WHERE ${isAccount}`;
  const roles = `SELECT r.oid::text AS id, r.rolname::text AS name, shobj_description(r.oid, 'pg_authid') AS comment
    FROM pg_roles r WHERE ${isRole}`;
  const isHeld = oneOf("r.oid", `SELECT m.roleid FROM pg_auth_members m WHERE ${oneOf("m.member", owners)}`);
  const text = "o.kind || ' ' || o.name";
  const held = `SELECT x.privilege_type || ' ON ' || ${text} AS e, x.grantee::bigint AS a
    FROM (${objects}) o CROSS JOIN aclexplode(o.acl) x WHERE x.grantee <> o.owner AND ${oneOf("x.grantee", owners)}`;
  const members = `SELECT m.roleid::text AS e, m.member::bigint AS a FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
    WHERE ${isRole} AND ${oneOf("m.member", owners)} UNION ${held}`;
  return {
    accounts,
    grantable: `${roles} UNION ALL SELECT p.privilege || ' ON ' || ${text}, p.privilege || ' ON ' || ${text}, NULL
      FROM (${objects}) o JOIN (VALUES ${pairs()}) p(kind, privilege) ON p.kind = o.kind`,
    granted: `${roles} AND (NOT starts_with(r.rolname, 'pg_') OR ${isHeld})
      UNION ALL SELECT DISTINCT h.e, h.e, NULL FROM (${held}) h`,
    members,
    everyRole: "SELECT rolname FROM pg_roles",
  };
}

/** As a subquery that is hashed once: a join would go by the catalog's statistics, which nobody keeps. */
function oneOf(oid: string, oids: string): string {
  return `((${oid} IN (${oids})) IS TRUE)`;
}

const qualified = (name: string) => `format('%I.%I', n.nspname, ${name})`;
const own = "NOT starts_with(n.nspname, 'pg_') AND n.nspname <> 'information_schema'";

/** Everything in this database that has an access list, by the name that GRANT takes, without what belongs to the server. */
const objects = [
  `SELECT CASE WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, ${qualified("c.relname")} AS name, c.relacl AS acl, c.relowner AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${own}`,
  `SELECT 'SCHEMA', format('%I', n.nspname), n.nspacl, n.nspowner FROM pg_namespace n WHERE ${own}`,
  "SELECT 'DATABASE', format('%I', d.datname), d.datacl, d.datdba FROM pg_database d WHERE NOT d.datistemplate",
  `SELECT CASE WHEN p.prokind = 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, ${qualified("p.proname")} || '(' || oidvectortypes(p.proargtypes) || ')', p.proacl, p.proowner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${own}`,
].join(" UNION ALL ");

function pairs(): string {
  return Object.entries(privileges)
    .flatMap(([kind, names]) => names.map((name) => `(${quoteText(kind)}, ${quoteText(name)})`))
    .join(", ");
}
