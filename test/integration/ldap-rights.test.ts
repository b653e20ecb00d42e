import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startDs389 } from "../support/ds389.ts";
import { startOpenLdap } from "../support/openldap.ts";
import {
  all,
  apply,
  asAdmin,
  call,
  connect,
  disposable,
  done,
  failure,
  person,
  replacement,
  storeBlock,
  targetOf,
} from "./ldap-setting.ts";

const run = promisify(execFile);

/** The docs' set-up of a server, as LDIF. */
async function setUpOf(heading: string): Promise<string> {
  const docs = await readFile("docs/connectors/ldap.md", "utf8");
  return /```ldif\n(.*?)```/s.exec(docs.slice(docs.indexOf(`## ${heading}`)))![1]!;
}

async function ldapmodify(server: DirectoryServer, admin: string, ldif: string): Promise<void> {
  const file = join(server.folder, "rights.ldif");
  await writeFile(file, ldif);
  const login = ["-D", admin, "-w", server.adminPassword];
  await run("ldapmodify", ["-x", "-H", server.url, ...login, "-f", file]);
}

it("the rights that the docs name for OpenLDAP are all that a service account needs, and no more", async () => {
  await using server = await startOpenLdap();
  const setUp = await setUpOf("Setting up OpenLDAP");
  // The test server's own rules, which give far more, make room for those of the docs; its indexes are there already.
  const rules = setUp.replace("add: olcAccess", "replace: olcAccess").replace(/-\nadd: olcDbIndex\n.*/s, "");
  await ldapmodify(server, "cn=admin,cn=config", rules);
  await work(server, { lock: "PasswordPolicy" }, /^\d{14}\.\d{6}Z#/);
});

it("those for 389 Directory Server, too", async () => {
  const off = { "cn=USN,cn=plugins,cn=config": { "nsslapd-pluginEnabled": "off" } };
  await using server = await startDs389({ withoutRights: true, settings: off });
  await ldapmodify(server, server.adminDn, await setUpOf("Setting up 389 Directory Server"));
  await server.restart();
  await work(server, { attribute: { name: "nsAccountLock", disabled: "true" } }, / userroot=-?\d+\//);
});

/** Does all that a service account has to be able to do, and what it must not. */
async function work(server: DirectoryServer, disable: object, marker: RegExp): Promise<void> {
  const store = { ...storeBlock(server), plaintext: "Refused", ca: { env: "CA" } };
  await using connection = disposable(connect(server, store, { CA: server.ca.text }));
  const block = {
    bases: [server.peopleDn],
    disable,
    groups: { base: server.groupsDn, filler: server.adminDn },
  };
  const connector = targetOf(connection.it, block, ["uid", "cn"]);
  expect((await connector.check(call())).problems).toEqual([]);
  expect(await connector.marker?.(call())).toMatch(marker);
  const people = (
    await apply(connector, ...Array.from({ length: 60 }, (_, n) => person(server, `p${n}`, n)))
  ).map((one) => {
    if (!one.ok) throw one.error;
    return one;
  });
  expect(await all(connector.scan("accounts", call()))).toHaveLength(60);
  const [{ anchor, name }] = people as [(typeof people)[number]];
  const rename = `uid=renamed,${server.peopleDn}`;
  await done(connector, { id: 1, kind: "modify", anchor, name, attributes: [], rename, enabled: false });
  const group = {
    id: 1,
    kind: "members",
    name: `cn=staff,${server.groupsDn}`,
    add: people.slice(1, 3),
    remove: [],
  } as const;
  const made = await done(connector, { ...group, entitlement: undefined, create: { attributes: {} } });
  await done(connector, { ...group, entitlement: made.anchor, add: [], remove: people.slice(1, 3) });
  await done(connector, { id: 1, kind: "delete", anchor, name: rename });

  await asAdmin(server, (client) =>
    client.modify(people[5]!.name, replacement("userPassword", "Correct-horse-1")),
  );
  const password = { value: "Correct-Horse.7battery", mustChange: true };
  await done(connector, { ...person(server, "login", 1), password });
  const elsewhere = { ...person(server, "elsewhere"), name: `uid=elsewhere,${server.suffix}` };
  const [refusal] = await apply(connector, elsewhere);
  expect(refusal).toMatchObject({ ok: false, error: { kind: "Denied" } });
}

it("a group of 389 Directory Server whose members are hidden is an error, and one that has none is empty", async () => {
  const hide = `(targetattr="member")(target="ldap:///cn=hidden,ou=groups,dc=example,dc=org")(version 3.0; acl "hide"; deny (read) userdn="ldap:///anyone";)`;
  await using server = await startDs389({ rules: [hide] });
  await asAdmin(server, async (client) => {
    const group = (cn: string) => ({ objectClass: "groupOfNames", cn });
    await client.add(`cn=hidden,${server.groupsDn}`, { ...group("hidden"), member: server.readerDn });
    await client.add(`cn=empty,${server.groupsDn}`, group("empty"));
  });
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
  const refs = [
    { name: "hidden", by: "Name" },
    { name: "empty", by: "Name" },
  ] as const;
  const [hidden, empty] = await connector.entitlements(refs, call());
  const error = await failure(all(connector.memberships([hidden!.anchor, empty!.anchor], call())));
  expect([error.kind, error.message]).toEqual(["Denied", expect.stringContaining("member cannot be read")]);
  expect(await all(connector.memberships([empty!.anchor], call()))).toEqual([]);
});
