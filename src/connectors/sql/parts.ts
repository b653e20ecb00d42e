import type { Call, TargetOptions } from "../contract.ts";
import type { Database } from "./database.ts";
import type { Column } from "./dialect.ts";
import { EntitlementReader } from "./entitlements/reader.ts";
import { type EntitlementSource, readEntitlementShape } from "./entitlements/shape.ts";
import { EntitlementWriter } from "./entitlements/writer.ts";
import { AccountReader } from "./read.ts";
import type { SqlTarget, UsersBlock } from "./schema.ts";
import { readShape, type Shape } from "./shape.ts";
import { readStatementEntitlements, StatementGrants } from "./statements/grants.ts";
import { StatementWriter } from "./statements/writer.ts";
import { TableWriter } from "./table-writer.ts";
import type { UserCatalog } from "./users/catalog.ts";
import { eachCommitted } from "./users/committed.ts";
import { GrantWriter } from "./users/grant-writer.ts";
import { readUsersShape } from "./users/shape.ts";
import { UserWriter } from "./users/user-writer.ts";
import type { Writers } from "./write.ts";

/** What the database said of where a target's accounts are, and the parts that work on them. */
export interface Parts {
  readonly shape: Shape;
  /** The accounts' column that holds entitlements. */
  readonly entitlementColumn: Column | undefined;
  readonly accounts: AccountReader;
  readonly entitlements: EntitlementReader | undefined;
  readonly writers: Writers;
}

export async function readParts(
  database: Database,
  catalog: UserCatalog | undefined,
  { block, attributes }: TargetOptions<SqlTarget>,
  call: Call,
): Promise<Parts> {
  if (block.users) return userParts({ database, catalog }, block.users, attributes, call);
  const shape = await readShape(database, block, call);
  const { source, column, writer } = await entitlementParts(database, shape, block, call);
  return {
    shape,
    entitlementColumn: column,
    accounts: new AccountReader(shape, attributes),
    entitlements: source && new EntitlementReader(database, source),
    writers: {
      database,
      shape,
      accounts: block.table
        ? new TableWriter(shape, block.table)
        : new StatementWriter(shape, block.statements!),
      entitlements: writer,
    },
  };
}

async function entitlementParts(
  database: Database,
  shape: Shape,
  { table, statements, entitlements }: SqlTarget,
  call: Call,
): Promise<{ source?: EntitlementSource | undefined; column?: Column; writer: Writers["entitlements"] }> {
  const own = statements && (await readStatementEntitlements(database, statements, call));
  if (statements && own) return { source: own, writer: new StatementGrants(shape, own, statements) };
  const kept = entitlements && (await readEntitlementShape(database, shape, entitlements, table?.name, call));
  const writer = new EntitlementWriter(database.dialect, kept);
  return { source: kept, writer, ...(kept && kept.mode !== "Join" ? { column: kept.holder } : {}) };
}

async function userParts(
  where: { readonly database: Database; readonly catalog: UserCatalog | undefined },
  block: UsersBlock,
  attributes: readonly string[],
  call: Call,
): Promise<Parts> {
  const users = await readUsersShape(where, block, attributes, call);
  const shape = users.accounts;
  return {
    shape,
    entitlementColumn: undefined,
    accounts: new AccountReader(shape, attributes),
    entitlements: new EntitlementReader(where.database, users.entitlements),
    writers: {
      database: users.catalog.transactional ? where.database : eachCommitted(where.database),
      shape,
      accounts: new UserWriter(users, block),
      entitlements: new GrantWriter(users),
    },
  };
}
