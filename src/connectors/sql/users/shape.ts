import type { Call } from "../../contract.ts";
import { textCodec } from "../codec.ts";
import type { Database, RowVersion } from "../database.ts";
import type { Column } from "../dialect.ts";
import type { EntitlementSource } from "../entitlements/shape.ts";
import { SqlError } from "../errors.ts";
import { column } from "../read.ts";
import { versionOfCells } from "../row-version.ts";
import type { UsersBlock } from "../schema.ts";
import type { Shape } from "../shape.ts";
import type { UserCatalog } from "./catalog.ts";

export interface UsersShape {
  readonly catalog: UserCatalog;
  readonly accounts: Shape;
  readonly entitlements: EntitlementSource;
}

/** The database's catalog as a table of accounts and one of entitlements, to be read as any others are. */
export async function readUsersShape(
  { database, catalog }: { readonly database: Database; readonly catalog: UserCatalog | undefined },
  block: UsersBlock,
  wanted: readonly string[],
  call: Call,
): Promise<UsersShape> {
  if (!catalog)
    throw new SqlError("Invalid", "Statement", "the users of this kind of database cannot be accounts");
  const { dialect } = database;
  const attributes = await catalog.attributes({ query: (query) => database.query(query, call) }, wanted);
  const views = catalog.views(block, attributes);
  await refuseHidden(database, views.visible, call);
  const { id, name, disabled } = catalog;
  const comment = { ...name, name: "comment", codec: textCodec, generated: false };
  const columns = [id, name, disabled.column, ...attributes.map((attribute) => attribute.column)];
  const version = hashed(columns);
  return {
    catalog,
    accounts: {
      dialect,
      from: `(${views.accounts}) t`,
      live: "",
      guard: `t."protected"`,
      trouble: `t."trouble"`,
      relation: { columns, version, rewrites: true, unique: undefined },
      id,
      key: name,
      version,
      disabled,
      problems: await missingGroup(database, views.everyRole, block, call),
    },
    entitlements: {
      members: views.members,
      holder: name,
      owner: id,
      list: {
        table: `(${views.grantable})`,
        scanned: `(${views.granted})`,
        id: { ...name, name: "id" },
        name,
        version: hashed([name, comment]),
        attributes: [comment],
      },
    },
  };
}

function hashed(columns: readonly Column[]): RowVersion {
  return { read: columns.map(column), returned: "NULL", of: versionOfCells };
}

/** Privileges that are hidden look like privileges that nobody has. */
async function refuseHidden(database: Database, visible: string | undefined, call: Call): Promise<void> {
  if (visible === undefined) return;
  const { rows } = await database.query({ text: visible, values: [] }, call);
  if (rows.length > 0) return;
  const words = "cannot see who holds which privileges: GRANT SELECT ON mysql.* to Rollcall's user";
  throw new SqlError("Denied", "Statement", words);
}

async function missingGroup(
  database: Database,
  everyRole: string,
  { memberOf }: UsersBlock,
  call: Call,
): Promise<readonly string[]> {
  if (memberOf === undefined) return [];
  const { rows } = await database.query({ text: everyRole, values: [] }, call);
  return rows.some(([name]) => name === memberOf)
    ? []
    : [`create role ${memberOf}, which accounts are members of, or correct users.memberOf`];
}
