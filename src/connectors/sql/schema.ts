import { z } from "zod";
import { celRule, credential, exactlyOne, text } from "../../core/kinds/common.ts";
import { odbcBlock } from "./odbc/schema.ts";

const column = z.string().min(1).max(128).describe("A column's name, as the database spells it.");
const cellText = z.string().max(1024);
const statement = z.string().min(1).max(8192);

const fitsDialect = "must set file for sqlite, odbc for odbc, and url for every other dialect";
/** Where a dialect's database is. */
const place = (dialect: string) => (dialect === "sqlite" ? "file" : dialect === "odbc" ? "odbc" : "url");

/** How to reach a database. */
export const sqlStore = celRule(
  exactlyOne(
    z.object({
      dialect: z.enum(["postgres", "mariadb", "mysql", "sqlite", "odbc", "sqlserver", "oracle"]),
      url: credential
        .optional()
        .describe(
          "The server's URL, with user and password: postgres://user:password@host:5432/database, mysql://…, sqlserver://…, or oracle://user:password@host:1521/service.",
        ),
      file: text.optional().describe("SQLite's file, under the operator's root. It must be there already."),
      odbc: odbcBlock.optional(),
      ca: credential.optional().describe("Certificates (PEM) that the server's must lead to."),
      tls: z
        .enum(["Verify", "Off"])
        .optional()
        .describe("Default: Verify, and Off on a loopback address or a Unix socket."),
    }),
    ["url", "file", "odbc"],
  ).refine((block) => block[place(block.dialect)] !== undefined, fitsDialect),
  {
    rule: "self.dialect == 'sqlite' ? has(self.file) : self.dialect == 'odbc' ? has(self.odbc) : has(self.url)",
    message: fitsDialect,
  },
).describe(
  "A database: PostgreSQL, MariaDB, MySQL, SQL Server, Oracle, an SQLite file, or any other by its ODBC driver.",
);

const accountsTable = z
  .object({
    name: text.describe('The table, or schema.table; quote a part that holds a dot: public."odd.name".'),
    key: column.describe("The column that holds the account's name. It needs a unique index."),
    id: column.optional().describe("The immutable column accounts are known by. Default: key."),
    version: column
      .optional()
      .describe("A column that changes with every change of the row. Default: xmin, or a hash of the row."),
    disabled: z
      .object({
        column,
        disabled: cellText.describe("What the column holds while the account is disabled."),
        enabled: cellText.optional().describe("What it holds otherwise. Default: NULL."),
      })
      .optional(),
    softDelete: z
      .object({
        column,
        value: cellText
          .optional()
          .describe("What a deleted row holds there. Default: the time of deletion, and NULL in a live row."),
      })
      .optional()
      .describe("Deletes by marking the row. A marked row is not an account."),
  })
  .describe("Accounts are the rows of one table.");

const ownStatements = z
  .object({
    scan: statement.describe(
      "A SELECT of all accounts, its columns named name, id (default: name), version (default: a hash of the row), disabled (true or false), and one for each attribute. It is used as a subquery.",
    ),
    insert: statement.optional(),
    update: statement.optional(),
    disable: statement.optional(),
    enable: statement.optional(),
    delete: statement.optional(),
    members: statement
      .optional()
      .describe("A SELECT of who holds what, its columns named entitlement and account (the account's id)."),
    entitlements: statement
      .optional()
      .describe(
        "A SELECT of all entitlements, its columns named id and name. Default: any id is one, and its own name.",
      ),
    grant: statement.optional().describe("Gives an :entitlement to an :account, both by id."),
    revoke: statement.optional(),
  })
  .describe(
    "Accounts by statements of your own, with :id, :name, :enabled and a :parameter for each column of scan. Each but scan, members and entitlements may be a script: several statements with semicolons between them, in one transaction.",
  );

const entitlements = exactlyOne(
  z.object({
    column: z.object({ name: column }).optional().describe("A column that holds one entitlement an account."),
    array: z
      .object({
        name: column,
        delimiter: z
          .string()
          .min(1)
          .max(8)
          .optional()
          .describe(
            "What stands between two in a text column. Absent: an array column, in SQLite a JSON array.",
          ),
      })
      .optional()
      .describe("A column that holds several."),
    join: z
      .object({
        table: text,
        account: column.describe("Holds the account's id."),
        entitlement: column,
        list: z
          .object({ table: text, id: column, name: column })
          .optional()
          .describe("The table of all entitlements. Absent: the join table's own values are their names."),
      })
      .optional()
      .describe("A table with a row for each account and entitlement."),
  }),
  ["column", "array", "join"],
);

const databaseUsers = z
  .object({
    memberOf: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe(
        "Accounts are the members of this role alone, and new ones become members. Default: every user.",
      ),
    reassignOwned: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe(
        "The role that gets what a deleted user owns in this database. Default: a user who owns something is not deleted.",
      ),
  })
  .describe("Accounts are the database's own users, entitlements its roles and privileges.");

const usersBring = "must leave entitlements out with users: they are the database's roles and privileges";
const membersWithGrants =
  "must set statements.members with grant, revoke and entitlements, and leave the block entitlements out then";
const columnsNeedTable = "must use entitlements.join with own statements";

/** Where a target's accounts and entitlements are in it. */
export const sqlTarget = celRule(
  exactlyOne(
    z.object({
      table: accountsTable.optional(),
      statements: ownStatements.optional(),
      users: databaseUsers.optional(),
      entitlements: entitlements.optional(),
    }),
    ["table", "statements", "users"],
  )
    .refine(
      (block) => block.table !== undefined || !block.entitlements || block.entitlements.join !== undefined,
      columnsNeedTable,
    )
    .refine((block) => !block.users || !block.entitlements, usersBring)
    .refine(membersAreRead, membersWithGrants),
  {
    rule: "has(self.table) || !has(self.entitlements) || has(self.entitlements.join)",
    message: columnsNeedTable,
  },
  { rule: "!has(self.users) || !has(self.entitlements)", message: usersBring },
  {
    rule: "!has(self.statements) || (has(self.statements.members) ? !has(self.entitlements) : !has(self.statements.grant) && !has(self.statements.revoke) && !has(self.statements.entitlements))",
    message: membersWithGrants,
  },
);

function membersAreRead(block: {
  statements?: StatementsBlock | undefined;
  entitlements?: unknown;
}): boolean {
  const { members, grant, revoke, entitlements: list } = block.statements ?? {};
  if (members !== undefined) return block.entitlements === undefined;
  return [grant, revoke, list].every((statement) => statement === undefined);
}

export type SqlStore = z.output<typeof sqlStore>;
export type SqlTarget = z.output<typeof sqlTarget>;
export type TableBlock = z.output<typeof accountsTable>;
export type StatementsBlock = z.output<typeof ownStatements>;
export type UsersBlock = z.output<typeof databaseUsers>;
export type EntitlementsBlock = z.output<typeof entitlements>;
