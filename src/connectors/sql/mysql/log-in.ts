import { type AuthPlugin, authPlugins, type ConnectionOptions } from "mysql2";
import { SqlError } from "../errors.ts";

/**
 * Of MySQL's ways to log in those that send the password itself, for connections on which somebody could listen. Without TLS it is sent
 * under a key that comes over the same connection, from whoever answers there; the driver would take any
 * (MySQL, "Caching SHA-2 Pluggable Authentication").
 */
export const underNoKey: NonNullable<ConnectionOptions["authPlugins"]> = {
  caching_sha2_password: rejecting(authPlugins.caching_sha2_password({ onServerPublicKey: refuse })),
  sha256_password: rejecting(authPlugins.sha256_password({ onServerPublicKey: refuse })),
};

function refuse(): never {
  throw new SqlError(
    "Unauthenticated",
    "Connection",
    "the server wants the password under a key that nobody vouches for: use TLS (`tls: Verify`)",
  );
}

/** What is thrown at once would end the process. */
function rejecting(plugin: AuthPlugin): AuthPlugin {
  return (connection) => {
    const answer = plugin(connection);
    return (data) => new Promise<Buffer>((resolve) => resolve(answer(data) as Buffer));
  };
}
