import type { ConnectorEnvironment, ConnectorType, StoreConnection } from "../contract.ts";
import { connectDirectory } from "./connect.ts";
import { errorRows } from "./errors.ts";
import { type LdapStore, type LdapTarget, ldapStore, ldapTarget } from "./schema.ts";
import { readFingerprint, readServer } from "./server.ts";
import { openSession } from "./session.ts";
import { shapeOf } from "./shape.ts";
import { styleOf } from "./style.ts";

/** Directories by LDAP (RFC 4511): OpenLDAP, 389 Directory Server, and others that keep to the standards. */
export const ldapConnector: ConnectorType<LdapStore, LdapTarget> = {
  name: "ldap",
  summary: "An LDAP directory, such as OpenLDAP or 389 Directory Server.",
  storeSchema: ldapStore,
  targetSchema: ldapTarget,
  errors: errorRows,
  ldif: styleOf,
  connect,
};

function connect(store: LdapStore, environment: ConnectorEnvironment): StoreConnection<LdapTarget> {
  const { connections, pageSize, transactions, bind } = store;
  return connectDirectory({
    connections,
    pageSize,
    transactions,
    open: (call) => openSession(store, environment, call),
    readServer: (connection, call, schema) => readServer(connection, bind.dn, call, schema),
    readFingerprint,
    shape: shapeOf,
  });
}
