import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoreConnection } from "../../src/connectors/contract.ts";
import { startFakeLdap } from "../support/fake-ldap.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import { call, connect, disposable, failure, storeBlock, targetOf } from "./ldap-setting.ts";

let server: OpenLdap;

beforeAll(async () => {
  server = await startOpenLdap();
});
afterAll(() => server.stop());

const encrypted = (url: string, ca?: string) =>
  storeBlock(server, { url, plaintext: "Refused", ...(ca !== undefined && { ca: { env: ca } }) });
const secrets = () => ({ CA: server.ca.text, OTHER: server.otherCa.text });
const opened = (store: unknown): StoreConnection => connect(server, store, secrets());

describe("an encrypted session", () => {
  it.each(["ldaps", "StartTLS"])(
    "is made by %s when the CA has signed the server's certificate",
    async (way) => {
      const url = way === "ldaps" ? server.ldapsUrl : server.url;
      await using connection = disposable(opened(encrypted(url, "CA")));
      expect(await connection.it.fingerprint(call())).toContain(server.suffix);
      expect((await targetOf(connection.it, {}).check(call())).problems).toEqual([]);
    },
  );

  it.each([
    ["ldaps", "OTHER"],
    ["StartTLS", "OTHER"],
    ["ldaps", undefined],
    ["StartTLS", undefined],
  ])("is refused by %s when the CA is %s, and the error names the cure", async (way, ca) => {
    const url = way === "ldaps" ? server.ldapsUrl : server.url;
    await using connection = disposable(opened(encrypted(url, ca)));
    const error = await failure(connection.it.fingerprint(call()));
    expect([error.kind, error.message]).toEqual(["Unavailable", expect.stringContaining("set ca to")]);
  });

  it("is refused when the certificate is another host's", async () => {
    const store = encrypted(server.ldapsUrl.replace("127.0.0.1", "127.0.0.2"), "CA");
    await using proxy = disposable(opened(store));
    const error = await failure(proxy.it.fingerprint(call()));
    expect(error.kind).toBe("Unavailable");
  });

  it("sends nothing in clear: no password to a server that cannot do StartTLS", async () => {
    await using plain = await startFakeLdap(({ operation }, reply) => {
      if (operation !== 0x77) return false;
      reply.done(2, "unsupported extended operation");
      return true;
    });
    await using connection = disposable(opened(encrypted(plain.url)));
    const error = await failure(connection.it.fingerprint(call()));
    expect(error.message).toContain("cannot start TLS");
    expect(plain.seen.filter((line) => line.startsWith("60"))).toEqual([]);
  });

  it("takes no answer that came before TLS did", async () => {
    await using plain = await startFakeLdap(({ operation }, reply) => {
      if (operation !== 0x77) return false;
      reply.done();
      reply.entry("", { namingContexts: ["dc=evil"] });
      return true;
    });
    await using connection = disposable(opened(encrypted(plain.url)));
    expect((await failure(connection.it.fingerprint(call()))).kind).toBe("Unavailable");
    expect(plain.seen.filter((line) => line.startsWith("60"))).toEqual([]);
  });
});

describe("a session", () => {
  it("to nobody is Unavailable, and says where", async () => {
    const url = "ldap://127.0.0.1:9";
    await using connection = disposable(opened(storeBlock(server, { url })));
    const error = await failure(connection.it.fingerprint(call()));
    expect([error.kind, error.message]).toEqual(["Unavailable", expect.stringContaining(url)]);
  });

  it("to a server that never answers ends with its call", async () => {
    await using silent = await startFakeLdap(() => true);
    await using connection = disposable(opened(storeBlock(server, { url: silent.url })));
    const error = await failure(connection.it.fingerprint(call(200)));
    expect([error.kind, error.message]).toEqual(["Unavailable", expect.stringContaining("timed out")]);
  });

  it("never shows its password in an error", async () => {
    const bind = { dn: server.serviceDn, password: { env: "WRONG" } };
    await using connection = disposable(
      connect(server, storeBlock(server, { bind }), { WRONG: "hunter2-secret" }),
    );
    const error = await failure(connection.it.fingerprint(call()));
    expect(error.kind).toBe("Unauthenticated");
    expect(error.message).toContain(server.serviceDn);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error.stack)).not.toContain(
      "hunter2",
    );
  });

  it("is shared fairly: more calls than connections all end", async () => {
    await using connection = disposable(opened(storeBlock(server, { connections: 2 })));
    const prints = await Promise.all(Array.from({ length: 20 }, () => connection.it.fingerprint(call())));
    expect(new Set(prints).size).toBe(1);
  });
});

it("a restarted server keeps its fingerprint", async () => {
  await using own = await startOpenLdap();
  await using connection = disposable(connect(own));
  const before = await connection.it.fingerprint(call());
  await own.restart();
  const after = await connection.it.fingerprint(call()).catch(() => connection.it.fingerprint(call()));
  expect(after).toBe(before);
});
