import { isIP } from "node:net";
import type { ClientConfig } from "pg";
import type { ConnectorEnvironment } from "../../contract.ts";
import { locate } from "../location.ts";
import type { SqlStore } from "../schema.ts";

const urls = {
  scheme: /^postgres(ql)?:$/,
  form: "postgres://user:password@host:5432/database",
  socket: "host",
};

/** How to log in. */
export async function postgresConfig(
  store: SqlStore,
  environment: ConnectorEnvironment,
): Promise<ClientConfig> {
  const { url, socket, user, password, database, tls, ca, ...where } = await locate(store, environment, urls);
  const host = socket ?? where.host;
  return {
    ...{ host, user, password, database },
    port: Number(url.port || 5432),
    ssl: tls && { ...ca, ...(isIP(host) ? {} : { servername: host }) },
  };
}
