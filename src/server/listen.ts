import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listen {
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
}

export interface HttpServer {
  /** `http://127.0.0.1:9464` */
  readonly url: string;
  /** Ends what is being answered, too. */
  close(): Promise<void>;
}

/** Resolves when the server listens. Rejects when it cannot listen there. */
export async function listenAt(
  server: Server,
  { host, port }: Listen,
  scheme: "http" | "https" = "http",
): Promise<HttpServer> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  await promise;
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
