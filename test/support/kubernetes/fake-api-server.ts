import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { failure } from "./fault.ts";

export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly creationTimestamp: string;
  };
}

interface Event {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: FakeObject;
}

/** What becomes of a list or a watch, in the place of the answer. */
export type FakeFault =
  | { readonly kind: "Status"; readonly status: number; readonly retryAfter?: number }
  /** 200, and nothing. */
  | { readonly kind: "Empty" }
  | { readonly kind: "Reset" }
  /** For a watch: half an event, then the end. */
  | { readonly kind: "HalfLine" }
  | { readonly kind: "ErrorEvent"; readonly status: number };

/** A server of one kind in one namespace that does as it is told: it loses its history, fails, and falls silent when a test wants it to. */
export class FakeApiServer implements AsyncDisposable {
  readonly path = "/apis/rollcall.dev/v1alpha1/namespaces/acme/identities";
  /** Paths and queries of requests, in the order in which they came. */
  readonly seen: URL[] = [];
  readonly objects = new Map<string, FakeObject>();
  /** What other paths are answered. */
  readonly others = new Map<string, object>();
  /** Whether the kind is; to lists and watches it is unknown otherwise. */
  served = true;
  /** For the lists and watches to come, one each. */
  readonly faults: FakeFault[] = [];
  /** Awaited before each page of a list is sent. */
  onPage: () => void | Promise<void> = () => {};
  /** Events on their way, while they are slow. */
  #late: Event[] | undefined;
  readonly #server: Server;
  readonly #pageSize: number;
  readonly #watches = new Set<ServerResponse>();
  #events: Event[] = [];
  #version = 100;
  /** Nothing before it is known any more. */
  #oldest = 100;
  readonly #lists = new Map<string, readonly FakeObject[]>();

  /** Pages are no longer than `pageSize`, whatever is asked for. */
  constructor(pageSize = 3) {
    this.#pageSize = pageSize;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Its kubeconfig. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const server = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return JSON.stringify({
      clusters: [{ name: "fake", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "fake", user: { token: "secret" } }],
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake", namespace: "acme" } }],
      "current-context": "fake",
    });
  }

  /** Watches that are open. */
  get watching(): number {
    return this.#watches.size;
  }

  put(name: string): void {
    const before = this.objects.get(name)?.metadata;
    const resourceVersion = this.#next();
    const metadata = {
      ...{ name, namespace: "acme", uid: before?.uid ?? `uid-${resourceVersion}`, resourceVersion },
      ...{ generation: (before?.generation ?? 0) + 1, creationTimestamp: "2026-01-01T00:00:00Z" },
    };
    const object = {
      apiVersion: "rollcall.dev/v1alpha1",
      kind: "Identity",
      metadata,
      spec: { userName: name },
    };
    this.objects.set(name, object);
    this.#tell({ type: before ? "MODIFIED" : "ADDED", object });
  }

  delete(name: string): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    this.objects.delete(name);
    const metadata = { ...object.metadata, resourceVersion: this.#next() };
    this.#tell({ type: "DELETED", object: { ...object, metadata } });
  }

  /** What happened up to now, and pages of lists that were begun, are known no more. */
  compact(): void {
    this.#oldest = this.#version;
    this.#events = [];
    this.#lists.clear();
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: this.#next() } };
    for (const watch of this.#watches) watch.write(lineOf({ type: "BOOKMARK", object }));
  }

  /** What happens from now on is told by `deliver`. */
  delayEvents(): void {
    this.#late = [];
  }

  /** Tells of the first so many events that are on their way. */
  deliver(count: number): void {
    for (const event of this.#late?.splice(0, count) ?? []) this.#send(event);
  }

  /** Ends all watches: in good order, in the middle of a line, or by breaking the connection. */
  endWatches(how: "Order" | "HalfLine" | "Reset"): void {
    const watches = [...this.#watches];
    this.#watches.clear();
    for (const watch of watches) {
      if (how === "Reset") watch.socket?.destroy();
      else watch.end(how === "HalfLine" ? '{"type":"ADDED","obj' : undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://fake");
    this.seen.push(url);
    const watch = url.searchParams.get("watch") === "true";
    const other = this.others.get(url.pathname);
    const fault = url.pathname === this.path ? this.faults.shift() : undefined;
    if (fault) fail(fault, response);
    else if (other) response.end(JSON.stringify(other));
    else if (url.pathname !== this.path || !this.served) refuse(response, 404);
    else if (watch) this.#watch(Number(url.searchParams.get("resourceVersion")), response);
    else void this.#list(url.searchParams.get("continue"), response);
  }

  async #list(next: string | null, response: ServerResponse): Promise<void> {
    await this.onPage();
    const [version, offset] = (next ?? `${this.#version}:0`).split(":").map(Number) as [number, number];
    if (next === null) this.#lists.set(String(version), [...this.objects.values()]);
    const all = this.#lists.get(String(version));
    if (all === undefined) {
      refuse(response, 410);
      return;
    }
    const end = offset + this.#pageSize;
    const metadata = {
      resourceVersion: String(version),
      ...(end < all.length && { continue: `${version}:${end}` }),
    };
    response.end(JSON.stringify({ metadata, items: all.slice(offset, end) }));
  }

  #watch(since: number, response: ServerResponse): void {
    if (since < this.#oldest) {
      fail({ kind: "ErrorEvent", status: 410 }, response);
      return;
    }
    response.flushHeaders();
    for (const event of this.#events) {
      if (Number(event.object.metadata.resourceVersion) > since) response.write(lineOf(event));
    }
    this.#watches.add(response);
    response.on("close", () => this.#watches.delete(response));
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }

  #tell(event: Event): void {
    this.#events.push(event);
    if (this.#late) this.#late.push(event);
    else this.#send(event);
  }

  #send(event: Event): void {
    for (const watch of this.#watches) watch.write(lineOf(event));
  }
}

function fail(fault: FakeFault, response: ServerResponse): void {
  if (fault.kind === "Status") refuse(response, fault.status, fault.retryAfter);
  else if (fault.kind === "Reset") response.socket?.destroy();
  else if (fault.kind === "Empty") response.end();
  else if (fault.kind === "HalfLine") response.end('{"type":"ADDED","obj');
  else response.end(lineOf({ type: "ERROR", object: JSON.parse(failure(fault.status)) }));
}

function refuse(response: ServerResponse, status: number, retryAfter?: number): void {
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  response.writeHead(status).end(failure(status, retryAfter));
}

function lineOf(event: unknown): string {
  return `${JSON.stringify(event)}\n`;
}
