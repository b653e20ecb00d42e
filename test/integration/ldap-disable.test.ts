import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import {
  apply,
  asAdmin,
  call,
  connect,
  disposable,
  done,
  person,
  readEntry,
  refused,
  replacement,
  targetOf,
} from "./ldap-setting.ts";

let server: OpenLdap;
let away: string;

beforeAll(async () => {
  server = await startOpenLdap();
  away = `ou=leavers,${server.suffix}`;
  await asAdmin(server, (client) => client.add(away, { objectClass: "organizationalUnit", ou: "leavers" }));
});
afterAll(() => server.stop());

const attribute = { attribute: { name: "employeeType", disabled: "Gone", enabled: "Active" } };

describe("an account is disabled", () => {
  for (const [way, disable] of [
    ["an attribute", () => attribute],
    ["a move", () => ({ move: { to: away } })],
    ["a password lock", () => ({ lock: "PasswordPolicy" })],
  ] as const) {
    describe(`by ${way}`, () => {
      it("and enabled again, seen by every read, under the same anchor", async () => {
        await using connection = disposable(connect(server));
        const connector = targetOf(connection.it, { bases: [server.peopleDn], disable: disable() }, ["sn"]);
        const { anchor, name } = await done(connector, person(server, `by-${way.replaceAll(" ", "-")}`));
        for (const enabled of [false, false, true, true, false]) {
          const [before] = await connector.fetch([anchor], call());
          await done(connector, {
            id: 1,
            kind: "modify",
            anchor,
            name: before!.name,
            attributes: [],
            enabled,
          });
          const [after] = await connector.fetch([anchor], call());
          expect(after).toMatchObject({
            anchor,
            enabled,
            attributes: { sn: [expect.stringContaining("by-")] },
          });
          if (enabled) expect(after?.name).toBe(name);
          const seen = (await Array.fromAsync(connector.scan("accounts", call()))).flat();
          expect(seen.filter((sighting) => sighting.anchor === anchor)).toHaveLength(1);
        }
      });

      it("from its first moment, where it is created so", async () => {
        await using connection = disposable(connect(server));
        const connector = targetOf(connection.it, { bases: [server.peopleDn], disable: disable() });
        const uid = `created-by-${way.replaceAll(" ", "-")}`;
        const { anchor } = await done(connector, { ...person(server, uid), enabled: false });
        const [record] = await connector.fetch([anchor], call());
        expect(record?.enabled).toBe(false);
      });
    });
  }

  it("by an attribute that says Active when it is enabled", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn], disable: attribute });
    const { name } = await done(connector, person(server, "active"));
    expect((await readEntry(server, name))?.employeeType).toEqual(["Active"]);
  });

  it("by a password lock that the server heeds", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, {
      bases: [server.peopleDn],
      disable: { lock: "PasswordPolicy" },
    });
    const { anchor, name } = await done(connector, person(server, "locked"));
    await asAdmin(server, (client) => client.modify(name, replacement("userPassword", "Correct-horse-1")));
    const logsIn = () =>
      asAdmin(server, (client) =>
        client.bind(name, "Correct-horse-1").then(
          () => true,
          () => false,
        ),
      );
    expect(await logsIn()).toBe(true);
    await done(connector, { id: 1, kind: "modify", anchor, name, attributes: [], enabled: false });
    expect(await logsIn()).toBe(false);
    await done(connector, { id: 1, kind: "modify", anchor, name, attributes: [], enabled: true });
    expect(await logsIn()).toBe(true);
  });

  it("by moving, together with a rename and other attributes", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn], disable: { move: { to: away } } }, [
      "title",
    ]);
    const { anchor, name } = await done(connector, person(server, "mover"));
    const rename = `uid=moved,${server.peopleDn}`;
    const attributes = [{ name: "title", before: [], after: ["Alumna"] }];
    await done(connector, { id: 1, kind: "modify", anchor, name, rename, attributes, enabled: false });
    const [record] = await connector.fetch([anchor], call());
    expect(record).toMatchObject({
      name: `uid=moved,${away}`,
      enabled: false,
      attributes: { title: ["Alumna"] },
    });
  });

  it("by moving, and a rename alone does not enable it", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn], disable: { move: { to: away } } });
    const { anchor, name } = await done(connector, { ...person(server, "stays"), enabled: false });
    let known = name;
    for (const uid of ["stays-away", "Stays-Away", "Stays-Away"]) {
      const rename = `uid=${uid},${server.peopleDn}`;
      await done(connector, { id: 1, kind: "modify", anchor, name: known, rename, attributes: [] });
      const [record] = await connector.fetch([anchor], call());
      expect(record).toMatchObject({ name: `uid=${uid},${away}`, enabled: false });
      known = record!.name;
    }
  });

  it("in no way that the target does not name", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn] });
    expect(connector.capabilities.disable).toBe(false);
    const { anchor, name } = await done(connector, person(server, "unnamed"));
    expect((await connector.fetch([anchor], call()))[0]?.enabled).toBeUndefined();
    const error = await refused(connector, {
      id: 1,
      kind: "modify",
      anchor,
      name,
      attributes: [],
      enabled: false,
    });
    expect([error.kind, error.message]).toEqual(["Invalid", expect.stringContaining("set disable")]);
    await apply(connector, { id: 1, kind: "delete", anchor, name });
  });
});
