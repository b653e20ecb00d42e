import { isIP } from "node:net";
import type { ConnectionOptions } from "mysql2";
import type { ConnectorEnvironment } from "../../contract.ts";
import { SqlError } from "../errors.ts";
import { hostOf, isLocal, parseUrl } from "../location.ts";
import type { SqlStore } from "../schema.ts";

const form = "mysql://user:password@host:3306/database";

/** How to log in. As for PostgreSQL, only the manifest says whether TLS is used; certificates are always verified. */
export async function mysqlConfig(
  store: SqlStore,
  environment: ConnectorEnvironment,
): Promise<ConnectionOptions> {
  const url = parseUrl(await environment.secret(store.url!), /^(mysql|mariadb):$/, form);
  const socketPath = url.searchParams.get("socket") ?? undefined;
  const host = hostOf(url);
  const tls = store.tls ?? (isLocal(socketPath ?? host) && store.ca === undefined ? "Off" : "Verify");
  // The driver would compare the certificate with the name localhost.
  if (tls === "Verify" && isIP(host))
    throw new SqlError(
      "Invalid",
      "Connection",
      "cannot verify the certificate of an address: name the host in the url as its certificate does",
    );
  const ca = store.ca && (await environment.secret(store.ca));
  return {
    host,
    port: Number(url.port || 3306),
    ...(socketPath === undefined ? {} : { socketPath }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(tls === "Verify"
      ? { ssl: { rejectUnauthorized: true, verifyIdentity: true, ...(ca === undefined ? {} : { ca }) } }
      : {}),
  };
}
