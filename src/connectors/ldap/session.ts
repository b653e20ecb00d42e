import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { BindRequest, ExtendedRequest } from "ldapts";
import type { Call, ConnectorEnvironment } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { Connection, type Manner } from "./connection.ts";
import { codes, connectError, resultError } from "./errors.ts";
import type { LdapStore } from "./schema.ts";

const startTlsOid = "1.3.6.1.4.1.1466.20037";

/** Where a server is, and how to log in there. */
export type Endpoint = Pick<LdapStore, "url" | "plaintext" | "bind" | "ca"> & {
  /** Which of the addresses that the name leads to. Absent: any. */
  readonly address?: string | undefined;
};

/** Opens a connection that is encrypted (unless plain text is allowed) and logged in; it is handed out in no other state. */
export async function openSession(
  store: Endpoint,
  environment: ConnectorEnvironment,
  call: Call,
  manner: Manner = {},
): Promise<Connection> {
  const url = new URL(store.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "ldaps:";
  const port = url.port === "" ? (secure ? 636 : 389) : Number(url.port);
  const named = isIP(host) ? {} : { servername: host };
  const tls: ConnectionOptions = { ...named, host: store.address ?? host, minVersion: "TLSv1.2" };
  if (store.ca !== undefined) tls.ca = await environment.secret(store.ca);
  const password = await environment.secret(store.bind.password);
  // A bind with a name and no password succeeds as anonymous (RFC 4513 §5.1.2).
  if (password === "")
    throw new StoreError("Unauthenticated", `cannot bind as ${store.bind.dn}: the password is empty`);

  const socket = await established(
    store.url,
    call,
    secure ? () => connectTls({ ...tls, port }) : () => connectTcp(port, store.address ?? host),
  );
  const connection = new Connection(socket, manner);
  try {
    return await within(connection, call, async () => {
      if (!secure && store.plaintext === "Refused") await startTls(connection, store.url, tls, call);
      await bind(connection, store.bind.dn, password, call);
      return connection;
    });
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Runs work on a connection, whose operations fail when the call is aborted or out of time. */
export async function within<T>(connection: Connection, call: Call, work: () => Promise<T>): Promise<T> {
  const stop = watch(connection, call);
  try {
    return await work();
  } finally {
    stop();
  }
}

/** Cancels the call's operations on this connection when the call is aborted or out of time; returns how to stop that. */
export function watch(connection: Connection, call: Call): () => void {
  const abort = () => connection.cancel(call, "aborted");
  const timer = setTimeout(() => connection.cancel(call, "timed out"), remaining(call));
  call.signal.addEventListener("abort", abort, { once: true });
  return () => {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", abort);
  };
}

/** Milliseconds left, as a timer takes them. */
function remaining(call: Call): number {
  return Math.min(Math.max(call.deadline - Date.now(), 0), 0x7fffffff);
}

async function startTls(
  connection: Connection,
  url: string,
  tls: ConnectionOptions,
  call: Call,
): Promise<void> {
  const action = `start TLS with ${url}`;
  const request = new ExtendedRequest({ messageId: 0, oid: startTlsOid });
  const result = await connection.send(request, call, { action, writes: false });
  if (result.code !== codes.success) throw resultError(action, result);
  await connection.upgrade((socket) => established(url, call, () => connectTls({ ...tls, socket })));
}

async function bind(connection: Connection, dn: string, password: string, call: Call): Promise<void> {
  const action = `bind as ${dn}`;
  const result = await connection.send(new BindRequest({ messageId: 0, dn, password }), call, {
    action,
    writes: false,
  });
  if (result.code !== codes.success) throw resultError(action, result);
}

/** A socket once it is connected, and its certificate verified where it is TLS. */
async function established(url: string, call: Call, open: () => Socket): Promise<Socket> {
  if (call.signal.aborted) throw connectError(url, new Error("aborted"));
  const socket = open();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(new Error("aborted"));
  const timer = setTimeout(() => reject(new Error("timed out")), remaining(call));
  call.signal.addEventListener("abort", abort, { once: true });
  socket.once("encrypted" in socket ? "secureConnect" : "connect", resolve);
  socket.on("error", reject);
  socket.once("close", () => reject(new Error("the server closed the connection")));
  try {
    await promise;
    socket.removeAllListeners("close").removeListener("error", reject);
    return socket;
  } catch (error) {
    socket.destroy();
    throw connectError(url, error);
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", abort);
  }
}
