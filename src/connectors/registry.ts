import { activeDirectoryConnector } from "./active-directory/active-directory.ts";
import type { ConnectorType } from "./contract.ts";
import { csvConnector } from "./csv/csv.ts";
import { jsonlConnector } from "./jsonl/jsonl.ts";
import { ldapConnector } from "./ldap/ldap.ts";
import { ldifConnector } from "./ldif/ldif.ts";
import { manualConnector } from "./manual/manual.ts";
import { memoryConnector } from "./memory/memory.ts";
import { sqlConnector } from "./sql/sql.ts";

/** All connectors there are. The one place that lists them; each has a folder of its name here. */
export const connectors: readonly ConnectorType[] = [
  activeDirectoryConnector,
  csvConnector,
  jsonlConnector,
  ldapConnector,
  ldifConnector,
  manualConnector,
  memoryConnector(),
  sqlConnector,
];
