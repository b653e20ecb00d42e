import { StoreError } from "../../errors.ts";
import { booleanCodec, integerCodec, textCodec } from "../codec.ts";
import { quoteIdentifier, quoteText } from "../names.ts";
import type { GrantedThing, UserCatalog, UserChange } from "./catalog.ts";
import { roleAttribute, roleAttributes, roleColumn } from "./postgres-attributes.ts";
import { postgresViews } from "./postgres-views.ts";
import { scramVerifier } from "./scram.ts";

/** PostgreSQL's roles: known by their oid, so that they can be renamed. */
export const postgresUsers: UserCatalog = {
  transactional: true,
  renames: true,
  id: roleColumn("id", integerCodec(64), "int8", true),
  name: { ...roleColumn("name", textCodec, "text"), maxLength: 63 },
  disabled: {
    column: roleColumn("disabled", booleanCodec("true", "false"), "bool"),
    disabled: "true",
    enabled: "false",
  },
  attributes: roleAttributes,
  views: postgresViews,
  lock,
  async create(session, { memberOf }, user) {
    const group = memberOf === undefined ? "" : ` IN ROLE ${role(memberOf)}`;
    const options = await optionsOf(user);
    await session.query({ text: `CREATE ROLE ${role(user.name)} ${options.join(" ")}${group}`, values: [] });
    for (const text of statementsOf(user)) await session.query({ text, values: [] });
  },
  async change(session, user) {
    const options = await optionsOf(user);
    if (options.length > 0)
      await session.query({ text: `ALTER ROLE ${role(user.name)} ${options.join(" ")}`, values: [] });
    for (const text of statementsOf(user)) await session.query({ text, values: [] });
    if (user.rename !== undefined && user.rename !== user.name)
      await session.query({
        text: `ALTER ROLE ${role(user.name)} RENAME TO ${role(user.rename)}`,
        values: [],
      });
  },
  /** What is owned is given away before: DROP OWNED would drop it, and then only takes privileges back. */
  async remove(session, { reassignOwned }, name) {
    if (reassignOwned !== undefined) {
      await session.query({ text: `REASSIGN OWNED BY ${role(name)} TO ${role(reassignOwned)}`, values: [] });
      await session.query({ text: `DROP OWNED BY ${role(name)}`, values: [] });
    }
    await session.query({ text: `DROP ROLE ${role(name)}`, values: [] });
  },
  createRole: (name) => `CREATE ROLE ${role(name)} NOLOGIN`,
  describe: (entitlement, comment) =>
    isRole(entitlement)
      ? `COMMENT ON ROLE ${role(entitlement.name)} IS ${comment === null ? "NULL" : quoteText(comment)}`
      : undefined,
  grant(kind, entitlement, users) {
    const what = isRole(entitlement) ? role(entitlement.name) : entitlement.name;
    const names = users.map(role).join(", ");
    return kind === "add" ? `GRANT ${what} TO ${names}` : `REVOKE ${what} FROM ${names}`;
  },
};

/** A role's id is its oid, a privilege's its own text, which the server quoted. */
function isRole({ id }: GrantedThing): boolean {
  return /^[0-9]+$/.test(id);
}

/** A longer name would be cut, silently, and be another's. */
function role(name: string): string {
  if (Buffer.byteLength(name) > 63)
    throw new StoreError("Invalid", "the name of a role has at most 63 bytes");
  return quoteIdentifier(name);
}

async function optionsOf({ assignments, password }: UserChange): Promise<string[]> {
  const options = assignments.flatMap(({ column: { name }, cell }) => {
    if (name === "disabled") return [cell === "true" ? "NOLOGIN" : "LOGIN"];
    return roleAttribute(name).option?.(cell) ?? [];
  });
  return password ? [...options, `PASSWORD ${quoteText(await scramVerifier(password.value))}`] : options;
}

function statementsOf({ name, assignments }: UserChange): string[] {
  return assignments.flatMap(({ column, cell }) => {
    if (column.name === "disabled") return [];
    return roleAttribute(column.name).statement?.(name, cell) ?? [];
  });
}

/**
 * ALTER ROLE without any option writes the role's row, so that another one's ALTER ROLE waits. A role that may not be altered, is gone by
 * now, or was altered while this waited, is found out when it is read again.
 */
function lock(names: readonly string[]): string {
  const list = names.map(quoteText).join(", ");
  return `DO ${quoteText(`DECLARE name text; BEGIN
    FOREACH name IN ARRAY ARRAY[${list}] LOOP
      BEGIN EXECUTE format('ALTER ROLE %I', name); EXCEPTION WHEN insufficient_privilege OR undefined_object OR internal_error THEN NULL; END;
    END LOOP; END`)}`;
}
