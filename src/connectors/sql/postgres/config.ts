import { isIP } from "node:net";
import type { PoolConfig } from "pg";
import type { ConnectorEnvironment } from "../../contract.ts";
import { hostOf, isLocal, parseUrl } from "../location.ts";
import type { SqlStore } from "../schema.ts";

const form = "postgres://user:password@host:5432/database";

/**
 * How to log in. Whether TLS is used, and that the server's certificate is verified, is the manifest's to say: a URL's own
 * `sslmode` could only weaken it, and is not looked at.
 */
export async function postgresConfig(
  store: SqlStore,
  environment: ConnectorEnvironment,
): Promise<PoolConfig> {
  const url = parseUrl(await environment.secret(store.url!), /^postgres(ql)?:$/, form);
  const host = url.searchParams.get("host") ?? hostOf(url);
  const tls = store.tls ?? (isLocal(host) && store.ca === undefined ? "Off" : "Verify");
  const ca = store.ca && (await environment.secret(store.ca));
  return {
    host,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl: tls === "Verify" && {
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(host) ? {} : { servername: host }),
    },
  };
}
