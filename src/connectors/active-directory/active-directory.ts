import { Control } from "ldapts";
import { parseDuration } from "../../core/model/duration.ts";
import type { Connector, ConnectorEnvironment, ConnectorType, StoreConnection } from "../contract.ts";
import { connectDirectory } from "../ldap/connect.ts";
import { errorRows } from "../ldap/errors.ts";
import { openSession } from "../ldap/session.ts";
import { memberStyle } from "../ldap/style.ts";
import type { LdapResult } from "../ldap/wire.ts";
import { causeRows, explain } from "./causes.ts";
import { Controllers } from "./controllers.ts";
import { readPasswordRules } from "./password-rules.ts";
import { Written } from "./replication.ts";
import {
  type ActiveDirectoryStore,
  type ActiveDirectoryTarget,
  activeDirectoryStore,
  activeDirectoryTarget,
} from "./schema.ts";
import { readFingerprint, readServer } from "./server.ts";
import { groupShape, shapeOf } from "./shape.ts";

/** Active Directory by LDAP (MS-ADTS), as Windows and Samba serve it. */
export const activeDirectoryConnector: ConnectorType<ActiveDirectoryStore, ActiveDirectoryTarget> = {
  name: "activeDirectory",
  summary: "An Active Directory domain, of Windows or Samba.",
  storeSchema: activeDirectoryStore,
  targetSchema: activeDirectoryTarget,
  errors: [...errorRows, ...causeRows],
  // userAccountControl is a set of bits, of which the journal has none.
  ldif: ({ groups }) => (groups ? { members: memberStyle(groupShape(groups)) } : {}),
  connect,
};

/** LDAP_SERVER_DOMAIN_SCOPE: an answer is of this domain alone, and never leads to another server (MS-ADTS §3.1.1.3.4.1.6). */
const domainScope = "1.2.840.113556.1.4.1339";

function connect(
  store: ActiveDirectoryStore,
  environment: ConnectorEnvironment,
): StoreConnection<ActiveDirectoryTarget> {
  const { urls, bind, ca, connections, pageSize, replication, adminAccounts } = store;
  const endpoint = { plaintext: "Refused", bind: { dn: bind.name, password: bind.password }, ca } as const;
  let passwordRules: string | undefined;
  const manner = {
    searchControls: [new Control(domainScope, { critical: true })],
    explain: (result: LdapResult) => explain(result, passwordRules),
  };
  const controllers = new Controllers({
    urls,
    connect: (at, call) =>
      openSession({ ...endpoint, ...at }, environment, call, {
        ...manner,
        ...(urls.length > 1 && { from: at.url }),
      }),
    replication: parseDuration(replication),
    written: writtenBefore(environment),
  });
  const connection = connectDirectory({
    connections,
    pageSize,
    transactions: "Never",
    open: (call) => controllers.open(call),
    epoch: () => controllers.epoch,
    async readServer(connection, call, schema) {
      const server = await readServer(connection, adminAccounts, call, schema);
      passwordRules = await readPasswordRules(connection, server.namingContexts[0]!, call);
      return server;
    },
    readFingerprint,
    shape: shapeOf,
  });
  return { ...connection, target: (options) => atControllers(controllers, connection.target(options)) };
}

/** What was written by connections before this one. */
function writtenBefore({ memory }: ConnectorEnvironment): Written {
  const known = memory?.get("written");
  const written = known instanceof Written ? known : new Written();
  memory?.set("written", written);
  return written;
}

function atControllers(controllers: Controllers, connector: Connector): Connector {
  return {
    ...connector,
    // A domain has no assertion control: versions are read right before, not in the same step.
    capabilities: { ...connector.capabilities, expect: false },
    async check(call) {
      const { server, problems } = await connector.check(call);
      const more = await controllers.describe(call);
      return { server: server + more.others, problems: [...problems, ...more.problems] };
    },
    apply: (changes, call) => controllers.writing(connector.apply(changes, call), call),
  };
}
