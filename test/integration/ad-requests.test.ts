import { AddRequest, type Message, ModifyRequest, SearchRequest } from "ldapts";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { Connection } from "../../src/connectors/ldap/connection.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { connect, person, targetOf } from "./ad-setting.ts";
import { all, apply, call, done } from "./ldap-setting.ts";

const people = 450;
const send = vi.spyOn(Connection.prototype, "send");
let server: Samba;
let connection: StoreConnection;
let connector: Connector;
let anchors: string[];

beforeAll(async () => {
  server = await startSamba();
  connection = connect(server);
  connector = targetOf(connection, server, { attributes: ["description"] });
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

const names = () => Array.from({ length: people }, (_, n) => `CN=p${n},${server.peopleDn}`);

/** What was sent, by kind; how far the controller has counted, asked of its root DSE once a batch, left out. */
function requests() {
  const sent = send.mock.calls.map(([message]) => message);
  const own = sent.filter((message) => !(message instanceof SearchRequest && message.baseDN === ""));
  const count = (kind: new (...args: never[]) => Message) =>
    own.filter((message) => message instanceof kind).length;
  return { adds: count(AddRequest), modifies: count(ModifyRequest), searches: count(SearchRequest) };
}

it("creating reads ids back, 200 with one search", async () => {
  const outcomes = await apply(connector, ...names().map((_, n) => person(server, `p${n}`, n)));
  anchors = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.anchor] : []));
  expect(anchors).toHaveLength(people);
  expect(requests()).toEqual({ adds: people, modifies: 0, searches: 3 });
});

it("finding by name and fetching by id take a search for 200", async () => {
  const found = await connector.find(
    names().map((name) => ({ keys: {}, name })),
    call(),
  );
  expect(found.flat()).toHaveLength(people);
  expect(await connector.fetch(anchors, call())).toHaveLength(people);
  expect(requests()).toEqual({ adds: 0, modifies: 0, searches: 6 });
});

it("changing looks at versions first, 200 with one search, and enabling at the other bits with the same", async () => {
  const attributes = [{ name: "description", before: [], after: ["x"] }];
  const outcomes = await apply(
    connector,
    ...names().map((name, id) => ({
      ...({ id, kind: "modify", anchor: anchors[id]!, name, attributes } as const),
      enabled: true,
    })),
  );
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  expect(requests()).toEqual({ adds: 0, modifies: people, searches: 3 });
});

it("a large group gains and loses a member in one request each, and nothing of it is read", async () => {
  const members = names().map((name, n) => ({ name, anchor: anchors[n]! }));
  const group = { id: 1, kind: "members", name: `CN=staff,${server.groupsDn}` } as const;
  const made = { ...group, entitlement: undefined, create: { attributes: {} } };
  const { anchor } = await done(connector, { ...made, add: members.slice(1), remove: [] });
  send.mockClear();
  const [first] = members;
  await done(connector, { ...group, entitlement: anchor, add: [first!], remove: [] });
  await done(connector, { ...group, entitlement: anchor, add: [], remove: [first!] });
  expect(requests()).toEqual({ adds: 0, modifies: 2, searches: 0 });
  expect(await all(connector.memberships([anchor], call()))).toHaveLength(people - 1);
});
