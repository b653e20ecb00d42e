import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startOpenLdap } from "../support/openldap.ts";
import {
  all,
  apply,
  asAdmin,
  call,
  connect,
  disposable,
  done,
  person,
  replacement,
  storeBlock,
  targetOf,
} from "./ldap-setting.ts";

const run = promisify(execFile);

it("the rights that the docs name are all that a service account needs, and no more", async () => {
  await using server = await startOpenLdap();
  const docs = await readFile("docs/connectors/ldap.md", "utf8");
  const setUp = /```ldif\n(.*?)```/s.exec(docs)![1]!;
  // The test server's own rules, which give far more, make room for those of the docs; its indexes are there already.
  const rules = setUp.replace("add: olcAccess", "replace: olcAccess").replace(/-\nadd: olcDbIndex\n.*/s, "");
  const file = join(server.folder, "rights.ldif");
  await writeFile(file, rules);
  await run("ldapmodify", [
    "-x",
    "-H",
    server.url,
    "-D",
    "cn=admin,cn=config",
    "-w",
    server.adminPassword,
    "-f",
    file,
  ]);

  await using connection = disposable(connect(server, storeBlock(server)));
  const block = {
    bases: [server.peopleDn],
    disable: { lock: "PasswordPolicy" },
    groups: { base: server.groupsDn, filler: server.adminDn },
  };
  const connector = targetOf(connection.it, block, ["uid", "cn"]);
  expect((await connector.check(call())).problems).toEqual([]);
  expect(await connector.marker?.(call())).toMatch(/^\d{14}\.\d{6}Z#/);
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
  const elsewhere = { ...person(server, "elsewhere"), name: `uid=elsewhere,${server.suffix}` };
  const [refusal] = await apply(connector, elsewhere);
  expect(refusal).toMatchObject({ ok: false, error: { kind: "Denied" } });
});
