import { readFile, rm } from "node:fs/promises";
import { Client, InvalidCredentialsError } from "ldapts";
import { expect, test } from "vitest";
import { person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { openLdapAccounts } from "../support/openldap-ldif.ts";
import { rollcall, startRollcall } from "../support/rollcall-process.ts";

/** A joiner's password, from the manifest to the login at a real directory, and back after leaving. */

const { peopleDn, serviceDn, servicePassword } = openLdapAccounts;

const target = {
  kind: "Target",
  name: "people",
  spec: {
    store: { name: "directory" },
    mode: "Enforce",
    accounts: {
      when: "true",
      name: { expression: `dn('uid', identity.userName, '${peopleDn}')` },
      attributes: {
        objectClass: { values: ["inetOrgPerson"], apply: "OnCreate" },
        uid: { expression: "identity.userName" },
        cn: { expression: "identity.userName" },
        sn: { expression: "identity.userName" },
        mail: { expression: "primary(identity.emails)" },
      },
    },
    passwords: {
      initial: {
        mustChange: false,
        onEnable: "Reset",
        deliver: { file: { path: { expression: "'passwords/' + identity.userName" } } },
      },
    },
    ldap: { bases: [peopleDn], disable: { lock: "PasswordPolicy" } },
  },
};

test("who joins logs in with what was delivered, a reset and a return give another, and nothing tells any of them", async () => {
  await using server = await startOpenLdap();
  await using place = await ManifestFolder.make(
    {
      kind: "Store",
      name: "directory",
      spec: {
        ldap: {
          url: server.ldapsUrl,
          bind: { dn: serviceDn, password: { file: "service.password" } },
          ca: { file: "ca.crt" },
        },
      },
    },
    target,
    person("ann"),
  );
  await place.writeFile("service.password", servicePassword);
  await place.writeFile("ca.crt", server.ca.text);
  let said = "";
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await rollcall(...words);
    said += stdout + stderr;
    expect([code, stdout, stderr]).toEqual([0, expect.any(String), expect.any(String)]);
  };
  const apply = () => run("apply", ...place.words, "--init", "--yes");
  const delivered = async () => (await readFile(place.at("passwords/ann"), "utf8")).trimEnd();
  const logsIn = async (password: string) => {
    const client = new Client({ url: server.url });
    try {
      await client.bind(`uid=ann,${peopleDn}`, password);
      return true;
    } catch (error) {
      if (error instanceof InvalidCredentialsError) return false;
      throw error;
    } finally {
      await client.unbind();
    }
  };

  await apply();
  const first = await delivered();
  expect(await logsIn(first)).toBe(true);

  await run("password", "reset", "ann", ...place.words, "--target", "people");
  const second = await delivered();
  expect([await logsIn(first), await logsIn(second)]).toEqual([false, true]);

  await place.write(person("ann", { lifecycle: { state: "Inactive" } }));
  await apply();
  expect(await logsIn(second)).toBe(false);
  await rm(place.at("passwords/ann"));
  await place.write(person("ann"));
  await apply();
  const third = await delivered();
  expect([await logsIn(second), await logsIn(third)]).toEqual([false, true]);

  const given = "Given-by-Hand-1";
  const set = ["password", "set", "ann", ...place.words, "--target", "people"];
  expect(await startRollcall(set, {}, `${given}\n`).ended).toMatchObject({ code: 0 });
  expect(await logsIn(given)).toBe(true);
  await run("journal", ...place.stateWords, "-o", "json");
  const kept = said + (await readFile(place.at("state.db"), "latin1"));
  for (const password of [first, second, third, given]) expect(kept).not.toContain(password);
});
