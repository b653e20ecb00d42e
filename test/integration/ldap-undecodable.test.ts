import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { ldifOf } from "../support/dirt/entry.ts";
import { startDs389 } from "../support/ds389.ts";
import { ldapsearch } from "../support/ldapsearch.ts";
import { call, connect, done, targetOf } from "./ldap-setting.ts";

const people = "ou=people,dc=example,dc=org";
const latin1 = (text: string) => Buffer.from(text, "latin1");
/** `Müller` in Latin-1, as it is read: its one byte that is no character is kept as it was. */
const garbled = "M\udcfcller";

/** Somebody whose names a client of another age wrote in Latin-1. */
const entry = {
  dn: `uid=mm,${people}`,
  attributes: {
    objectClass: ["inetOrgPerson"],
    uid: ["mm"],
    cn: [latin1("Anna Müller"), "Anna Mueller"],
    sn: [latin1("Müller")],
  },
};

let server: DirectoryServer;
let connector: Connector;
const connections: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const settings = { "cn=config": { "nsslapd-syntaxcheck": "off" } };
  server = await startDs389({ ldif: ldifOf([entry]), settings });
}, 60_000);
beforeEach(() => {
  const connection = connect(server);
  connections.push(connection);
  connector = targetOf(connection, { bases: [people] }, ["cn", "sn"]);
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
  await server?.stop();
}, 60_000);

async function record() {
  const [found] = await connector.find([{ keys: {}, name: entry.dn }], call());
  return found![0]!;
}

test("a value that is no UTF-8 is read as no text, byte by byte, beside those that are", async () => {
  const { attributes } = await record();
  expect(attributes.sn).toEqual([garbled]);
  expect(attributes.cn).toHaveLength(2);
  expect(attributes.cn?.filter((value) => value.isWellFormed())).toEqual(["Anna Mueller"]);
});

test("it is put right like any other, and a value beside it stays", async () => {
  const { anchor, name, attributes } = await record();
  const bad = attributes.cn!.find((value) => !value.isWellFormed())!;
  await done(connector, {
    ...{ id: 1, kind: "modify", anchor, name },
    attributes: [
      { name: "sn", before: [garbled], after: ["Müller"] },
      { name: "cn", before: [bad], after: ["Anna Müller"] },
    ],
  });
  const login = { url: server.url, dn: server.adminDn, password: server.adminPassword };
  const [seen] = await ldapsearch(login, entry.dn, "(uid=mm)", "cn", "sn");
  expect(seen?.attributes.sn).toEqual(["Müller"]);
  expect(new Set(seen?.attributes.cn)).toEqual(new Set(["Anna Müller", "Anna Mueller"]));
});
