import { activeDirectoryExample } from "./active-directory.ts";
import { csvExample } from "./csv.ts";
import type { Example } from "./example.ts";
import { jsonlExample } from "./jsonl.ts";
import { ldapExample } from "./ldap.ts";
import { ldifExample } from "./ldif.ts";
import { manualExample } from "./manual.ts";
import { memoryExample } from "./memory.ts";
import { sqlExample } from "./sql.ts";
import { sqlMariadbExample } from "./sql-mariadb.ts";
import { sqlOdbcExample } from "./sql-odbc.ts";
import { sqlSqliteExample } from "./sql-sqlite.ts";
import { sqlStatementsExample } from "./sql-statements.ts";
import { sqlUsersExample } from "./sql-users.ts";

/** One for each connector, or more: test/registry.test.ts sees to it, test/e2e/examples.test.ts applies them. */
export const examples: readonly Example[] = [
  activeDirectoryExample,
  csvExample,
  jsonlExample,
  ldapExample,
  ldifExample,
  manualExample,
  memoryExample,
  sqlExample,
  sqlMariadbExample,
  sqlOdbcExample,
  sqlSqliteExample,
  sqlStatementsExample,
  sqlUsersExample,
];
