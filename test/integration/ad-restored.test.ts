import { cp, lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { waitFor } from "../support/wait.ts";
import { asAdmin, connect, modification, person, targetOf } from "./ad-setting.ts";
import { all, call, done } from "./ldap-setting.ts";

let server: Samba;
let connection: StoreConnection;
let connector: Connector;

beforeAll(async () => {
  server = await startSamba();
});

beforeEach(() => {
  connection = connect(server);
  connector = targetOf(connection, server, { attributes: ["description"] });
  return () => connection.close();
});

afterAll(() => server.stop());

/** Without the sockets, which are made anew. */
const files = { recursive: true, filter: async (path: string) => !(await lstat(path)).isSocket() };

/** Takes a copy of the controller's database, as of a virtual machine; what is given back puts it in place again. */
async function snapshot(): Promise<() => Promise<void>> {
  const [data, copy] = [join(server.folder, "domain"), join(server.folder, "copy")];
  await server.kill();
  await rm(copy, { recursive: true, force: true });
  await cp(data, copy, files);
  await server.restart();
  return async () => {
    await server.kill();
    await rm(data, { recursive: true });
    await cp(copy, data, files);
    await server.restart();
  };
}

async function describePerson(uid: string, description: string): Promise<void> {
  const name = `CN=${uid},${server.peopleDn}`;
  await asAdmin(server, (client) => client.modify(name, modification("replace", "description", description)));
}

const usn = () =>
  asAdmin(server, async (client) => {
    const { searchEntries } = await client.search("", { scope: "base", attributes: ["highestCommittedUSN"] });
    return Number(searchEntries[0]?.highestCommittedUSN);
  });

/** Versions by name, once the controller answers again. */
async function versions(): Promise<Map<string, string>> {
  const seen = await waitFor(() => all(connector.scan("accounts", call())), {
    what: "the controller answers",
  });
  return new Map(seen.map(({ name, version }) => [name.slice(3, name.indexOf(",")), version]));
}

/** A second has passed: times of the directory are as exact as that. */
async function nextSecond(): Promise<void> {
  const began = Math.floor(Date.now() / 1_000);
  await waitFor(() => Math.floor(Date.now() / 1_000) > began, { what: "a second has passed" });
}

describe("a controller whose snapshot was restored, and that uses its numbers again", () => {
  it("shows every entry that differs as another version, and none that does not", async () => {
    for (const uid of ["one", "two", "three", "four"]) await done(connector, person(server, uid));
    const restore = await snapshot();
    await describePerson("one", "first");
    await describePerson("two", "first");
    const [before, reached] = [await versions(), await usn()];
    const marker = await connector.marker!(call());
    await restore();
    await nextSecond();
    await describePerson("one", "second");
    await describePerson("three", "second");
    // The very number that was reached before.
    for (let at = await usn(); at < reached; at = await usn())
      await describePerson("three", `second at ${at}`);
    expect(await usn()).toBe(reached);
    const after = await versions();
    const changed = [...after].filter(([uid, version]) => version !== before.get(uid)).map(([uid]) => uid);
    expect(changed.toSorted()).toEqual(["one", "three", "two"]);
    expect(await connector.marker!(call())).not.toBe(marker);
  });

  it("is told of by check, with what to do", async () => {
    const restore = await snapshot();
    await describePerson("four", "once");
    await versions();
    expect((await connector.check(call())).problems).toEqual([]);
    await restore();
    await versions();
    const { problems } = await connector.check(call());
    expect(problems).toEqual([
      expect.stringMatching(
        /^restore ldaps:.* as its maker says: it counts changes again that it had counted before/,
      ),
    ]);
  });
});

describe("an organizational unit that is renamed above accounts", () => {
  it("makes versions of all that lies below others, of which nothing else changes", async () => {
    const sub = `OU=Sub,${server.peopleDn}`;
    await asAdmin(server, (client) => client.add(sub, { objectClass: "organizationalUnit" }));
    const { anchor } = await done(connector, { ...person(server, "below"), name: `CN=below,${sub}` });
    const [before] = (await all(connector.scan("accounts", call()))).filter((one) => one.anchor === anchor);
    await asAdmin(server, (client) => client.modifyDN(sub, `OU=Renamed,${server.peopleDn}`));
    const [after] = (await all(connector.scan("accounts", call()))).filter((one) => one.anchor === anchor);
    expect(after!.name).toBe(`CN=below,OU=Renamed,${server.peopleDn}`);
    expect(after!.version).not.toBe(before!.version);
    const counted = (version: string) => version.split("@").slice(0, 3);
    expect(counted(after!.version)).toEqual(counted(before!.version));
  });
});
