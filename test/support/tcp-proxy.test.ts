import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { waitFor } from "./wait.ts";

let heard = "";
let server: Server;
let proxy: TcpProxy;

beforeEach(async () => {
  heard = "";
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (piece) => {
      heard += piece;
      if (`${piece}` === "bye") socket.end("answer to bye");
      else socket.write(`answer to ${piece}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = await startTcpProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  server.close();
});

test("passes both directions on", async () => {
  const client = await dial();
  client.socket.write("one");
  await waitFor(() => client.received() === "answer to one");
});

test("passes on in order, though what is on its way is late when it is healed", async () => {
  const client = await dial();
  proxy.fail({ kind: "Delay", milliseconds: 100 });
  client.socket.write("one ");
  await waitFor(() => proxy.late > 0);
  proxy.heal();
  client.socket.write("two");
  await waitFor(() => heard.includes("two"));
  expect(heard).toBe("one two");
});

test("cuts open connections", async () => {
  const client = await dial();
  // The kernel connects them before the proxy knows.
  await waitFor(() => proxy.connections === 1);
  proxy.cut();
  await client.closed;
  await waitFor(() => proxy.connections === 0);
});

test("cuts after a number of bytes of answers, over several pieces", async () => {
  const client = await dial();
  proxy.fail({ kind: "CutAfter", bytes: 20 });
  client.socket.write("one");
  await waitFor(() => client.received() === "answer to one");
  client.socket.write("two");
  await client.closed;
  expect(client.received()).toBe("answer to oneanswer ");
});

test("swallows answers while requests arrive, until healed", async () => {
  const client = await dial();
  proxy.fail({ kind: "SwallowAnswers" });
  client.socket.write("bye");
  // That the server hangs up passes, and comes behind its answer.
  await client.closed;
  expect([heard, client.received()]).toEqual(["bye", ""]);
  proxy.heal();
  const other = await dial();
  other.socket.write("two");
  await waitFor(() => other.received() === "answer to two");
});

test("is a black hole in both directions, until healed", async () => {
  const client = await dial();
  proxy.fail({ kind: "BlackHole" });
  // That the client hangs up comes behind its request.
  client.socket.end("one");
  await client.closed;
  proxy.heal();
  const other = await dial();
  other.socket.write("two");
  await waitFor(() => other.received() === "answer to two");
  expect([heard, client.received()]).toEqual(["two", ""]);
});

test("delays what it passes on", async () => {
  const client = await dial();
  proxy.fail({ kind: "Delay", milliseconds: 20 });
  client.socket.write("one");
  await waitFor(() => client.received() === "answer to one");
});

test("refuses new connections", async () => {
  proxy.fail({ kind: "Refuse" });
  const client = await dial();
  await client.closed;
});

async function dial(): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
  const socket = connect(proxy.port, "127.0.0.1");
  let received = "";
  socket.on("error", () => {});
  socket.on("data", (piece) => {
    received += piece;
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await Promise.race([once(socket, "connect").catch(() => {}), closed]);
  return { socket, received: () => received, closed };
}
