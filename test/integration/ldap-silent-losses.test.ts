import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { StoreConnection } from "../../src/connectors/contract.ts";
import { ldapConnector } from "../../src/connectors/ldap/ldap.ts";
import { type FakeLdap, type Manners, type Reply, startFakeLdap } from "../support/fake-ldap.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import {
  all,
  apply,
  asAdmin,
  call,
  connect,
  disposable,
  failure,
  person,
  storeBlock,
  targetOf,
} from "./ldap-setting.ts";

const base = "ou=people,dc=example,dc=org";
const search = 0x63;
const uuid = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, "0")}`;
const version = "20260101000000.000000Z#000000#000#000000";

function found(reply: Reply, n: number, more: Readonly<Record<string, readonly string[]>> = {}): void {
  reply.entry(`uid=u${n},${base}`, { entryUUID: [uuid(n)], entryCSN: [version], ...more });
}

function connectTo(server: FakeLdap, more: Readonly<Record<string, unknown>> = {}): StoreConnection {
  const bind = { dn: "cn=rollcall,dc=example,dc=org", password: { env: "PASSWORD" } };
  const store = { url: server.url, plaintext: "Allowed", bind, ...more };
  return ldapConnector.connect(ldapConnector.storeSchema.parse(store), {
    secret: async () => "secret",
    path: (path) => path,
  });
}

/** Scans a server that searches below `base` in this way. */
async function scan(manners: Manners) {
  await using server = await startFakeLdap(manners);
  await using connection = disposable(connectTo(server));
  return await all(targetOf(connection.it, { bases: [base] }).scan("accounts", call()));
}

const searching =
  (answer: (reply: Reply, time: number) => void): Manners =>
  ({ operation, name, time }, reply) => {
    if (operation !== search || name !== base) return false;
    answer(reply, time);
    return true;
  };

describe("a list that is not whole is never taken for one", () => {
  it("an empty page that carries a cookie goes on to the next", async () => {
    const pages = searching((reply, time) => {
      if (time === 0) found(reply, 1);
      if (time === 3) found(reply, 2);
      reply.done(0, "", time < 3 ? `page ${time}` : "");
    });
    expect((await scan(pages)).map((one) => one.anchor)).toEqual([uuid(1), uuid(2)]);
  });

  it.each([
    [3, "time limit exceeded"],
    [4, "size limit exceeded"],
    [11, "administrative limit exceeded"],
    [52, "unavailable"],
  ])("a page that ends with result %i is an error: %s", async (code, words) => {
    const error = await failure(
      scan(
        searching((reply) => {
          found(reply, 1);
          reply.done(code);
        }),
      ),
    );
    expect([error.kind, error.message]).toEqual(["Unavailable", expect.stringContaining(words)]);
  });

  it("a search that finds its base missing is an error", async () => {
    const error = await failure(scan(searching((reply) => reply.done(32))));
    expect(error.kind).toBe("NotFound");
  });

  it("a reference to another server is an error that names it", async () => {
    const error = await failure(
      scan(
        searching((reply) => {
          found(reply, 1);
          reply.reference("ldap://other.example.org/ou=more");
          reply.done();
        }),
      ),
    );
    expect([error.kind, error.message]).toEqual([
      "Unavailable",
      expect.stringContaining("ldap://other.example.org/ou=more"),
    ]);
  });

  it("an entry whose anchor is hidden is an error", async () => {
    const error = await failure(
      scan(
        searching((reply) => {
          reply.entry(`uid=hidden,${base}`, { entryCSN: [version] });
          reply.done();
        }),
      ),
    );
    expect([error.kind, error.message]).toEqual(["Denied", expect.stringContaining(`uid=hidden,${base}`)]);
  });

  it("bytes that are no LDAP are an error", async () => {
    await using server = await startFakeLdap(({ operation, name, socket }) => {
      if (operation !== search || name !== base) return false;
      socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
      return true;
    });
    await using connection = disposable(connectTo(server));
    expect(
      (await failure(all(targetOf(connection.it, { bases: [base] }).scan("accounts", call())))).kind,
    ).toBe("Unavailable");
  });

  it("a session that the server ends is an error in the server's words", async () => {
    await using server = await startFakeLdap(({ operation, name, socket }) => {
      if (operation !== search || name !== base) return false;
      // A notice of disconnection (RFC 4511 §4.4.1) has no request.
      const notice =
        "30240201007816" +
        "0a0134" +
        "0400" +
        "040f" +
        Buffer.from("shutting down!!").toString("hex") +
        "0c000c000c000c000c000c00";
      const bytes = Buffer.from(notice, "hex").subarray(0, 29);
      bytes[1] = 27;
      bytes[6] = 22;
      socket.write(bytes);
      return true;
    });
    await using connection = disposable(connectTo(server));
    const error = await failure(all(targetOf(connection.it, { bases: [base] }).scan("accounts", call())));
    expect([error.kind, error.message]).toEqual(["Unavailable", expect.stringContaining("shutting down")]);
  });
});

const answer = searching((reply) => {
  found(reply, 1);
  reply.done();
});

describe("nothing runs without the login that came first", () => {
  it("calls that start together each wait for a login of their own connection", async () => {
    const firsts = new Map<unknown, number>();
    await using server = await startFakeLdap((request, reply) => {
      if (!firsts.has(request.socket)) firsts.set(request.socket, request.operation);
      return answer(request, reply);
    });
    await using connection = disposable(connectTo(server, { connections: 3 }));
    const connector = targetOf(connection.it, { bases: [base] });
    await Promise.all(Array.from({ length: 6 }, () => all(connector.scan("accounts", call()))));
    const bind = 0x60;
    expect([...firsts.values()]).toEqual([bind, bind, bind]);
  });

  it("a connection that was lost is replaced by one that has logged in: the directory does not look empty", async () => {
    await using server = await startOpenLdap();
    await using proxy = disposable(await startTcpProxy(server.port));
    await using connection = disposable(
      connect(server, storeBlock(server, { url: `ldap://127.0.0.1:${proxy.it.port}` })),
    );
    const connector = targetOf(connection.it, { bases: [server.peopleDn] });
    await apply(connector, person(server, "ada"));
    proxy.it.cut();
    const seen = await all(connector.scan("accounts", call())).catch(() =>
      all(connector.scan("accounts", call())),
    );
    expect(seen).toHaveLength(1);
  });

  it("a server that says it is unavailable is asked over a new connection", async () => {
    await using server = await startFakeLdap(searching((reply, time) => reply.done(time === 0 ? 52 : 0)));
    await using connection = disposable(connectTo(server));
    const connector = targetOf(connection.it, { bases: [base] });
    expect((await failure(all(connector.scan("accounts", call())))).kind).toBe("Unavailable");
    expect(await all(connector.scan("accounts", call()))).toEqual([]);
    const binds = server.seen.filter((line) => line.startsWith("60 "));
    expect(binds).toHaveLength(2);
  });

  it("an empty password is refused before it is sent: the server would take it for anonymous", async () => {
    await using server = await startFakeLdap(() => false);
    const bind = { dn: "cn=rollcall,dc=example,dc=org", password: { env: "EMPTY" } };
    const store = ldapConnector.storeSchema.parse({ url: server.url, plaintext: "Allowed", bind });
    const connection = ldapConnector.connect(store, { secret: async () => "", path: (path) => path });
    const error = await failure(connection.fingerprint(call()));
    expect([error.kind, error.message]).toEqual([
      "Unauthenticated",
      expect.stringContaining("the password is empty"),
    ]);
    expect(server.seen).toEqual([]);
  });
});

describe("an operation that gets no answer", () => {
  it("fails alone when its time is over, and leaves its peers alone", async () => {
    await using server = await startFakeLdap(({ operation, name }, reply) => {
      if (operation !== search || !name.startsWith("ou=")) return false;
      if (name === base) {
        found(reply, 1);
        reply.done();
      }
      return true; // Nothing is ever said of other places.
    });
    await using connection = disposable(connectTo(server, { connections: 2 }));
    const silent = targetOf(connection.it, { bases: ["ou=silent,dc=example,dc=org"] });
    const lively = targetOf(connection.it, { bases: [base] });
    const error = failure(all(silent.scan("accounts", call(300))));
    expect(await all(lively.scan("accounts", call()))).toHaveLength(1);
    expect(await error).toMatchObject({ kind: "Unavailable", message: expect.stringContaining("timed out") });
    expect(await all(lively.scan("accounts", call()))).toHaveLength(1);
  });

  it("is in doubt where it was a change", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    await using server = await startFakeLdap(({ operation }) => {
      if (operation !== 0x68) return false;
      // Only now that it was sent its time is over, however long all before it took.
      vi.advanceTimersByTime(300);
      return true;
    });
    await using connection = disposable(connectTo(server));
    const connector = targetOf(connection.it, { bases: [base] });
    const change = { id: 1, kind: "create", name: `cn=ada,${base}`, attributes: {}, enabled: true } as const;
    const [outcome] = await Array.fromAsync(connector.apply([change], call(300)));
    expect(outcome).toMatchObject({ ok: false, error: { kind: "InDoubt" } });
  });

  it("is not in doubt before the commit of its transaction was sent", async () => {
    await using server = await startFakeLdap(({ operation, socket }) => {
      if (operation !== 0x68) return false;
      socket.destroy();
      return true;
    });
    await using connection = disposable(connectTo(server, { transactions: "Auto" }));
    const outcomes = await Array.fromAsync(
      targetOf(connection.it, { bases: [base] }).apply(creations(60), call()),
    );
    expect(new Set(outcomes.map((one) => (one.ok ? "ok" : one.error.kind)))).toEqual(
      new Set(["Unavailable"]),
    );
  });

  it("leaves all of its transaction in doubt once the commit was sent", async () => {
    await using server = await startFakeLdap(({ operation, name, socket }) => {
      if (operation !== 0x77 || name !== "1.3.6.1.1.21.3") return false;
      socket.destroy();
      return true;
    });
    await using connection = disposable(connectTo(server, { transactions: "Auto" }));
    const outcomes = await Array.fromAsync(
      targetOf(connection.it, { bases: [base] }).apply(creations(60), call()),
    );
    expect(new Set(outcomes.map((one) => (one.ok ? "ok" : one.error.kind)))).toEqual(new Set(["InDoubt"]));
  });
});

it("a version that somebody else has made since the commit is not taken for ours", async () => {
  await using server = await startFakeLdap(({ operation, name }, reply) => {
    if (operation !== search || !name.startsWith("cn=person-")) return false;
    const n = Number(/\d+/.exec(name)![0]);
    const modifiersName = [n === 7 ? "cn=somebody,dc=example,dc=org" : "CN=rollcall, dc=example,dc=org"];
    reply.entry(name, { entryUUID: [uuid(n)], entryCSN: [version], modifiersName });
    reply.done();
    return true;
  });
  await using connection = disposable(connectTo(server, { transactions: "Auto" }));
  const outcomes = await Array.fromAsync(
    targetOf(connection.it, { bases: [base] }).apply(creations(60), call()),
  );
  expect(outcomes.filter((one) => one.ok && one.version === undefined).map((one) => one.id)).toEqual([7]);
});

const creations = (count: number) =>
  Array.from({ length: count }, (_, id) => {
    const name = `cn=person-${id},${base}`;
    return { id, kind: "create", name, attributes: { objectClass: ["person"] }, enabled: true } as const;
  });

it("a size limit of the server that paging does not lift is an error with its cure", async () => {
  const reader = "cn=reader,dc=example,dc=org";
  await using server = await startOpenLdap({ limits: { [reader]: "size.prtotal=10" } });
  await asAdmin(server, async (client) => {
    for (let n = 0; n < 20; n++)
      await client.add(`uid=u${n},${server.peopleDn}`, { objectClass: "inetOrgPerson", cn: "x", sn: "x" });
  });
  const store = storeBlock(server, {
    bind: { dn: server.readerDn, password: { env: "READER" } },
    pageSize: 5,
  });
  await using connection = disposable(connect(server, store, { READER: server.readerPassword }));
  const error = await failure(
    all(targetOf(connection.it, { bases: [server.peopleDn] }).scan("accounts", call())),
  );
  expect([error.kind, error.message]).toEqual([
    "Unavailable",
    expect.stringMatching(/limit exceeded.*raise the limits/),
  ]);
});
