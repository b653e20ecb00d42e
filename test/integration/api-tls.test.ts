import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveApi } from "../../src/server/api.ts";
import type { HttpServer } from "../../src/server/listen.ts";
import { type Certificates, makeCertificates, signServer } from "../support/certificates.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { startRollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";

let folder: Folder;
let certificates: Certificates;
let api: HttpServer;
const failures: string[] = [];

beforeAll(async () => {
  folder = await makeFolder("api-tls");
  certificates = await makeCertificates(folder.path);
  await copyFile(certificates.certificateFile, at("tls.crt"));
  await copyFile(certificates.keyFile, at("tls.key"));
  const status = { format: "rollcall.dev/status/v1", problems: { errors: 0, warnings: 0 }, targets: [] };
  const answer = async () => status;
  api = await serveApi({
    listen: { host: "0.0.0.0", port: 0 },
    certificate: { cert: at("tls.crt"), key: at("tls.key") },
    reviewer: { userOf: async () => ({ username: "ann" }), may: async () => true },
    handlers: { plan: answer, explain: answer, status: answer, journal: answer },
    now: () => 0,
    failed: ({ message }) => failures.push(message),
  });
});
afterAll(async () => {
  await api?.close();
  await folder?.remove();
});

const at = (name: string) => join(folder.path, name);
const port = () => Number(new URL(api.url).port);

/** The serial number of the certificate that is shown to who comes now. */
function serial(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(
    { port: port(), host: "127.0.0.1", servername: "localhost", ca: certificates.ca.text },
    () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.end();
    },
  ).on("error", reject);
  return promise;
}

const status = (...words: readonly string[]) =>
  startRollcall(["status", "-n", "acme", "--server", `https://localhost:${port()}`, ...words], {
    ROLLCALL_TOKEN: "any",
  }).ended;

test("with a certificate it listens anywhere, and clients check whose it is", async () => {
  expect(api.url).toMatch(/^https:\/\/0\.0\.0\.0:/);
  expect((await status("--ca-file", certificates.ca.path)).code).toBe(0);
  const { code, stderr } = await status("--ca-file", certificates.otherCa.path);
  expect([code, stderr]).toEqual([2, expect.stringContaining("cannot ask the controller")]);
});

test("a certificate that is renewed is shown without a restart; while key and certificate differ the old one is", async () => {
  const before = await serial();
  const renewed = await signServer(folder.path, "renewed");
  await copyFile(renewed.certificateFile, at("tls.crt"));
  await waitFor(() => failures.length > 0, { what: "the certificate that its key does not fit is refused" });
  expect(await serial()).toBe(before);
  await copyFile(renewed.keyFile, at("tls.key"));
  await waitFor(async () => (await serial()) !== before, { what: "the new certificate is shown" });
});

test("a certificate that cannot be read is refused at the start", async () => {
  await writeFile(at("empty"), "");
  const options = { listen: { host: "127.0.0.1", port: 0 }, now: () => 0, failed: () => {} };
  const reviewer = { userOf: async () => undefined, may: async () => false };
  const answer = async () => ({});
  const handlers = { plan: answer, explain: answer, status: answer, journal: answer };
  const given = { ...options, reviewer, handlers };
  const missing = { cert: at("nowhere"), key: at("tls.key") };
  await expect(serveApi({ ...given, certificate: missing })).rejects.toThrow(
    "cannot read the certificate's file",
  );
  await expect(
    serveApi({ ...given, certificate: { cert: at("empty"), key: at("tls.key") } }),
  ).rejects.toThrow();
});
