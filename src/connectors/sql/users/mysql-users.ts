import { StoreError } from "../../errors.ts";
import type { Assignment } from "../assign.ts";
import { booleanCodec } from "../codec.ts";
import type { Session } from "../database.ts";
import { quoteText } from "../names.ts";
import { cachingSha2, randomLetters } from "./caching-sha2.ts";
import type { UserCatalog, UserChange } from "./catalog.ts";
import { userColumn } from "./mariadb-attributes.ts";
import { mysqlOption, mysqlOptions } from "./mysql-attributes.ts";
import { mysqlViews } from "./mysql-views.ts";
import { identifier, isPrivilege, refuseOtherThan, roleName, userName } from "./user-names.ts";

/**
 * MySQL's users: known by name and host, which are one thing, so that another name is another user. Each statement commits by itself, and
 * one changes all that a user has; a new user is locked until it is a member of the group.
 */
export const mysqlUsers: UserCatalog = {
  transactional: false,
  renames: false,
  id: userColumn("id", { generated: true }),
  name: userColumn("name", { maxLength: 288 }),
  disabled: {
    column: userColumn("disabled", { codec: booleanCodec("1", "0"), type: "SIGNED" }),
    disabled: "1",
    enabled: "0",
  },
  async attributes(session, wanted) {
    await refuseOtherThan("mysql", session);
    return mysqlOptions(wanted);
  },
  views: mysqlViews,
  lock: () => undefined,
  async create(session, { memberOf }, user) {
    if (user.name.startsWith(" "))
      throw new StoreError("Invalid", "a name cannot begin with a space, which the server would cut");
    const name = userName(user.name);
    // Otherwise a new user would get in with none, and look like a role.
    const password = user.password ?? { value: randomLetters(40), mustChange: false };
    const lock = memberOf === undefined ? lockOf(user) : ["ACCOUNT LOCK"];
    await run(session, `CREATE USER ${name} ${clauses({ ...user, password }, lock)}`);
    if (memberOf === undefined) return;
    try {
      await run(session, `GRANT ${identifier(memberOf)} TO ${name}`);
      if (lockOf(user)[0] !== locked) await run(session, `ALTER USER ${name} ACCOUNT UNLOCK`);
    } catch (error) {
      // What cannot be finished must not stay: it has the name that the next attempt needs. What is in doubt may be finished.
      if (error instanceof StoreError && error.kind !== "InDoubt")
        await run(session, `DROP USER IF EXISTS ${name}`);
      throw error;
    }
  },
  async change(session, user) {
    const altering = clauses(user, lockOf(user));
    if (altering !== "") await run(session, `ALTER USER ${userName(user.name)} ${altering}`);
  },
  remove: (session, _block, name) => run(session, `DROP USER IF EXISTS ${userName(name)}`),
  createRole: (name) => `CREATE ROLE ${roleName(name)}`,
  describe: (role, comment) =>
    isPrivilege(role)
      ? undefined
      : `ALTER USER ${identifier(role.name)} ${attribute([["comment", comment]])}`,
  grant(kind, entitlement, users) {
    const what = isPrivilege(entitlement) ? entitlement.name : identifier(entitlement.name);
    const names = users.map(userName).join(", ");
    return kind === "add" ? `GRANT ${what} TO ${names}` : `REVOKE ${what} FROM ${names}`;
  },
};

async function run(session: Session, text: string): Promise<void> {
  await session.query({ text, values: [] });
}

const locked = "ACCOUNT LOCK";

function lockOf({ assignments }: UserChange): readonly string[] {
  const state = assignments.find(({ column }) => column.name === "disabled");
  return state ? [state.cell === "1" ? locked : "ACCOUNT UNLOCK"] : [];
}

/** In the order that the statement asks for. */
function clauses({ assignments, password }: UserChange, lock: readonly string[]): string {
  const of = (kind: "REQUIRE" | "WITH") =>
    assignments.flatMap(({ column, cell }) => {
      const { clause } = mysqlOption(column.name);
      return clause?.of === kind ? [clause.text(cell)] : [];
    });
  const [require, limits] = [of("REQUIRE"), of("WITH")];
  const members = assignments.filter(isMember).map(({ column, cell }) => [column.name, cell] as const);
  return [
    ...(password
      ? [`IDENTIFIED WITH caching_sha2_password AS ${quoteText(cachingSha2(password.value))}`]
      : []),
    ...(require.length > 0 ? [`REQUIRE ${require.join(" ")}`] : []),
    ...(limits.length > 0 ? [`WITH ${limits.join(" ")}`] : []),
    ...(password?.mustChange ? ["PASSWORD EXPIRE"] : []),
    ...lock,
    ...(members.length > 0 ? [attribute(members)] : []),
  ].join(" ");
}

function isMember({ column }: Assignment): boolean {
  return column.name !== "disabled" && mysqlOption(column.name).clause === undefined;
}

/**
 * A patch of the user's document, in which null takes a member away (RFC 7396). The statement takes no text but one in quotes; in this
 * session backslashes mean nothing in it.
 */
function attribute(members: readonly (readonly [name: string, value: string | null])[]): string {
  return `ATTRIBUTE ${quoteText(JSON.stringify(Object.fromEntries(members)))}`;
}
