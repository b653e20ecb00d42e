import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { type ControlAnswer, type ControlRequest, controlRequest } from "./protocol.ts";

/** Bytes that a socket's path may have (sun_path of unix(7), its end mark included). */
const longestPath = 107;

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Answers requests on a Unix socket that only its owner can open. Whoever calls this holds the state's writing lock, so a socket
 * that is there was left behind by a process that was killed.
 */
export async function serveControl(
  path: string,
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlServer> {
  if (Buffer.byteLength(path) > longestPath)
    throw new Error(
      `cannot listen at ${path}: a socket's path has at most ${longestPath} bytes; name a shorter --state`,
    );
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket, handle).catch(() => socket.destroy());
  });
  rmSync(path, { force: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  // The socket is made within `listen`: nobody can open it in between.
  const mask = process.umask(0o177);
  server.listen(path, resolve);
  process.umask(mask);
  await promise;
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of open) socket.destroySoon();
      }),
  };
}

async function serve(
  socket: Socket,
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<void> {
  for await (const line of createInterface({ input: socket })) {
    const answer = await answerTo(line, handle);
    socket.write(`${JSON.stringify(answer)}\n`);
  }
  socket.end();
}

async function answerTo(
  line: string,
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  try {
    return await handle(controlRequest.parse(JSON.parse(line)));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return { ok: false, error: "the controller does not know this request: is it of another version?" };
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}
