import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:tls";
import { MessageSplitter } from "../../src/connectors/ldap/wire.ts";
import { signServer } from "../../test/support/certificates.ts";

/** Requests by operation (RFC 4511 §4.2), and the sessions they came over. */
export interface Requests {
  readonly sessions: number;
  readonly searches: number;
  readonly adds: number;
  readonly modifies: number;
  /** Beginnings and ends of sessions. */
  readonly binds: number;
  /** Renames, deletions, extended operations. */
  readonly others: number;
}

/** Between a client and its directory: ends TLS on both sides, and counts what is asked. */
export interface Meter extends AsyncDisposable {
  readonly url: string;
  /** Since the last time. */
  read(): Requests;
}

interface Metered {
  readonly ldapsUrl: string;
  readonly ca: { readonly text: string };
  /** Where the authority that signed the server's certificate is. */
  readonly folder: string;
}

const operations: Readonly<Record<number, keyof Requests>> = {
  66: "binds",
  96: "binds",
  99: "searches",
  102: "modifies",
  104: "adds",
};
const none: Requests = { sessions: 0, searches: 0, adds: 0, modifies: 0, binds: 0, others: 0 };

export async function startMeter({ ldapsUrl, ca, folder }: Metered): Promise<Meter> {
  const { hostname, port } = new URL(ldapsUrl.replace("ldaps:", "https:"));
  const pair = await signServer(folder, "meter");
  let counted = { ...none };
  const sockets = new Set<Socket>();
  const server = createServer(
    { cert: await readFile(pair.certificateFile), key: await readFile(pair.keyFile) },
    (client) => {
      const remote = connect({ host: hostname, port: Number(port || 636), ca: ca.text });
      const splitter = new MessageSplitter();
      counted.sessions += 1;
      client.on("data", (piece: Buffer) => {
        for (const message of splitter.push(piece))
          counted[operations[operationOf(message)] ?? "others"] += 1;
      });
      client.pipe(remote).pipe(client);
      for (const socket of [client, remote]) {
        sockets.add(socket);
        socket.on("error", () => {
          client.destroy();
          remote.destroy();
        });
      }
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ldaps://127.0.0.1:${(server.address() as AddressInfo).port}`,
    read() {
      const since = counted;
      counted = { ...none };
      return since;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The tag behind the message's length and its number. */
function operationOf(message: Buffer): number {
  const first = message[1]!;
  const id = 2 + (first < 0x80 ? 0 : first & 0x7f);
  return message[id + 2 + message[id + 1]!]!;
}
