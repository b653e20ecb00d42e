import type { Call, ConnectorEnvironment, ConnectorType, StoreConnection } from "../contract.ts";
import { targetConnector } from "./connector.ts";
import type { Directory } from "./directory.ts";
import { type Lease, Pool } from "./pool.ts";
import { type LdapStore, type LdapTarget, ldapStore, ldapTarget } from "./schema.ts";
import { readFingerprint, readServer, type Server } from "./server.ts";
import { openSession } from "./session.ts";
import { shapeOf } from "./shape.ts";

/** Directories by LDAP (RFC 4511), as OpenLDAP serves them. */
export const ldapConnector: ConnectorType<LdapStore, LdapTarget> = {
  name: "ldap",
  summary: "An LDAP directory, such as OpenLDAP.",
  storeSchema: ldapStore,
  targetSchema: ldapTarget,
  connect,
};

function connect(store: LdapStore, environment: ConnectorEnvironment): StoreConnection<LdapTarget> {
  const pool = new Pool(store.connections, (call) => openSession(store, environment, call));
  let known: Server | undefined;
  const server = async (lease: Lease, call: Call, fresh = false): Promise<Server> => {
    if (known === undefined || fresh) known = await readServer(lease.connection, call);
    return known;
  };
  return {
    async fingerprint(call) {
      using lease = await pool.lease(call);
      return await readFingerprint(lease.connection, await server(lease, call, true), call);
    },
    target({ block, attributes }) {
      const { pageSize, transactions } = store;
      const bindDn = store.bind.dn;
      const shape = shapeOf(block);
      const directory: Directory = { pool, shape, attributes, pageSize, transactions, bindDn, server };
      return targetConnector(directory);
    },
    close: async () => pool.close(),
  };
}
