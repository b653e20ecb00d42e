import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SearchOptions } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startDs389 } from "../support/ds389.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { giveToServers } from "../support/server-process.ts";
import { waitFor } from "../support/wait.ts";
import {
  all,
  apply,
  asAdmin,
  call,
  connect,
  disposable,
  done,
  person,
  refused,
  replacement,
  targetOf,
} from "./ldap-setting.ts";

const hide = (attribute: string) =>
  `(targetattr="${attribute}")(version 3.0; acl "hide"; deny (read, search, compare) userdn="ldap:///anyone";)`;
const off = { "cn=USN,cn=plugins,cn=config": { "nsslapd-pluginEnabled": "off" } };
const changelog = {
  "cn=Retro Changelog Plugin,cn=plugins,cn=config": {
    "nsslapd-pluginEnabled": "on",
    "nsslapd-attribute": "nsUniqueId:targetUniqueId",
  },
};
/** Who is changed, not how: the changes hold password hashes. */
const readLog = `(targetattr!="changes || aci")(version 3.0; acl "who"; allow (read, search) userdn="ldap:///cn=rollcall,dc=example,dc=org";)`;

const servers = {
  "of 389 Directory Server": () => startDs389(),
  "of 389 Directory Server that hides entryUSN": () => startDs389({ rules: [hide("entryUSN")] }),
  "of 389 Directory Server without the USN plugin": () => startDs389({ settings: off }),
  "of 389 Directory Server without the USN plugin, with a retro changelog": () => startLogged(),
  "of an OpenLDAP that hides entryCSN": () => startOpenLdap({ access: ["to attrs=entryCSN by * none"] }),
};

for (const [name, start] of Object.entries(servers))
  describe(`a version ${name}`, () => {
    let server: DirectoryServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());

    it("changes with every edit, however many there are in one second", async () => {
      await using connection = disposable(connect(server));
      const connector = targetOf(connection.it, { bases: [server.peopleDn] }, ["description"]);
      const { anchor, name } = await done(connector, person(server, "ada"));
      const seen = [await versionOf(connector, anchor)];
      for (const text of ["one", "two", "three", "four"]) {
        await asAdmin(server, (client) => client.modify(name, replacement("description", text)));
        seen.push(await versionOf(connector, anchor));
      }
      expect(new Set(seen).size).toBe(5);
    });

    it("is checked before a change that expects it", async () => {
      await using connection = disposable(connect(server));
      const connector = targetOf(connection.it, { bases: [server.peopleDn] }, ["description"]);
      const { anchor, name } = await done(connector, person(server, "eve"));
      const [record] = await connector.fetch([anchor], call());
      const version = record!.version;
      const attributes = [{ name: "description", before: [], after: ["ours"] }];
      const change = { id: 1, kind: "modify", anchor, name, attributes, expect: version } as const;
      expect(await done(connector, change)).toMatchObject({ ok: true, anchor });
      const stale = version.replace(/\d{14}Z|^\d+/, "20010101000000Z");
      expect((await refused(connector, { ...change, expect: stale })).kind).toBe("Moved");
      await done(connector, { id: 1, kind: "delete", anchor, name });
    });

    it("goes with an anchor that a rename does not change", async () => {
      await using connection = disposable(connect(server));
      const connector = targetOf(connection.it, { bases: [server.peopleDn] });
      const { anchor, name } = await done(connector, person(server, "bob"));
      const rename = `uid=rob,${server.peopleDn}`;
      await done(connector, { id: 1, kind: "modify", anchor, name, attributes: [], rename });
      expect((await connector.fetch([anchor], call()))[0]).toMatchObject({ anchor, name: rename });
      const sightings = await all(connector.scan("accounts", call()));
      expect(sightings.filter((one) => one.anchor === anchor)).toHaveLength(1);
    });

    it("is no problem to check", async () => {
      await using connection = disposable(connect(server));
      const connector = targetOf(connection.it, { bases: [server.peopleDn] });
      expect((await connector.check(call())).problems).toEqual([]);
    });
  });

describe("a restored snapshot", () => {
  it("is noticed when it is restored as the server runs, which keeps its count", async () => {
    await using server = await startDs389();
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn] }, ["description"]);
    const { anchor, name } = await done(connector, person(server, "ada"));
    await task(server, "backup");
    await asAdmin(server, (client) => client.modify(name, replacement("description", "since")));
    const before = { marker: await connector.marker?.(call()), version: await versionOf(connector, anchor) };
    const usn = await usnOf(server);
    await task(server, "restore");
    expect(await usnOf(server)).toBe(usn);
    expect(await connector.marker?.(call())).not.toBe(before.marker);
    expect(await versionOf(connector, anchor)).not.toBe(before.version);
  });

  it("is noticed, though the server counts the same numbers again", async () => {
    await using server = await startDs389({ fsync: true });
    const edit = (text: string) =>
      asAdmin(server, (client) =>
        client.modify(`uid=ada,${server.peopleDn}`, replacement("description", text)),
      );
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn] }, ["description"]);
    const { anchor } = await done(connector, person(server, "ada"));
    const [data, snapshot] = [join(server.folder, "data"), join(server.folder, "snapshot")];
    const state = async () => ({
      marker: await connector.marker?.(call()),
      version: await versionOf(connector, anchor),
      number: await usnOf(server),
    });
    await server.kill();
    await cp(data, snapshot, { recursive: true });
    await server.restart();
    await edit("before it was restored");
    const before = await state();
    // Nobody restores a server within the second of its last change.
    const second = Math.floor(Date.now() / 1000);
    await waitFor(() => Math.floor(Date.now() / 1000) > second, { what: "the second is over" });

    await server.kill();
    await rm(data, { recursive: true });
    await cp(snapshot, data, { recursive: true });
    await giveAll(data);
    await server.restart();
    const restored = await state();
    expect(restored.number).toBeLessThan(before.number);
    expect(restored.version).not.toBe(before.version);
    expect(restored.marker).not.toBe(before.marker);

    await edit("since");
    const since = await state();
    expect(since.number).toBe(before.number);
    expect(since.version).not.toBe(before.version);
    expect(since.marker).not.toBe(before.marker);
  });
});

it("a change is told by the changelog at once, where there is no entryUSN", async () => {
  await using server = await startLogged();
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, { bases: [server.peopleDn] }, ["description"]);
  const { anchor, name } = await done(connector, person(server, "ada"));
  const seen = async () => ({
    version: await versionOf(connector, anchor),
    marker: await connector.marker?.(call()),
  });
  const edit = (text: string) =>
    asAdmin(server, (client) => client.modify(name, replacement("description", text)));
  const states = [await seen()];
  for (const text of ["one", "two", "three"]) {
    await edit(text);
    states.push(await seen());
    // In the same second, and still sure: it is not read again.
    expect(await seen()).toEqual(states.at(-1));
    expect((await connector.fetch([anchor], call()))[0]).toMatchObject({ version: states.at(-1)!.version });
  }
  expect(new Set(states.map(({ version }) => version)).size).toBe(4);
  expect(new Set(states.map(({ marker }) => marker)).size).toBe(4);
  expect(states[0]!.marker).toMatch(/changes=\d+$/);
});

it("a changelog that may not be read is done without", async () => {
  await using server = await startDs389({ settings: { ...off, ...changelog } });
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, { bases: [server.peopleDn] });
  const { anchor } = await done(connector, person(server, "ada"));
  const versions = [await versionOf(connector, anchor), await versionOf(connector, anchor)];
  expect(new Set(versions).size).toBe(2);
});

it("a changelog is no place where accounts are", async () => {
  await using server = await startDs389({ settings: changelog });
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, {});
  const fingerprint = await connection.it.fingerprint(call());
  expect(fingerprint).toMatch(/^dc=example,dc=org=[0-9a-f-]+$/);
  await apply(connector, person(server, "ada"));
  expect(await all(connector.scan("accounts", call()))).toHaveLength(1);
  expect(await connector.marker?.(call())).toContain("userroot=");
  await server.restart();
  expect(await connection.it.fingerprint(call())).toBe(fingerprint);
});

async function startLogged(): Promise<DirectoryServer> {
  const server = await startDs389({ settings: { ...off, ...changelog } });
  await asAdmin(server, (client) => client.modify("cn=changelog", replacement("aci", readLog)));
  return server;
}

async function versionOf(connector: Connector, anchor: string): Promise<string> {
  const sightings = await all(connector.scan("accounts", call()));
  return sightings.find((one) => one.anchor === anchor)!.version;
}

function usnOf(server: DirectoryServer): Promise<number> {
  return asAdmin(server, async (client) => {
    const { searchEntries } = await client.search("", { scope: "base", attributes: ["lastusn"] });
    return Number(searchEntries[0]?.["lastusn;userroot"]);
  });
}

/** Backs the database up, or puts back what was backed up, while the server runs. */
async function task(server: DirectoryServer, kind: "backup" | "restore"): Promise<void> {
  const dn = `cn=${kind},cn=${kind},cn=tasks,cn=config`;
  await asAdmin(server, async (client) => {
    const nsArchiveDir = join(server.folder, "run", "archive");
    await client.add(dn, {
      objectClass: "extensibleObject",
      cn: kind,
      nsArchiveDir,
      nsDatabaseType: "ldbm database",
    });
    const options: SearchOptions = { scope: "base", attributes: ["nstaskexitcode"] };
    const code = async () => (await client.search(dn, options)).searchEntries[0]?.nstaskexitcode?.toString();
    expect(await waitFor(code, { what: `the ${kind} is done` })).toBe("0");
  });
}

async function giveAll(folder: string): Promise<void> {
  await giveToServers(folder);
  for (const name of await readdir(folder, { recursive: true })) await giveToServers(join(folder, name));
}
