import { randomInt } from "node:crypto";
import { createServer, type ListenOptions, type Server } from "node:net";

/**
 * A loopback port that nobody listens on and that no other test is given while this process lives. It lies below the
 * range from which the system serves outgoing connections, so a server may stop and come back to it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_768);
    // A name in Linux's abstract socket space belongs to one process and vanishes with it: a lock without a file to clean up.
    const reservation = await listen({ path: `\0rollcall-test-port-${port}` });
    if (reservation === undefined) continue;
    reservation.unref();
    const trial = await listen({ host: "127.0.0.1", port });
    if (trial === undefined) continue;
    await new Promise((resolve) => trial.close(resolve));
    return port;
  }
}

/** A loopback address of which nobody else has this port, for servers whose ports are fixed. Kept as `freePort` keeps its ports. */
export async function freeAddress(port: number): Promise<string> {
  for (;;) {
    const address = `127.${randomInt(16, 250)}.${randomInt(256)}.${randomInt(1, 255)}`;
    const reservation = await listen({ path: `\0rollcall-test-address-${address}` });
    if (reservation === undefined) continue;
    reservation.unref();
    const trial = await listen({ host: address, port });
    if (trial === undefined) continue;
    await new Promise((resolve) => trial.close(resolve));
    return address;
  }
}

function listen(where: ListenOptions): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(where, () => resolve(server));
  });
}
