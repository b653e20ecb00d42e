import { Agent, type Dispatcher, request } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signServer } from "../support/certificates.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import type { Fault } from "../support/kubernetes/fault.ts";
import { type FaultProxy, startFaultProxy } from "../support/kubernetes/fault-proxy.ts";
import { waitFor } from "../support/wait.ts";

const namespaces = "/api/v1/namespaces";
const configMaps = `${namespaces}/default/configmaps`;

let cluster: Cluster;
let token: string;
let proxy: FaultProxy;
let client: Agent;

beforeAll(async () => {
  cluster = await startCluster();
  token = await cluster.administratorToken();
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  proxy = await startFaultProxy(cluster);
  client = new Agent({ allowH2: true, connect: { ca: proxy.ca.text } });
});
afterEach(async () => {
  await client.destroy();
  await proxy.close();
});

const ask = (path: string, options: Partial<Dispatcher.RequestOptions> = {}) =>
  request(proxy.url + path, {
    method: "GET",
    dispatcher: client,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...options,
  });
const create = (name: string) =>
  ask(configMaps, { method: "POST", body: JSON.stringify({ metadata: { name } }) });
const exists = async (name: string) => (await cluster.kubectl(["get", "configmap", name])).code === 0;

/** Resolves when the first event has come. */
async function watch(path = namespaces) {
  const { body } = await ask(`${path}?watch=true`);
  let text = "";
  const ended = (async () => {
    for await (const chunk of body) text += chunk;
    return "ended";
  })().catch(() => "cut");
  await waitFor(() => text !== "");
  return { ended, text: () => text };
}

describe.each([
  ["HTTP/2", true],
  ["HTTP/1.1", false],
])("by %s", (version, allowH2) => {
  beforeEach(() => {
    client = new Agent({ allowH2, connect: { ca: proxy.ca.text } });
  });

  test("passes requests on, and tells which have come", async () => {
    const { statusCode, body } = await ask(`${namespaces}/default`);
    expect([statusCode, await body.json()]).toMatchObject([200, { metadata: { name: "default" } }]);
    expect(proxy.seen).toEqual([{ verb: "GET", url: `${namespaces}/default` }]);
  });

  test("passes on what is sent", async () => {
    const name = version.toLowerCase().replace("/", "-");
    expect((await create(name)).statusCode).toBe(201);
    expect(await exists(name)).toBe(true);
  });

  test("ends a watch in good order, or cuts it", async () => {
    const [one, other] = [await watch(), await watch(configMaps)];
    expect(proxy.endWatches("End", { url: /namespaces\?/ })).toBe(1);
    expect(await one.ended).toBe("ended");
    expect(proxy.endWatches("Cut")).toBe(1);
    expect(await other.ended).toBe("cut");
  });

  test("breaks an answer off", async () => {
    proxy.fail({ kind: "Truncate", bytes: 20, times: 1 });
    const { statusCode, body } = await ask(namespaces);
    expect(statusCode).toBe(200);
    await expect(body.text()).rejects.toThrow();
  });

  test("drops a request before it is done, or its answer after it was", async () => {
    const [never, done] = [`never-${Number(allowH2)}`, `done-${Number(allowH2)}`];
    proxy.fail({ kind: "Drop", verb: "POST", times: 1 });
    await expect(create(never)).rejects.toThrow();
    proxy.fail({ kind: "LoseAnswer", verb: "POST", times: 1 });
    await expect(create(done)).rejects.toThrow();
    expect([await exists(never), await exists(done)]).toEqual([false, true]);
  });
});

test("leads kubectl through", async () => {
  const as = await proxy.kubeconfigFor({ token });
  const { stdout } = await cluster.kubectl(["get", "namespace", "default", "-o", "name"], { as });
  expect(stdout).toBe("namespace/default\n");
});

test("answers what it is told for requests of a verb and URL, as often as it is told", async () => {
  proxy.fail({ kind: "Answer", status: 429, retryAfter: 3, verb: "GET", url: /configmaps/, times: 1 });
  const { statusCode, headers, body } = await ask(configMaps);
  expect([statusCode, headers["retry-after"]]).toEqual([429, "3"]);
  expect(await body.json()).toMatchObject({ kind: "Status", reason: "TooManyRequests", code: 429 });
  expect((await ask(namespaces)).statusCode).toBe(200);
  expect((await ask(configMaps)).statusCode).toBe(200);
});

test("a fault is there until it is called off", async () => {
  const callOff = proxy.fail({ kind: "Answer", status: 500 });
  expect((await ask(namespaces)).statusCode).toBe(500);
  expect((await ask(namespaces)).statusCode).toBe(500);
  callOff();
  expect((await ask(namespaces)).statusCode).toBe(200);
});

test("tells a watch that it is too late", async () => {
  proxy.fail({ kind: "ErrorEvent", status: 410, verb: "WATCH" });
  const { ended, text } = await watch();
  expect(await ended).toBe("ended");
  expect(JSON.parse(text())).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
});

test("cuts each watch some time after it began", async () => {
  proxy.fail({ kind: "CutAfter", milliseconds: 50, verb: "WATCH" });
  for (let time = 1; time <= 2; time++) {
    const { body } = await ask(`${namespaces}?watch=true`);
    await expect(body.text()).rejects.toThrow();
  }
  expect(proxy.count({ verb: "WATCH" })).toBe(2);
});

test.each<Fault>([{ kind: "Delay", milliseconds: 60_000 }, { kind: "Hang" }])(
  "keeps one request waiting by %o, and no other",
  async (fault) => {
    proxy.fail({ ...fault, times: 1 });
    const stop = new AbortController();
    const unanswered = ask(namespaces, { signal: stop.signal });
    await waitFor(() => proxy.count() > 0);
    expect((await ask(namespaces)).statusCode).toBe(200);
    stop.abort();
    await expect(unanswered).rejects.toThrow();
  },
);

test("turns everybody out, and lets nobody in until it is healed", async () => {
  const { ended } = await watch();
  proxy.refuse();
  expect(await ended).toBe("cut");
  await expect(ask(namespaces)).rejects.toThrow();
  proxy.heal();
  expect((await ask(namespaces)).statusCode).toBe(200);
});

test("shows another certificate, of its own authority or of another", async () => {
  const shown = async (name: string, authority: "ca" | "other-ca") => {
    await proxy.serve(await signServer(proxy.folder, name, authority));
    await client.destroy();
    client = new Agent({ connect: { ca: proxy.ca.text } });
  };
  await shown("renewed", "ca");
  expect((await ask(namespaces)).statusCode).toBe(200);
  await shown("foreign", "other-ca");
  await expect(ask(namespaces)).rejects.toThrow(/certificate/);
});
