import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from "node:http2";
import { Agent } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type CaCertificate, type KeyPair, makeCertificates } from "../certificates.ts";
import { makeFolder } from "../folder.ts";
import type { Cluster } from "./cluster.ts";
import { type Fault, matches, type RequestPattern, type SeenRequest, verbOf } from "./fault.ts";
import { type Answer, cutOff, inPlaceOfAnswer, passOn } from "./fault-answer.ts";
import { type Credentials, writeKubeconfig } from "./kubeconfig.ts";

/** Stands between clients and an API server, and does wrong what it is told to, by HTTP/2 or HTTP/1.1 as clients ask. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Signed the proxy's certificate; of kubeconfigs that lead here. */
  readonly ca: CaCertificate;
  /** Signs what a test has it sign, for a change of authority. */
  readonly otherCa: CaCertificate;
  /** Where the proxy's certificates lie: `signServer(folder, "another")` makes one that the same authority signed. */
  readonly folder: string;
  /** Path of a kubeconfig that leads through the proxy. Client certificates end here, so it is for those who have tokens. */
  kubeconfigFor(credentials: Exclude<Credentials, KeyPair>, namespace?: string): Promise<string>;
  /** From now on, until it is called off by what this returns or has happened so many times. The fault told first counts. */
  fail(fault: Fault): () => void;
  /** Calls off all faults and lets new connections in. What hangs does so until it is cut. */
  heal(): void;
  /** New connections are dropped at once, and those that are there are too. */
  refuse(): void;
  /** Drops all connections, with all requests and watches. */
  cut(): void;
  /** Ends the open watches: in good order, as the API server does when their time is up, or by cutting them. How many there were. */
  endWatches(how: "End" | "Cut", pattern?: RequestPattern): number;
  /** New connections are shown this certificate; those that are there go on. */
  serve(certificate: KeyPair): Promise<void>;
  /** Requests that have come, in their order; those that were failed too. */
  readonly seen: readonly SeenRequest[];
  count(pattern?: RequestPattern): number;
  close(): Promise<void>;
}

export async function startFaultProxy(cluster: Pick<Cluster, "url" | "ca">): Promise<FaultProxy> {
  const folder = await makeFolder("fault-proxy");
  const certificates = await makeCertificates(folder.path);
  const server = createSecureServer({ allowHTTP1: true, ...(await contentOf(certificates)) });
  const upstream = new Agent({ keepAlive: true, ca: cluster.ca.text });
  const seen: SeenRequest[] = [];
  const watches = new Map<Answer, SeenRequest>();
  const sockets = new Set<Socket>();
  let faults: { readonly fault: Fault; left: number }[] = [];
  let refusing = false;

  const faultOf = (request: SeenRequest): Fault | undefined => {
    const found = faults.find(({ fault }) => matches(fault, request));
    if (found && --found.left === 0) faults = faults.filter((other) => other !== found);
    return found?.fault;
  };
  const handle = async (incoming: Http2ServerRequest, answer: Answer) => {
    const request = { verb: verbOf(incoming.method, incoming.url), url: incoming.url };
    seen.push(request);
    if (request.verb === "WATCH") {
      watches.set(answer, request);
      answer.once("close", () => watches.delete(answer));
    }
    const fault = faultOf(request);
    if (fault?.kind === "Delay") await pause(fault.milliseconds);
    if (fault && inPlaceOfAnswer(fault, answer)) return;
    passOn(incoming, answer, { to: cluster.url, agent: upstream, fault });
  };
  server.on("request", handle);
  server.on("connection", (socket: Socket) => {
    if (refusing) return socket.destroy();
    sockets.add(socket);
    socket.on("error", () => {}); // Clients may go as they please.
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("sessionError", () => {});
  server.on("tlsClientError", () => {}); // A client that refuses our certificate.
  const url = await listen(server);

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    refusing = true;
    cut();
    upstream.destroy();
    server.close();
    await folder.remove();
  };
  return {
    url,
    ca: certificates.ca,
    otherCa: certificates.otherCa,
    folder: folder.path,
    kubeconfigFor: (credentials, namespace) =>
      writeKubeconfig(folder.path, {
        url,
        caFile: certificates.ca.path,
        credentials,
        ...(namespace && { namespace }),
      }),
    fail(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      faults.push(entry);
      return () => {
        faults = faults.filter((other) => other !== entry);
      };
    },
    heal() {
      faults = [];
      refusing = false;
    },
    refuse() {
      refusing = true;
      cut();
    },
    cut,
    endWatches(how, pattern = {}) {
      const open = [...watches].filter(([answer]) => !answer.writableEnded);
      const ending = open.filter(([, request]) => matches(pattern, request));
      for (const [answer] of ending) {
        if (how === "End") answer.end();
        else cutOff(answer);
      }
      return ending.length;
    },
    serve: async (certificate) => server.setSecureContext(await contentOf(certificate)),
    seen,
    count: (pattern = {}) => seen.filter((request) => matches(pattern, request)).length,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function contentOf({ certificateFile, keyFile }: KeyPair): Promise<{ cert: Buffer; key: Buffer }> {
  return { cert: await readFile(certificateFile), key: await readFile(keyFile) };
}

async function listen(server: Http2SecureServer): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
