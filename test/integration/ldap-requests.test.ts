import { AddRequest, type Message, ModifyRequest, SearchRequest } from "ldapts";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { Connection } from "../../src/connectors/ldap/connection.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startDs389 } from "../support/ds389.ts";
import { apply, asAdmin, call, connect, done, targetOf } from "./ldap-setting.ts";

const groups = 60;
const send = vi.spyOn(Connection.prototype, "send");
let server: DirectoryServer;
let connection: StoreConnection;
let connector: Connector;

beforeAll(async () => {
  server = await startDs389();
  connection = connect(server);
  connector = targetOf(connection, { bases: [server.peopleDn], groups: { base: server.groupsDn } }, ["cn"]);
  await connection.fingerprint(call());
  await connector.schema(call());
});
afterAll(async () => {
  send.mockRestore();
  await connection.close();
  await server.stop();
});
beforeEach(() => {
  send.mockClear();
});

function requests() {
  const sent = send.mock.calls.map(([message]) => message);
  const count = (kind: new (...args: never[]) => Message) =>
    sent.filter((message) => message instanceof kind).length;
  return { adds: count(AddRequest), modifies: count(ModifyRequest), searches: count(SearchRequest) };
}

it("asking again which directory it is does not read the schema again, which takes 389 longer than a thousand entries", async () => {
  await connection.fingerprint(call());
  const bases = send.mock.calls.map(([message]) => (message instanceof SearchRequest ? message.baseDN : ""));
  expect(bases).toContain(server.suffix);
  expect(bases).not.toContain("cn=schema");
});

it("many groups that gain a member are looked at together, and changed in one request each", async () => {
  const name = `uid=ada,${server.peopleDn}`;
  const attributes = { objectClass: ["inetOrgPerson"], uid: ["ada"], cn: ["Ada"], sn: ["L"] };
  const { anchor } = await done(connector, { id: 1, kind: "create", name, attributes, enabled: true });
  const dns = Array.from({ length: groups }, (_, n) => `cn=group ${n},${server.groupsDn}`);
  await asAdmin(server, async (client) => {
    for (const dn of dns) await client.add(dn, { objectClass: "groupOfNames", member: server.readerDn });
  });
  const found = await connector.entitlements(
    dns.map((dn) => ({ name: dn, by: "DN" }) as const),
    call(),
  );
  send.mockClear();
  const outcomes = await apply(
    connector,
    ...found.map((group, id) => ({
      ...({ id, kind: "members", entitlement: group!.anchor, name: group!.name } as const),
      ...{ add: [{ anchor, name }], remove: [] },
    })),
  );
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  expect(requests()).toEqual({ adds: 0, modifies: groups, searches: 2 });
});
