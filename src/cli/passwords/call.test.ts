import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Certificates, makeCertificates } from "../../../test/support/certificates.ts";
import { type Folder, makeFolder } from "../../../test/support/folder.ts";
import type { PasswordDelivery } from "../../core/model/password.ts";
import { PasswordCall } from "./call.ts";

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let folder: Folder;
let certificates: Certificates;
let server: Server;
let received: Received[] = [];
/** What is answered, one status a call; 200 when they are used up. */
let answers: number[] = [];

beforeAll(async () => {
  folder = await makeFolder("call");
  certificates = await makeCertificates(folder.path);
  const [cert, key] = await Promise.all([
    readFile(certificates.certificateFile),
    readFile(certificates.keyFile),
  ]);
  // No time-out for idle connections: on a busy machine it ends just as the next try begins, which then is one too many.
  server = createServer({ cert, key, keepAliveTimeout: 0 }, async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method, url, headers } = request;
    received.push({ method, url, authorization: headers.authorization, body: JSON.parse(body) });
    response.writeHead(answers.shift() ?? 200, { location: "https://127.0.0.1:1/elsewhere" });
    response.end("First-of-All-1 was received");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
beforeEach(() => {
  received = [];
  answers = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await folder.remove();
});

const delivery: PasswordDelivery = {
  ...{ id: "d-1", password: "First-of-All-1", mustChange: true },
  ...{ target: "people", store: "corp", identity: "ann", account: "uid=ann" },
};

async function deliver({ ca = certificates.ca.text, port = (server.address() as AddressInfo).port } = {}) {
  const call = new PasswordCall(
    {
      url: `https://127.0.0.1:${port}/passwords`,
      header: { name: "Authorization", value: { env: "TOKEN" } },
      ca: { env: "CA" },
    },
    async ({ env }) => (env === "TOKEN" ? "Bearer t0ken-of-ours" : ca),
  );
  const error: unknown = await call.deliver(delivery, AbortSignal.timeout(120_000)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error) expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/of-All|t0ken/);
  return error;
}

test("a password is posted as JSON, with the credential, and whose it is", async () => {
  expect(await deliver()).toBeUndefined();
  expect(received).toEqual([
    { method: "POST", url: "/passwords", authorization: "Bearer t0ken-of-ours", body: { ...delivery } },
  ]);
});

test("it is tried again while the service cannot, with the same id, and given up after three times", async () => {
  answers = [503, 429];
  expect(await deliver()).toBeUndefined();
  expect(received.map(({ body }) => (body as PasswordDelivery).id)).toEqual(["d-1", "d-1", "d-1"]);
  answers = [500, 500, 500, 500];
  expect(await deliver()).toMatchObject({ kind: "Unavailable", message: expect.stringContaining("500") });
  expect(answers).toEqual([500]);
});

describe("is told, and not tried again", () => {
  test.each([
    [302, "Denied", "a redirect, which is not followed"],
    [307, "Denied", "a redirect, which is not followed"],
    [401, "Denied", "renew the credential"],
    [400, "Invalid", "it answered 400"],
  ])("an answer of %i", async (status, kind, why) => {
    answers = [status];
    expect(await deliver()).toMatchObject({ kind, message: expect.stringContaining(why) });
    expect(received).toHaveLength(1);
  });
});

test("a certificate that does not fit gets no password", async () => {
  const error = await deliver({ ca: certificates.otherCa.text });
  expect(error).toMatchObject({ kind: "Unavailable", message: expect.stringContaining("certificate") });
  expect(received).toEqual([]);
});

test("a service that is away is told", async () => {
  expect(await deliver({ port: 1 })).toMatchObject({
    kind: "Unavailable",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});
