import { Attribute, Change } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession } from "../../src/connectors/ldap/session.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { asAdmin, type ConnectOptions, connect, modification, storeBlock, targetOf } from "./ad-setting.ts";
import { all, call, disposable, failure } from "./ldap-setting.ts";

let server: Samba;

beforeAll(async () => {
  server = await startSamba();
});
afterAll(() => server.stop());

function reach(more: Readonly<Record<string, unknown>> = {}, options: ConnectOptions = {}) {
  return disposable(connect(server, { store: storeBlock(server, more), ...options }));
}

async function refusal(more: Readonly<Record<string, unknown>>, options: ConnectOptions = {}) {
  await using connection = reach(more, options);
  return await failure(connection.it.fingerprint(call()));
}

describe("a session", () => {
  it.each(["ldapsUrl", "url"] as const)("is encrypted from the start or by StartTLS (%s)", async (url) => {
    await using connection = reach({ urls: [server[url]] });
    expect(await all(targetOf(connection.it, server).scan("accounts", call()))).toEqual([]);
  });

  it.each(["serviceName", "serviceDn"] as const)("is logged in by either name (%s)", async (name) => {
    const bind = { name: server[name], password: { env: "PASSWORD" } };
    await using connection = reach({ bind });
    expect(await connection.it.fingerprint(call())).toMatch(/^Active Directory: S-1-5-21-\d+-\d+-\d+$/);
  });

  it("is with one of the addresses that a name leads to, whose certificate bears that name", async () => {
    const secrets: Record<string, string> = { PASSWORD: server.servicePassword, CA: server.ca.text };
    const environment = { secret: async ({ env = "" }) => secrets[env]!, path: (path: string) => path };
    const bind = { dn: server.serviceName, password: { env: "PASSWORD" } };
    for (const url of ["ldaps://localhost", "ldap://localhost"]) {
      const endpoint = {
        url,
        plaintext: "Refused",
        bind,
        ca: { env: "CA" },
        address: server.address,
      } as const;
      const session = await openSession(endpoint, environment, call());
      expect(session.address).toBe(server.address);
      session.close();
    }
  });

  it("is not had with a server whose authority is not ours, and says what to set", async () => {
    for (const url of [server.ldapsUrl, server.url]) {
      const error = await refusal({ urls: [url] }, { secrets: { CA: server.otherCa.text } });
      expect(error.kind).toBe("Unavailable");
      expect(error.message).toMatch(/cannot trust .*; set ca to the certificate of the authority/);
    }
  });

  it("is not had by a name that the certificate does not carry", async () => {
    const error = await refusal({ urls: [`ldaps://[::ffff:${server.address}]`] });
    expect(error.message).toMatch(/put a name into url that the server's certificate carries/);
  });

  it("is not had with a directory that is no domain, and names the connector for it", async () => {
    await using other = await startOpenLdap();
    const bind = { name: other.serviceDn, password: { env: "PASSWORD" } };
    const error = await refusal(
      { urls: [other.ldapsUrl], bind },
      { secrets: { CA: other.ca.text, PASSWORD: other.servicePassword } },
    );
    expect(error).toMatchObject({
      kind: "Invalid",
      message: expect.stringContaining("use the ldap connector"),
    });
  });

  it("is never tried without a password: that would be a guest's", async () => {
    const error = await refusal({}, { secrets: { PASSWORD: "" } });
    expect(error).toMatchObject({ kind: "Unauthenticated", message: expect.stringContaining("is empty") });
  });
});

describe("a login that is refused says why", () => {
  const password = "Temporary-Passw0rd!";
  const dn = () => `CN=temporary,CN=Users,${server.suffix}`;

  beforeAll(async () => {
    await asAdmin(server, async (client) => {
      await client.add(dn(), { objectClass: "user", sAMAccountName: "temporary", userAccountControl: "514" });
      const values = [Buffer.from(`"${password}"`, "utf16le")];
      const unicodePwd = new Attribute({ type: "unicodePwd", values });
      await client.modify(dn(), new Change({ operation: "replace", modification: unicodePwd }));
    });
  });

  it.each([
    ["a wrong password", undefined, /data 52e.*; correct bind\.name or the password/],
    ["a disabled account", { userAccountControl: "514" }, /data 533.*; enable the service account/],
    ["a password to be changed first", { pwdLastSet: "0" }, /data 773.*; set it a new one/],
    ["an end that has come", { accountExpires: "133485408000000000" }, /data 701.*; take the end from/],
  ] as const)("%s", async (_, edit, words) => {
    const edits = Object.entries({ userAccountControl: "512", ...edit }).map(([name, value]) =>
      modification("replace", name, value),
    );
    await asAdmin(server, (client) => client.modify(dn(), edits));
    const bind = { name: dn(), password: { env: "PASSWORD" } };
    const error = await refusal({ bind }, { secrets: { PASSWORD: edit ? password : "wrong" } });
    expect(error.kind).toBe("Unauthenticated");
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain(password);
  });
});
