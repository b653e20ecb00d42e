import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire with faults between a connector and its server. The address stays the same while servers behind it come and go. */
export interface TcpProxy {
  readonly port: number;
  /** From now on connections go to this port; those that are open are dropped. */
  redirect(port: number): void;
  /** Arms, once: the connection over which this many more bytes came from the server is dropped. */
  dropAfter(bytes: number): void;
  /**
   * Arms, once: from the first data of a client that `matches` on, the server's answers are thrown away, and the connection is dropped when
   * the first of them has come: the server has done what it was asked, and nobody knows.
   */
  loseAnswerTo(matches: (data: Buffer) => boolean): void;
  /** Takes back what was armed. */
  disarm(): void;
  dropAll(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(upstream: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let port = upstream;
  let bytesLeft = Number.POSITIVE_INFINITY;
  let loses: ((data: Buffer) => boolean) | undefined;

  const server = createServer((client) => {
    const remote = connect(port, "127.0.0.1");
    let losing = false;
    const drop = () => {
      client.destroy();
      remote.destroy();
    };
    client.on("data", (data) => {
      if (loses?.(data)) {
        losing = true;
        loses = undefined;
      }
      remote.write(data);
    });
    remote.on("data", (data) => {
      if (losing) return drop();
      if (data.length <= bytesLeft) {
        bytesLeft -= data.length;
        client.write(data);
        return;
      }
      bytesLeft = Number.POSITIVE_INFINITY;
      drop();
    });
    for (const socket of [client, remote]) {
      sockets.add(socket);
      socket.on("error", drop);
      socket.on("close", () => {
        sockets.delete(socket);
        drop();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    redirect(to) {
      port = to;
      dropAll();
    },
    dropAfter(bytes) {
      bytesLeft = bytes;
    },
    loseAnswerTo(matches) {
      loses = matches;
    },
    disarm() {
      bytesLeft = Number.POSITIVE_INFINITY;
      loses = undefined;
    },
    dropAll,
    async close() {
      dropAll();
      server.close();
      await once(server, "close");
    },
  };
}
