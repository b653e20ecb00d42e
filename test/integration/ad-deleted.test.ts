import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { allowRestoring } from "../support/samba-restoring.ts";
import { asAdmin, connect, person, readEntry, targetOf } from "./ad-setting.ts";
import { all, call, disposable, done, refused } from "./ldap-setting.ts";

let server: Samba;
let connection: StoreConnection;
let connector: Connector;

beforeAll(async () => {
  server = await startSamba();
  await allowRestoring(server);
  connection = connect(server);
  connector = targetOf(connection, server, { attributes: ["description"] });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** An account that was made by us and deleted by somebody else. */
async function deleted(uid: string, by: Connector = connector, at: Samba = server) {
  const { anchor, name } = await done(by, person(at, uid));
  await asAdmin(at, (client) => client.del(name));
  return { anchor, name };
}

it("a deleted account lies elsewhere by another name, and is never seen as an account, not even by who may see it", async () => {
  // All of the domain, where Deleted Objects is.
  const everywhere = targetOf(connection, server, { bases: [] });
  const { anchor, name } = await deleted("gone");
  const anchors = (await all(everywhere.scan("accounts", call()))).map((one) => one.anchor);
  expect(anchors.length).toBeGreaterThan(2);
  expect(anchors).not.toContain(anchor);
  expect(await everywhere.fetch([anchor], call())).toEqual([]);
  const questions = [{ keys: {}, name }, { keys: { sAMAccountName: "gone" } }];
  expect(await everywhere.find(questions, call())).toEqual([[], []]);
});

describe("an account that was deleted", () => {
  it("comes back as the same object, with what is asked for and no membership", async () => {
    const { anchor, name } = await done(connector, person(server, "back", 1, { description: ["was"] }));
    const group = {
      id: 1,
      kind: "members",
      entitlement: undefined,
      name: "had",
      create: { attributes: {} },
    } as const;
    await done(connector, { ...group, add: [{ anchor, name }], remove: [] });
    const before = await readEntry(server, name, { attributes: ["objectSid"] });
    await asAdmin(server, (client) => client.del(name));
    const change = { ...person(server, "back", 1, { description: ["is"] }), formerly: anchor };
    expect(await done(connector, change)).toEqual({ id: 1, ok: true, anchor, name });
    const [record] = await connector.fetch([anchor], call());
    expect(record).toMatchObject({
      name,
      enabled: false,
      attributes: { description: ["is"], sAMAccountName: ["back"] },
    });
    const after = await readEntry(server, name, { attributes: ["objectSid", "memberOf"] });
    expect(after).toEqual({ ...before, memberOf: [] });
  });

  it("comes back where it is wanted, by the name that is wanted", async () => {
    const { anchor } = await deleted("before");
    const wanted = { ...person(server, "after"), name: `CN=Somebody Else,${server.disabledDn}` };
    expect(await done(connector, { ...wanted, formerly: anchor })).toMatchObject({
      anchor,
      name: wanted.name,
    });
    expect((await connector.fetch([anchor], call()))[0]?.attributes.sAMAccountName).toEqual(["after"]);
  });

  it("has its new password when it is enabled, and no other", async () => {
    const { anchor, name } = await deleted("secret");
    const password = { value: "New-Passw0rd!", mustChange: false };
    await done(connector, { ...person(server, "secret"), enabled: true, formerly: anchor, password });
    expect((await connector.fetch([anchor], call()))[0]?.enabled).toBe(true);
    const who = { ...server, adminDn: name, adminPassword: password.value };
    await expect(asAdmin(who, async () => "logged in")).resolves.toBe("logged in");
  });

  it("that cannot be made what it should be is deleted again, and found by the next attempt", async () => {
    const { anchor, name } = await deleted("again");
    const change = { ...person(server, "again"), enabled: true, formerly: anchor };
    const weak = { ...change, password: { value: "kurz", mustChange: false } };
    expect((await refused(connector, weak)).message).toMatch(/the domain's password policy refuses it/);
    expect(await readEntry(server, name)).toBeUndefined();
    const strong = { ...change, password: { value: "Strong-Passw0rd!", mustChange: false } };
    expect(await done(connector, strong)).toMatchObject({ anchor, name });
  });

  it("is a new one where another account has its name by now, which is the error", async () => {
    const { anchor, name } = await deleted("taken");
    await done(connector, { ...person(server, "other"), name });
    const error = await refused(connector, { ...person(server, "taken"), formerly: anchor });
    expect(error.kind).toBe("Conflict");
  });

  it("is a new one where the target says so", async () => {
    const ignoring = targetOf(connection, server, { deleted: "Ignore" });
    expect(ignoring.capabilities.restore).toBe(false);
    const { anchor } = await deleted("ignored");
    expect((await done(ignoring, { ...person(server, "ignored"), formerly: anchor })).anchor).not.toBe(
      anchor,
    );
  });
});

it("who may see what was deleted and may not bring it back is told which right it takes", async () => {
  await using other = await startSamba();
  await allowRestoring(other, { reanimate: false });
  await using store = disposable(connect(other));
  const target = targetOf(store.it, other);
  const { anchor } = await deleted("denied", target, other);
  const error = await refused(target, { ...person(other, "denied"), formerly: anchor });
  expect(error.kind).toBe("Denied");
  expect(error.message).toMatch(/^cannot bring back CN=denied,.*Reanimate Tombstones/);
});

it("who may not see what was deleted makes a new account", async () => {
  await using other = await startSamba();
  await using store = disposable(connect(other));
  const target = targetOf(store.it, other);
  const { anchor } = await deleted("unseen", target, other);
  expect((await done(target, { ...person(other, "unseen"), formerly: anchor })).anchor).not.toBe(anchor);
});

it("where the recycle bin is on, of which Samba brings nothing back, a new account is made", async () => {
  await using other = await startSamba({ recycleBin: true });
  await allowRestoring(other);
  await asAdmin(other, async (client) => {
    const partitions = `CN=Partitions,CN=Configuration,${other.suffix}`;
    const { searchEntries } = await client.search(partitions, {
      scope: "base",
      attributes: ["msDS-EnabledFeature"],
    });
    expect(searchEntries[0]?.["msDS-EnabledFeature"]).toMatch(/^CN=Recycle Bin Feature,/);
  });
  await using store = disposable(connect(other));
  const target = targetOf(store.it, other);
  const { anchor } = await deleted("binned", target, other);
  expect((await done(target, { ...person(other, "binned"), formerly: anchor })).anchor).not.toBe(anchor);
});
