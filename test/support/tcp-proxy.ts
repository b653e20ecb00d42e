import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** What the wire does wrong, until it is healed or, where it says "once", has done it. */
export type WireFault =
  /** Once: drops a connection when this many more bytes of answers, over all connections, were passed on. */
  | { readonly kind: "CutAfter"; readonly bytes: number }
  /** Requests arrive, answers do not. */
  | { readonly kind: "SwallowAnswers" }
  /**
   * Once: from a request that `matches` on, a connection's answers are thrown away, and it is dropped when the first has come. The
   * server has done what it was asked, and nobody knows.
   */
  | { readonly kind: "LoseAnswer"; readonly matches: (request: Buffer) => boolean }
  /** Nothing passes in either direction, and nothing is closed. */
  | { readonly kind: "BlackHole" }
  | { readonly kind: "Delay"; readonly milliseconds: number }
  /** New connections are dropped at once. */
  | { readonly kind: "Refuse" };

/** A wire with faults between a connector and its server; its port stays while servers behind it come and go. */
export interface TcpProxy {
  readonly port: number;
  /** How many clients are connected. */
  readonly connections: number;
  /** How many directions of connections have something on its way that a delay has made late. */
  readonly late: number;
  fail(fault: WireFault): void;
  heal(): void;
  /** Nothing passes over the connections that are open now, and nothing is closed, as when a firewall forgets them; new ones are well. */
  forget(): void;
  /** Drops all open connections. */
  cut(): void;
  /** From now on connections lead to this port; those that are open are dropped. */
  redirect(port: number): void;
  close(): Promise<void>;
}

export async function startTcpProxy(upstream: number, host = "127.0.0.1"): Promise<TcpProxy> {
  const clients = new Set<Socket>();
  const forgotten = new WeakSet<Socket>();
  /** When the last of what is late is passed on, by where it goes. */
  const late = new Map<Socket, Promise<void>>();
  let port = upstream;
  let fault: WireFault | undefined;

  /** Never before what came earlier, though the delay has been called off since. */
  const passLate = (to: Socket, data: Buffer, milliseconds: number) => {
    const passed = Promise.all([late.get(to), pause(milliseconds)]).then(() => {
      if (late.get(to) === passed) late.delete(to);
      to.write(data);
    });
    late.set(to, passed);
  };

  // Bytes go on as they come. Held back to fill packets, small ones were never passed on at all now and then.
  const server = createServer({ noDelay: true }, (client) => {
    if (fault?.kind === "Refuse") {
      client.destroy();
      return;
    }
    const remote = connect({ port, host, noDelay: true });
    let losing = false;
    const drop = () => {
      client.destroy();
      remote.destroy();
    };
    const pass = (to: Socket, data: Buffer) => {
      if (fault?.kind === "BlackHole" || forgotten.has(client)) return;
      const delay = fault?.kind === "Delay" ? fault.milliseconds : 0;
      if (delay > 0 || late.has(to)) passLate(to, data, delay);
      else to.write(data);
    };
    client.on("data", (data) => {
      if (fault?.kind === "LoseAnswer" && fault.matches(data)) {
        losing = true;
        fault = undefined;
      }
      pass(remote, data);
    });
    remote.on("data", (data) => {
      if (losing) return drop();
      if (fault?.kind === "SwallowAnswers") return;
      if (fault?.kind !== "CutAfter") return pass(client, data);
      const left = fault.bytes - data.length;
      fault = left < 0 ? undefined : { kind: "CutAfter", bytes: left };
      if (left >= 0) client.write(data);
      else client.end(data.subarray(0, data.length + left), drop);
    });
    clients.add(client);
    for (const socket of [client, remote]) {
      socket.on("error", drop);
      socket.on("close", () => {
        clients.delete(client);
        drop();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const cut = () => {
    for (const client of clients) client.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return clients.size;
    },
    get late() {
      return late.size;
    },
    fail(next) {
      fault = next;
    },
    heal() {
      fault = undefined;
    },
    forget() {
      for (const client of clients) forgotten.add(client);
    },
    cut,
    redirect(to) {
      port = to;
      cut();
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
