import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, type ApiRequest, type ClusterApi } from "./api.ts";
import { microTime } from "./events.ts";
import { Publisher, type StatusWrite } from "./publisher.ts";

/** An API server that answers when, and as, the test says. */
class FakeApi implements ClusterApi {
  readonly place = "fake";
  readonly namespace = "default";
  readonly sent: ApiRequest[] = [];
  readonly open: { readonly request: ApiRequest; answer(error?: ApiError): void }[] = [];

  request(request: ApiRequest): Promise<unknown> {
    this.sent.push(request);
    return new Promise((resolve, reject) => {
      request.signal?.addEventListener("abort", () => reject(request.signal?.reason));
      this.open.push({ request, answer: (error) => (error ? reject(error) : resolve({})) });
    });
  }

  /** Answers all that is under way; the work that follows has been done when it resolves. */
  async answer(...errors: (ApiError | undefined)[]): Promise<void> {
    for (const [index, { answer }] of this.open.splice(0).entries()) answer(errors[index]);
    await vi.advanceTimersByTimeAsync(0);
  }

  watch(): AsyncIterable<unknown> {
    throw new Error("nothing to watch");
  }

  async token() {
    return undefined;
  }

  async close() {}
}

const object = (name: string) => ({ kind: "Identity", namespace: "acme", name, uid: `uid-${name}` }) as const;

function write(name: string, generation: number, more: Partial<StatusWrite> = {}): StatusWrite {
  const seen = () => ({ uid: `uid-${name}`, resourceVersion: "7" });
  return { object: object(name), status: { observedGeneration: generation }, seen, ...more };
}

const generations = (requests: readonly ApiRequest[]) =>
  requests.map(({ body }) => (body as { status: { observedGeneration: number } }).status.observedGeneration);

const away = new ApiError(0, "Unreachable", "no answer");
const conflict = new ApiError(409, "Conflict", "the object has been modified");

describe("the publisher", () => {
  let api: FakeApi;
  let refused: string[];
  let publisher: Publisher;

  beforeEach(() => {
    vi.useFakeTimers();
    api = new FakeApi();
    refused = [];
    let ids = 0;
    publisher = new Publisher(api, {
      instance: "rollcall-0",
      newId: () => `id${ids++}`,
      refused: ({ message }) => refused.push(message),
    });
  });

  afterEach(() => {
    publisher.close();
    vi.useRealTimers();
  });

  test("applies a status on the server's side, as rollcall, by force, to the version last seen", async () => {
    publisher.status(write("alice", 3));
    expect(api.sent).toMatchObject([
      {
        method: "PATCH",
        path: "/apis/rollcall.dev/v1alpha1/namespaces/acme/identities/alice/status",
        query: { fieldManager: "rollcall", force: true },
        contentType: "application/apply-patch+yaml",
        body: {
          apiVersion: "rollcall.dev/v1alpha1",
          kind: "Identity",
          metadata: { name: "alice", namespace: "acme", resourceVersion: "7" },
          status: { observedGeneration: 3 },
        },
      },
    ]);
  });

  test("has one write of an object under way, and sends the newest of those that came meanwhile", async () => {
    for (const generation of [1, 2, 3, 4]) publisher.status(write("alice", generation));
    expect(generations(api.sent)).toEqual([1]);
    await api.answer();
    expect(generations(api.sent)).toEqual([1, 4]);
    await api.answer();
    expect(publisher.waiting).toBe(0);
  });

  test("has at most 64 writes under way, whatever waits", async () => {
    for (let index = 0; index < 200; index++) publisher.status(write(`person-${index}`, 1));
    expect(api.open).toHaveLength(64);
    await api.answer();
    expect(api.open).toHaveLength(64);
    await api.answer();
    await api.answer();
    await api.answer();
    expect(api.sent).toHaveLength(200);
  });

  test("tries a write that met another's again, with the version seen by then", async () => {
    let resourceVersion = "7";
    publisher.status(write("alice", 1, { seen: () => ({ uid: "uid-alice", resourceVersion }) }));
    resourceVersion = "8";
    await api.answer(conflict);
    await vi.advanceTimersByTimeAsync(100);
    expect(api.sent.at(-1)?.body).toMatchObject({ metadata: { resourceVersion: "8" } });
    await api.answer();
    expect(publisher.waiting).toBe(0);
  });

  test("prefers a newer status to trying an older one again", async () => {
    publisher.status(write("alice", 1));
    publisher.status(write("alice", 2));
    await api.answer(conflict);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(generations(api.sent)).toEqual([1, 2]);
  });

  test("never gives an object that was made anew the status of the one before", async () => {
    const dropped: string[] = [];
    let uid = "uid-alice";
    const seen = () => ({ uid, resourceVersion: "7" });
    publisher.status(write("alice", 1, { seen, dropped: () => dropped.push("alice") }));
    uid = "uid-of-another-alice";
    await api.answer(conflict);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(api.sent).toHaveLength(1);
    expect(dropped).toEqual(["alice"]);
    expect(publisher.waiting).toBe(0);
  });

  test("says nothing of an object that is gone, and tells what the server does not take", async () => {
    const dropped: string[] = [];
    for (const name of ["gone", "refused"])
      publisher.status(write(name, 1, { dropped: () => dropped.push(name) }));
    await api.answer(new ApiError(404, "NotFound", "not found"), new ApiError(422, "Invalid", "no status"));
    expect(dropped).toEqual(["gone", "refused"]);
    expect(refused).toEqual(["no status"]);
    expect(publisher.waiting).toBe(0);
  });

  test("takes what is forbidden for final only after a while: an API server that has just started knows no roles", async () => {
    publisher.status(write("alice", 1));
    const end = Date.now() + 30_000;
    while (Date.now() < end) {
      expect(refused).toEqual([]);
      await api.answer(new ApiError(403, "Forbidden", "no right"));
      await vi.advanceTimersByTimeAsync(500);
    }
    for (let tries = api.sent.length; tries <= 8; tries++) {
      await api.answer(new ApiError(403, "Forbidden", "no right"));
      await vi.advanceTimersByTimeAsync(30_000);
    }
    expect(refused).toEqual(["no right"]);
    expect(api.sent).toHaveLength(8);
  });

  test("asks a server that does not answer with one write at a time, and goes on with all when it does", async () => {
    for (let index = 0; index < 100; index++) publisher.status(write(`person-${index}`, 1));
    await api.answer(...Array.from({ length: 64 }, () => away));
    expect(api.open).toHaveLength(0);
    for (let time = 0; time < 3; time++) {
      await vi.advanceTimersByTimeAsync(40_000);
      expect(api.open).toHaveLength(1);
      await api.answer(away);
    }
    await vi.advanceTimersByTimeAsync(40_000);
    await api.answer();
    expect(api.open).toHaveLength(64);
    await api.answer();
    await api.answer();
    expect(publisher.waiting).toBe(0);
  });

  test("waits as long as the server asks for", async () => {
    publisher.status(write("alice", 1));
    await api.answer(new ApiError(429, "TooManyRequests", "later", { retryAfter: 20_000 }));
    await vi.advanceTimersByTimeAsync(19_000);
    expect(api.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(api.sent).toHaveLength(2);
  });

  test("holds no more than the newest of each object, and a thousand Events, while the server is away", async () => {
    publisher.status(write("alice", 0));
    await api.answer(away);
    const note = { type: "Normal", reason: "Converged", action: "Run", note: "", at: 0 } as const;
    for (let index = 1; index <= 5_000; index++) {
      publisher.status(write(`person-${index % 10}`, index));
      publisher.event({ ...note, object: object("alice") });
    }
    expect(publisher.waiting).toBeLessThanOrEqual(1 + 10 + 1_000);
  });

  test("says when all has arrived", async () => {
    await publisher.flush();
    publisher.status(write("alice", 1));
    let flushed = false;
    const flush = publisher.flush().then(() => {
      flushed = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(flushed).toBe(false);
    await api.answer();
    await flush;
  });

  test("leaves nothing behind when it is closed", async () => {
    publisher.status(write("alice", 1));
    publisher.status(write("bob", 1));
    const flush = publisher.flush();
    publisher.close();
    await vi.advanceTimersByTimeAsync(60_000);
    await flush;
    expect(vi.getTimerCount()).toBe(0);
    expect(api.sent).toHaveLength(2);
  });

  test("leaves nobody waiting when it is closed while the server is away", async () => {
    for (const name of ["alice", "bob"]) publisher.status(write(name, 1));
    api.open.shift()?.answer(away);
    await vi.advanceTimersByTimeAsync(0);
    const flush = publisher.flush();
    publisher.close();
    await flush;
    expect(publisher.waiting).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("makes Events as the API server takes them", async () => {
    const at = Date.UTC(2026, 2, 1, 9, 30, 15, 7);
    const long = { ...object("a".repeat(253)), kind: "Target" } as const;
    publisher.event({
      object: long,
      type: "Warning",
      reason: "HoldWaiting",
      action: "Run",
      note: "ü".repeat(2000),
      at,
    });
    const body = api.sent[0]!.body as { metadata: { name: string }; note: string };
    expect(body).toMatchObject({
      eventTime: "2026-03-01T09:30:15.007000Z",
      reportingController: "rollcall.dev/controller",
      reportingInstance: "rollcall-0",
      regarding: { kind: "Target", uid: long.uid },
    });
    expect(body.metadata.name.length).toBeLessThanOrEqual(253);
    expect(Buffer.byteLength(body.note)).toBeLessThanOrEqual(1024);
    expect(body.note).toMatch(/^ü+…$/);
  });
});

test("times of Events and Leases have six digits", () => {
  expect(microTime(0)).toBe("1970-01-01T00:00:00.000000Z");
});
