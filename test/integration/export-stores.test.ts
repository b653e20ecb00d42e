import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Example } from "../support/examples/example.ts";
import { ldapExample } from "../support/examples/ldap.ts";
import { sqlExample } from "../support/examples/sql.ts";
import { makeFolder } from "../support/folder.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { openLdapAccounts } from "../support/openldap-ldif.ts";
import { startRollcall } from "../support/rollcall-process.ts";

const samples = join(import.meta.dirname, "../../manifests/examples");

/** A connector's sample, applied to its real store, with one Export beside it. */
async function applied({ folder: name, start }: Example, spec: object) {
  const folder = await makeFolder("export");
  const manifests = join(folder.path, "manifests");
  await cp(join(samples, name), manifests, { recursive: true });
  const store = await start(manifests);
  const file = join(manifests, "store.yaml");
  const sample = await readFile(file, "utf8");
  const mine = Object.entries(store.own).reduce(
    (text, [theirs, own]) => text.replaceAll(theirs, own),
    sample,
  );
  await writeFile(file, mine);
  const declare = (more: object) =>
    writeFile(
      join(manifests, "export.yaml"),
      stringify({
        ...{ apiVersion: "rollcall.dev/v1alpha1", kind: "Export", metadata: { name: "accounts" } },
        spec: { ...spec, ...more },
      }),
    );
  await declare({});
  const place = ["-f", manifests, "--state", join(folder.path, "state.db"), ...(store.options ?? [])];
  const run = (...words: string[]) => startRollcall([...words, ...place], store.environment).ended;
  const done = await run("apply", "--init", "--yes");
  expect(done.code, done.stderr).toBe(0);
  return {
    ...{ run, store, declare },
    text: (path: string) => readFile(join(manifests, path), "utf8"),
    path: (path: string) => join(manifests, path),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

const column = (name: string, expression = `account.attributes.${name}`) => ({ name, expression });

test("a directory's accounts as LDIF make the same accounts in another directory, by its own tool", async () => {
  const names = ["objectClass", "uid", "cn", "sn", "employeeNumber", "departmentNumber"];
  const columns = [column("dn", "account.name"), ...names.map((name) => column(name))];
  await using it = await applied(ldapExample, {
    ...{ target: { name: "corp-directory" }, format: "Ldif", file: "accounts.ldif", columns },
  });
  const told = await it.run("export");
  expect(told, told.stderr).toMatchObject({ code: 0 });
  const other = await startOpenLdap({});
  try {
    const { ldapsUrl, adminPassword, ca } = other;
    const login = ["-x", "-H", ldapsUrl, "-D", openLdapAccounts.adminDn, "-w", adminPassword];
    const env = { ...process.env, LDAPTLS_CACERT: ca.path };
    const tool = (name: string, ...words: string[]) =>
      promisify(execFile)(name, [...login, ...words], { env });
    await tool("ldapadd", "-f", it.path("accounts.ldif"));
    const search = ["-LLL", "-o", "ldif-wrap=no", "-b", "ou=people,dc=example,dc=org", "(uid=*)", ...names];
    const { stdout } = await tool("ldapsearch", ...search);
    const unfolded = (await it.text("accounts.ldif")).replace("version: 1\n\n", "").replaceAll("\n ", "");
    // Neither entries nor their values have an order in a directory.
    const records = (text: string) => {
      const all = text.trim().split("\n\n");
      return all.map((record) => record.split("\n").sort().join("\n")).sort();
    };
    expect(records(stdout)).toEqual(records(unfolded));
    expect(records(unfolded)).toHaveLength(2);
  } finally {
    await other.stop();
  }
});

test("a directory's passwords are never exported, and one that is away leaves the old file", async () => {
  const columns = [column("user", "identity.userName"), column("groups", "account.entitlements")];
  await using it = await applied(ldapExample, {
    ...{ target: { name: "corp-directory" }, format: "JsonLines", file: "accounts.jsonl", columns },
  });
  expect(await it.run("export")).toMatchObject({ code: 0 });
  const before = await it.text("accounts.jsonl");
  const group = (name: string) => `cn=${name},${openLdapAccounts.groupsDn}`;
  const rows = before.trim().split("\n").sort();
  expect(rows.map((row) => JSON.parse(row))).toEqual([
    { user: "ada", groups: [group("lab"), group("staff")] },
    { user: "charles", groups: [] },
  ]);
  await it.declare({ columns: [column("userPassword")] });
  const refused = await it.run("export");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("account.attributes.userPassword holds a secret, which is never exported");
  await it.declare({});
  await it.store[Symbol.asyncDispose]();
  const away = await it.run("export");
  expect(away.code).toBe(2);
  expect(away.stderr).toContain("Export/accounts was not written");
  expect(await it.text("accounts.jsonl")).toBe(before);
});

test("a database's accounts as CSV have columns that no mapping names, and what each may do", async () => {
  const columns = [
    column("login", "account.name"),
    column("who", "identity.displayName"),
    column("disabled"),
    column("may", "account.entitlements"),
    column("enabled", "account.enabled"),
  ];
  await using it = await applied(sqlExample, {
    ...{ target: { name: "laboratory" }, format: "Csv", file: "accounts.csv", columns },
  });
  const told = await it.run("export");
  expect(told, told.stderr).toMatchObject({ code: 0 });
  const [head, ...rows] = (await it.text("accounts.csv")).trimEnd().split("\r\n");
  expect(head).toBe("login,who,disabled,may,enabled");
  expect(rows.sort()).toEqual([
    "ada,Ada Lovelace,false,results-read,true",
    "charles,Charles Babbage,false,,true",
  ]);
});
