import { afterEach, describe, expect, test } from "vitest";
import { serveApi } from "./api.ts";
import type { ApiHandlers } from "./api-routes.ts";
import type { Ask, Reviewer } from "./authorise.ts";
import type { HttpServer } from "./listen.ts";
import { Refusal } from "./refusal.ts";

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Knows `good`, who may do everything, and `poor`, who may do nothing. */
function reviewer(): Reviewer & { reviews: number; readonly asked: Ask[] } {
  return {
    reviews: 0,
    asked: [],
    async userOf(token) {
      this.reviews++;
      return ["good", "poor"].includes(token) ? { username: token } : undefined;
    },
    async may({ username }, ask) {
      this.asked.push(ask);
      return username === "good";
    },
  };
}

const handlers: ApiHandlers = {
  plan: async (namespace, request) => ({ what: "plan", namespace, request }),
  explain: async (namespace, request) => ({ what: "explain", namespace, request }),
  status: async (namespace, request) => ({ what: "status", namespace, request }),
  journal: async (namespace, request) => ({ what: "journal", namespace, request }),
};

async function served(given: Partial<Parameters<typeof serveApi>[0]> = {}) {
  const told: Error[] = [];
  const server = await serveApi({
    listen: { host: "127.0.0.1", port: 0 },
    reviewer: reviewer(),
    handlers,
    now: () => 0,
    failed: (error) => told.push(error),
    ...given,
  });
  servers.push(server);
  const ask = (path: string, init: RequestInit & { token?: string } = {}) => {
    const { token = "good", headers, ...rest } = init;
    const bearer: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
    return fetch(`${server.url}/v1/namespaces/acme${path}`, { ...rest, headers: { ...bearer, ...headers } });
  };
  const plan = (body: unknown, init: RequestInit & { token?: string } = {}) =>
    ask("/plan", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json" },
      ...init,
    });
  return { server, told, ask, plan };
}

describe("who may ask", () => {
  test("nobody without a token, nor with one that the cluster does not know", async () => {
    const { ask } = await served();
    for (const token of ["", "bad", "two words"]) {
      const response = await ask("/status", { token });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await response.json()).toMatchObject({ kind: "Status", reason: "Unauthorized", code: 401 });
    }
  });

  test.each([
    ["/status", "get", "statuses"],
    ["/journal", "get", "journals"],
    ["/explain/ada", "get", "explanations"],
    ["/plan", "create", "plans"],
  ])("%s needs %s on %s, and says so", async (path, verb, resource) => {
    const { ask } = await served();
    const response = await ask(path, { token: "poor", method: path === "/plan" ? "POST" : "GET" });
    expect(response.status).toBe(403);
    const { message, reason } = (await response.json()) as { message: string; reason: string };
    expect(reason).toBe("Forbidden");
    expect(message).toContain(
      `User "poor" cannot ${verb} resource "${resource}" in API group "rollcall.dev" in the namespace "acme"`,
    );
  });

  test("the right to explain can be given for one identity", async () => {
    const asking = reviewer();
    const { ask } = await served({ reviewer: asking });
    await ask("/explain/ada");
    expect(asking.asked).toEqual([{ verb: "get", resource: "explanations", namespace: "acme", name: "ada" }]);
  });

  test("whose a token is is asked once in ten seconds, what they may do each time", async () => {
    let now = 0;
    const asking = reviewer();
    const { ask } = await served({ reviewer: asking, now: () => now });
    for (now of [0, 9_999, 10_000]) expect((await ask("/status")).status).toBe(200);
    expect([asking.reviews, asking.asked.length]).toEqual([2, 3]);
  });

  test("while the cluster cannot be asked nobody is let in, and no word of its error gets out", async () => {
    const { ask } = await served({
      reviewer: { ...reviewer(), userOf: () => Promise.reject(new Error("secret")) },
    });
    const response = await ask("/status");
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await response.text()).not.toContain("secret");
  });

  test("a body is not read before its sender is known", async () => {
    const { plan } = await served();
    expect((await plan("no json", { token: "poor" })).status).toBe(403);
  });
});

describe("what can be asked", () => {
  test("each question gets to its handler with what was asked", async () => {
    const { ask, plan } = await served();
    const answers = [
      await ask("/status?target=a&target=b"),
      await ask("/journal?last=5&identity=ada&since=1000"),
      await ask("/explain/ada%20b?if=title=X&if=department="),
      await plan({ put: [{ manifest: { kind: "Grant" } }], full: true }),
    ];
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      { what: "status", namespace: "acme", request: { targets: ["a", "b"] } },
      { what: "journal", namespace: "acme", request: { last: 5, identity: "ada", since: 1000 } },
      {
        what: "explain",
        namespace: "acme",
        request: { identity: "ada b", edits: ["title=X", "department="] },
      },
      {
        what: "plan",
        namespace: "acme",
        request: { put: [{ manifest: { kind: "Grant" } }], remove: [], full: true },
      },
    ]);
  });

  test.each([
    ["GET", "/nothing", 404],
    ["GET", "/explain", 404],
    ["GET", "/status/more", 404],
    ["GET", "/../Bad_Name/status", 404],
    ["GET", "/explain/%E0%A4%A", 404],
    ["POST", "/status", 405],
    ["GET", "/plan", 405],
    ["GET", "/journal?last=0", 400],
    ["GET", "/journal?last=many", 400],
  ])("%s %s is refused", async (method, path, code) => {
    const { ask } = await served();
    const response = await ask(path, { method });
    expect([response.status, ((await response.json()) as { code: number }).code]).toEqual([code, code]);
  });

  test("a body that is no JSON, not that of a plan, of another type or too large is refused", async () => {
    const { plan } = await served({ largestBody: 100 });
    const codes = [
      await plan("{"),
      await plan({ put: 1 }),
      await plan({}, { headers: { "content-type": "text/yaml" } }),
      await plan({ put: [{ manifest: { big: "x".repeat(100) } }] }),
    ].map(({ status }) => status);
    expect(codes).toEqual([400, 400, 415, 413]);
  });

  test("what a handler refuses is told, what fails otherwise only that it did", async () => {
    const { ask, told } = await served({
      handlers: {
        ...handlers,
        status: () => Promise.reject(new Refusal(404, "no such namespace")),
        journal: () => Promise.reject(new Error("postgres://user:secret@host")),
      },
    });
    expect(await (await ask("/status")).json()).toMatchObject({ code: 404, message: "no such namespace" });
    const failed = await ask("/journal");
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain("secret");
    expect(told).toHaveLength(1);
  });
});

describe("how much can be asked", () => {
  test("one plan is made at a time, three wait, and the next is told to come back", async () => {
    let running = 0;
    let most = 0;
    let started = 0;
    const { promise: open, resolve } = Promise.withResolvers<void>();
    const plans = async () => {
      started++;
      most = Math.max(most, ++running);
      await open;
      running--;
      return {};
    };
    const { plan } = await served({ handlers: { ...handlers, plan: plans } });
    const all = Array.from({ length: 5 }, () => plan({}));
    const first = await Promise.race(all);
    expect([first.status, first.headers.get("retry-after")]).toEqual([429, "5"]);
    resolve();
    const codes = (await Promise.all(all)).map(({ status }) => status).sort();
    expect(codes).toEqual([200, 200, 200, 200, 429]);
    expect([most, started]).toEqual([1, 4]);
  });

  test("who goes away leaves its place to the next, and its work is told", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const plans = (_: string, __: unknown, signal: AbortSignal) => {
      begin();
      return new Promise<unknown>((_done, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    };
    const { plan, ask } = await served({ handlers: { ...handlers, plan: plans } });
    const leave = new AbortController();
    const left = plan({}, { signal: leave.signal }).catch(() => "left");
    await begun;
    const waiting = ask("/explain/ada");
    leave.abort();
    expect(await left).toBe("left");
    expect((await waiting).status).toBe(200);
  });
});

test("it does not listen where others could without TLS", async () => {
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "::ffff:0.0.0.0", "example.org"])
    await expect(served({ listen: { host, port: 0 } })).rejects.toThrow("without TLS");
});
