import { isIP } from "node:net";
import type { ConnectionOptions } from "mysql2";
import type { ConnectorEnvironment } from "../../contract.ts";
import { SqlError } from "../errors.ts";
import { locate } from "../location.ts";
import type { SqlStore } from "../schema.ts";
import { underNoKey } from "./log-in.ts";

const urls = {
  scheme: /^(mysql|mariadb):$/,
  form: "mysql://user:password@host:3306/database",
  socket: "socket",
};

/** How to log in. */
export async function mysqlConfig(
  store: SqlStore,
  environment: ConnectorEnvironment,
): Promise<ConnectionOptions> {
  const { url, host, socket, local, user, password, database, tls, ca } = await locate(
    store,
    environment,
    urls,
  );
  // The driver would compare the certificate with the name localhost.
  if (tls && isIP(host))
    throw new SqlError(
      "Invalid",
      "Connection",
      "cannot verify the certificate of an address: name the host in the url as its certificate does",
    );
  return {
    ...{ host, user, password, database },
    port: Number(url.port || 3306),
    ...(socket === undefined ? {} : { socketPath: socket }),
    ...(tls ? { ssl: { rejectUnauthorized: true, verifyIdentity: true, ...ca } } : {}),
    ...(tls || local ? {} : { authPlugins: underNoKey }),
  };
}
