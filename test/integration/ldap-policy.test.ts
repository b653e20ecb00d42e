import { Attribute, Change, Client } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector, NewPassword } from "../../src/connectors/contract.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startDs389 } from "../support/ds389.ts";
import { startOpenLdap } from "../support/openldap.ts";
import {
  asAdmin,
  call,
  connect,
  disposable,
  done,
  person,
  readEntry,
  refused,
  replacement,
  storeBlock,
  targetOf,
} from "./ldap-setting.ts";

const good = "Correct-Horse.7battery";

const itself = `(targetattr!="userPassword")(version 3.0; acl "see itself"; allow (read, search, compare) userdn="ldap:///self";)`;

interface Subject {
  readonly start: () => Promise<DirectoryServer>;
  readonly disable: unknown;
  /** What says that the account of a test is at its end, and what the directory calls that. */
  readonly past: { readonly attribute: string; readonly trouble: string };
  /** Passwords that the policy refuses, and the rule that the error names; `mustChange` takes another way in 389. */
  readonly weak: readonly (readonly [password: string, mustChange: boolean, rule: RegExp])[];
}

const subjects: Readonly<Record<string, Subject>> = {
  OpenLDAP: {
    start: () => startOpenLdap(),
    disable: { lock: "PasswordPolicy" },
    past: { attribute: "pwdEndTime", trouble: "Expired" },
    weak: [
      ["kurz.1", false, /Password fails quality checking policy: it is too short \(passwordTooShort\)$/],
      [
        good,
        false,
        /: Password is not being changed from existing value: it was used before \(passwordInHistory\)$/,
      ],
    ],
  },
  "389 Directory Server": {
    start: () => startDs389({ rules: [itself], settings: { "cn=config": { passwordMustChange: "on" } } }),
    disable: { attribute: { name: "nsAccountLock", disabled: "true" } },
    past: { attribute: "passwordExpirationTime", trouble: "PasswordExpired" },
    weak: [
      ["kurz.1", false, /invalid password syntax - password must be at least 8 characters long/],
      ["kurz.1", true, /invalid password syntax - password must be at least 8 characters long/],
      ["einfacheswort", false, /password must contain at least 3 character categories/],
      [good, false, /password in history/],
    ],
  },
};

for (const [name, { start, disable, past, weak }] of Object.entries(subjects))
  describe(`the password policy of ${name}`, () => {
    let server: DirectoryServer;
    let connection: ReturnType<typeof disposable<ReturnType<typeof connect>>>;
    let connector: Connector;

    beforeAll(async () => {
      server = await start();
      const store = { ...storeBlock(server), plaintext: "Refused", ca: { env: "CA" } };
      connection = disposable(connect(server, store, { CA: server.ca.text }));
      connector = targetOf(connection.it, { bases: [server.peopleDn], disable });
    });
    afterAll(async () => {
      await connection[Symbol.asyncDispose]();
      await server.stop();
    });

    const join = (uid: string, password?: NewPassword) =>
      done(connector, { ...person(server, uid), ...(password && { password }) });
    const record = async (anchor: string) => (await connector.fetch([anchor], call()))[0];

    it("says that too many wrong passwords have locked an account, which is enabled still", async () => {
      const { anchor, name } = await join("locked", { value: good, mustChange: false });
      expect((await record(anchor))?.trouble ?? []).not.toContain("Locked");
      for (let time = 0; time < 3; time++) expect(await login(server, name, "wrong")).toBe(false);
      expect(await login(server, name, good)).toBe(false);
      expect(await record(anchor)).toMatchObject({
        enabled: true,
        trouble: expect.arrayContaining(["Locked"]),
      });
    });

    it("says that a password must be changed first, and no longer once it was", async () => {
      const { anchor, name } = await join("new", { value: good, mustChange: true });
      expect(await record(anchor)).toMatchObject({ enabled: true, trouble: ["MustChangePassword"] });
      await changeOwn(server, name, good, "Another_Staple#9paper");
      // 389 writes that down only after it has answered.
      await expect.poll(() => record(anchor), { timeout: 60_000 }).not.toHaveProperty("trouble");
    });

    it("says what is past its time", async () => {
      const { anchor, name } = await join("past");
      const stamp = replacement(past.attribute, "20200101000000Z");
      await asAdmin(server, (client) => client.modify(name, stamp));
      expect(await record(anchor)).toMatchObject({ enabled: true, trouble: [past.trouble] });
      const later = replacement(past.attribute, "20990101000000Z");
      await asAdmin(server, (client) => client.modify(name, later));
      expect(await record(anchor)).not.toHaveProperty("trouble");
    });

    it("does not call it a trouble that an account is disabled", async () => {
      const { anchor } = await done(connector, { ...person(server, "gone"), enabled: false });
      expect(await record(anchor)).toMatchObject({ enabled: false });
      expect(await record(anchor)).not.toHaveProperty("trouble");
    });

    it("names the rule that a refused password breaks, and never the password", async () => {
      const { anchor, name } = await join("weak", { value: good, mustChange: false });
      for (const [value, mustChange, rule] of weak) {
        const password = { value, mustChange };
        const error = await refused(connector, {
          ...{ id: 1, kind: "modify", anchor, name, attributes: [] },
          password,
        });
        expect(error.kind).toBe("Invalid");
        expect(error.message).toMatch(rule);
        expect(error.message).not.toContain(value);
        expect(await login(server, name, good)).toBe(true);
      }
    });

    it("does not enable a disabled account with its new password", async () => {
      const { anchor, name } = await done(connector, { ...person(server, "off"), enabled: false });
      const password = { value: good, mustChange: false };
      await done(connector, { id: 1, kind: "modify", anchor, name, attributes: [], password });
      expect((await record(anchor))?.enabled).toBe(false);
      expect(await login(server, name, good)).toBe(false);
    });

    it("has no say in what Rollcall is logged in as: that is protected", async () => {
      const services = targetOf(connection.it, { filter: "(objectClass=simpleSecurityObject)" });
      const names = [server.serviceDn, server.readerDn];
      const seen = await services.find(
        names.map((dn) => ({ keys: {}, name: dn })),
        call(),
      );
      const [own, other] = seen.flat();
      expect(own?.protected).toBe("it is what Rollcall is logged in as");
      expect(other ?? {}).not.toHaveProperty("protected");
    });
  });

it("389 Directory Server takes a password that must be changed over an encrypted connection alone", async () => {
  await using server = await startDs389();
  await using plain = disposable(connect(server));
  const connector = targetOf(plain.it, { bases: [server.peopleDn] });
  const password = { value: good, mustChange: true };
  const error = await refused(connector, { ...person(server, "clear"), password });
  expect(error.kind).toBe("Invalid");
  expect(error.message).toMatch(/confidentiality required .*use ldaps:\/\/ or StartTLS/);
  expect(await readEntry(server, `uid=clear,${server.peopleDn}`)).toBeUndefined();
});

/** What a person does who has to. */
async function changeOwn(server: DirectoryServer, dn: string, before: string, after: string): Promise<void> {
  const client = new Client({ url: server.url });
  try {
    await client.bind(dn, before);
    await client.modify(dn, [
      new Change({
        operation: "delete",
        modification: new Attribute({ type: "userPassword", values: [before] }),
      }),
      new Change({
        operation: "add",
        modification: new Attribute({ type: "userPassword", values: [after] }),
      }),
    ]);
  } finally {
    await client.unbind();
  }
}

async function login(server: DirectoryServer, dn: string, password: string): Promise<boolean> {
  const client = new Client({ url: server.url });
  try {
    await client.bind(dn, password);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind();
  }
}
