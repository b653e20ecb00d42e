import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { Client } from "ldapts";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { DirectoryServer } from "./directory-server.ts";
import { startDs389 } from "./ds389.ts";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { startMariadb } from "./mariadb.ts";
import { mysqlTestedOn, startMysql } from "./mysql.ts";
import { startOpenLdap } from "./openldap.ts";
import { startPostgres } from "./postgres.ts";
import { startSamba } from "./samba.ts";
import { ServerProcess } from "./server-process.ts";
import { waitFor } from "./wait.ts";

const directories = {
  OpenLDAP: {
    start: startOpenLdap,
    startLimited: () => startOpenLdap({ limits: { "cn=reader,dc=example,dc=org": "size=2" } }),
  },
  "389 Directory Server": {
    start: startDs389,
    startLimited: () => startDs389({ settings: { "cn=config": { "nsslapd-sizelimit": "2" } } }),
  },
};

for (const [name, { start, startLimited }] of Object.entries(directories))
  describe(name, () => {
    test("lets the service account write, and the reader read", async () => {
      await using server = await start();
      const alice = `uid=alice,${server.peopleDn}`;
      const entry = { objectClass: "inetOrgPerson", uid: "alice", cn: "Alice", sn: "A" };
      await withClient(server.url, async (client) => {
        await client.bind(server.readerDn, server.readerPassword);
        await expect(client.add(alice, entry)).rejects.toMatchObject({ code: 50 });
        await client.bind(server.serviceDn, server.servicePassword);
        await client.add(alice, entry);
        await client.bind(server.readerDn, server.readerPassword);
        expect(await peopleCount(client, server)).toBe(1);
      });
    });

    test("looks empty, without an error, to whoever is not logged in", async () => {
      await using server = await start({ ldif: person("uid=alice,ou=people,dc=example,dc=org") });
      await withClient(server.url, async (client) => expect(await peopleCount(client, server)).toBe(0));
    });

    test("limits what an identity may read, where a test says so", async () => {
      await using server = await startLimited();
      await withClient(server.url, async (client) => {
        await client.bind(server.readerDn, server.readerPassword);
        await expect(client.search(server.suffix)).rejects.toMatchObject({ code: 4 });
      });
    });

    test("has a certificate that its own CA vouches for, and no other", async () => {
      await using server = await start();
      const trusting = { ca: [server.ca.text] };
      await withClient(
        server.ldapsUrl,
        (client) => client.bind(server.readerDn, server.readerPassword),
        trusting,
      );
      const wrong = { ca: [server.otherCa.text] };
      const bind = (client: Client) => client.bind(server.readerDn, server.readerPassword);
      await expect(withClient(server.ldapsUrl, bind, wrong)).rejects.toThrow(/certificate/);
    });

    test("comes back with its data after it was killed", async () => {
      await using server = await start({ ldif: person("uid=alice,ou=people,dc=example,dc=org") });
      await server.kill();
      await expect(withClient(server.url, (client) => client.bind("", ""))).rejects.toThrow();
      await server.restart();
      await withClient(server.url, async (client) => {
        await client.bind(server.serviceDn, server.servicePassword);
        expect(await peopleCount(client, server)).toBe(1);
      });
    });
  });

test("389 Directory Server starts with settings and access rules of a test's own", async () => {
  const hidden = `(targetattr="mail")(version 3.0; acl "hide"; deny (all) userdn="ldap:///anyone";)`;
  const settings = { "cn=USN,cn=plugins,cn=config": { "nsslapd-pluginEnabled": "off" } };
  const ldif = `${person("uid=alice,ou=people,dc=example,dc=org")}mail: alice@example.org\n`;
  await using server = await startDs389({ settings, rules: [hidden], ldif });
  await withClient(server.url, async (client) => {
    await client.bind(server.serviceDn, server.servicePassword);
    const { searchEntries } = await client.search(`uid=alice,${server.peopleDn}`, {
      attributes: ["uid", "mail", "entryusn"],
    });
    expect(searchEntries).toMatchObject([{ uid: "alice", mail: [], entryusn: [] }]);
  });
});

describe("Samba", () => {
  test("lets the service account manage what was delegated to it, and nothing else, and the reader read", async () => {
    await using server = await startSamba();
    const user = (name: string) => ({ objectClass: "user", sAMAccountName: name, userAccountControl: "514" });
    const trusting = { ca: [server.ca.text] };
    const work = async (client: Client) => {
      await client.bind(server.readerDn, server.readerPassword);
      await expect(client.add(`CN=ada,${server.peopleDn}`, user("ada"))).rejects.toThrow(/access/i);
      await client.bind(server.serviceName, server.servicePassword);
      await client.add(`CN=ada,${server.peopleDn}`, user("ada"));
      await expect(client.add(`CN=eve,CN=Users,${server.suffix}`, user("eve"))).rejects.toThrow(/access/i);
      await expect(client.del(server.readerDn)).rejects.toThrow(/access/i);
    };
    await withClient(server.ldapsUrl, work, trusting);
    const wrong = { ca: [server.otherCa.text] };
    const bind = (client: Client) => client.bind(server.readerDn, server.readerPassword);
    await expect(withClient(server.ldapsUrl, bind, wrong)).rejects.toThrow(/certificate/);
  });

  test("comes back with its data after it was killed, and can be replaced by another domain", async () => {
    await using server = await startSamba();
    const read = async () => {
      const client = new Client({ url: server.ldapsUrl, tlsOptions: { ca: [server.ca.text] } });
      await client.bind(server.readerDn, server.readerPassword);
      const { searchEntries } = await client.search(server.suffix, {
        scope: "base",
        attributes: ["objectSid"],
        explicitBufferAttributes: ["objectSid"],
      });
      await client.unbind();
      return searchEntries[0]?.objectSid;
    };
    const domain = await read();
    await server.kill();
    await server.restart();
    expect(await read()).toEqual(domain);
    await server.replace();
    expect(await read()).not.toEqual(domain);
  });
});

describe("PostgreSQL", () => {
  test("gives each caller a database of its own, and keeps it over a crash", async () => {
    await using server = await startPostgres();
    const [one, other] = await Promise.all([server.createDatabase(), server.createDatabase()]);
    await query(one, "create table person (name text)");
    await server.kill();
    await server.restart();
    expect(await query(one, "select * from person")).toEqual([]);
    await expect(query(other, "select * from person")).rejects.toThrow(/does not exist/);
  });

  test("refuses a wrong password", async () => {
    await using server = await startPostgres();
    await expect(query(server.url.replace("postgres-secret", "wrong"), "select 1")).rejects.toThrow(
      /password/,
    );
  });
});

describe.each([
  ["MariaDB", "MariaDB", startMariadb],
  ["for MySQL's dialect", mysqlTestedOn, startMysql],
] as const)("a server %s", (_, product, start) => {
  test("gives each caller a database of its own, and keeps it over a crash", async () => {
    await using server = await start();
    expect(server.product).toBe(product);
    const [one, other] = await Promise.all([server.createDatabase(), server.createDatabase()]);
    await queryMariadb(one, "create table person (name text)");
    await server.kill();
    await server.restart();
    expect(await queryMariadb(one, "select * from person")).toEqual([]);
    await expect(queryMariadb(other, "select * from person")).rejects.toThrow(/doesn't exist/);
  });

  test("refuses a wrong password", async () => {
    await using server = await start();
    const wrong = server.url.replace("owner-secret", "wrong");
    await expect(queryMariadb(wrong, "select 1")).rejects.toThrow(/Access denied/);
  });
});

test("a server dies with the process that started it, even by SIGKILL", async () => {
  const module = new URL("openldap.ts", import.meta.url).href;
  const script = `const { startOpenLdap } = await import("${module}"); console.log((await startOpenLdap()).port);`;
  const owner = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `${script} setInterval(() => {}, 1e6);`,
  ]);
  const [line] = await once(createInterface(owner.stdout), "line");
  await dial(Number(line));
  owner.kill("SIGKILL");
  await waitFor(async () => !(await dial(Number(line)).catch(() => false)), { what: "slapd is gone" });
});

test("a server that cannot start says why", async () => {
  await using folder = await makeFolder();
  const server = new ServerProcess({
    name: "a shell",
    command: "sh",
    args: ["-c", "echo no such configuration; exit 3"],
    logFile: `${folder.path}/log`,
    stopSignal: "SIGTERM",
    answers: () => Promise.reject(new Error("not yet")),
  });
  await expect(server.start()).rejects.toThrow(/cannot start a shell: .*no such configuration/s);
});

test("no port is given out twice", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
});

const person = (dn: string) => `dn: ${dn}\nobjectClass: inetOrgPerson\nuid: alice\ncn: Alice\nsn: A\n`;

async function withClient(
  url: string,
  work: (client: Client) => Promise<unknown>,
  tlsOptions?: { ca: string[] },
): Promise<void> {
  const client = new Client({ url, ...(tlsOptions && { tlsOptions }) });
  try {
    await work(client);
  } finally {
    await client.unbind();
  }
}

async function peopleCount(client: Client, server: DirectoryServer): Promise<number> {
  const { searchEntries } = await client.search(server.peopleDn, { scope: "one", attributes: ["uid"] });
  return searchEntries.length;
}

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function dial(port: number): Promise<true> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  return true;
}

async function queryMariadb(uri: string, sql: string): Promise<unknown> {
  const client = await createConnection({ uri });
  try {
    return (await client.query(sql))[0];
  } finally {
    client.destroy();
  }
}
