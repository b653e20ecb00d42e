import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { ImportDocument } from "../../src/report/import.ts";
import { dirtyDomain } from "../support/dirt/domain.ts";
import { ldifOf } from "../support/dirt/entry.ts";
import { ldapsearch } from "../support/ldapsearch.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";
import { type Samba, startSamba } from "../support/samba.ts";

const manifests = ({ ldapsUrl, serviceName, suffix, peopleDn, groupsDn }: Samba) => [
  {
    kind: "Store",
    name: "domain",
    spec: {
      activeDirectory: {
        urls: [ldapsUrl],
        bind: { name: serviceName, password: { file: "password" } },
        ca: { file: "ca.crt" },
      },
    },
  },
  {
    kind: "Target",
    name: "people",
    spec: {
      store: { name: "domain" },
      mode: "Enforce",
      accounts: {
        when: "identity.userType == 'Employee'",
        name: { expression: `dn('CN', identity.displayName, '${peopleDn}')` },
        match: [{ keys: ["employeeNumber"], strong: true }, { keys: ["sAMAccountName"] }],
        attributes: {
          sAMAccountName: { expression: "identity.userName" },
          displayName: { expression: "identity.displayName" },
          sn: { expression: "identity.name.familyName" },
          mail: { expression: "primary(identity.emails)" },
          employeeNumber: { expression: "identity.employeeNumber" },
        },
      },
      activeDirectory: { bases: [suffix], groups: { base: groupsDn } },
    },
  },
];

test("a domain with years of dirt and its administrators is imported: the plan is empty, and nothing is written", async () => {
  await using server = await startSamba();
  const { suffix, peopleDn, groupsDn, folder } = server;
  const domain = dirtyDomain(400, { suffix, people: peopleDn, groups: groupsDn });
  await server.kill();
  await writeFile(join(folder, "dirt.ldif"), ldifOf(domain.entries));
  const database = join(folder, "domain/private/sam.ldb");
  await promisify(execFile)("ldbadd", ["-H", database, "--nosync", join(folder, "dirt.ldif")]);
  await server.restart();
  await using place = await ManifestFolder.make(...manifests(server));
  await place.writeFile("password", server.servicePassword);
  await place.writeFile("ca.crt", server.ca.text);
  const login = {
    url: server.ldapsUrl,
    dn: server.adminDn,
    password: server.adminPassword,
    caFile: server.ca.path,
  };
  // But for those who log in here: that alone is written down.
  const dump = () =>
    ldapsearch(
      login,
      suffix,
      "(&(|(objectClass=user)(objectClass=group))(!(cn=Administrator))(!(cn=svc-rollcall)))",
      "uSNChanged",
      "member",
      "memberOf",
    );
  const before = await dump();
  const first = await rollcall(
    "import",
    "domain",
    ...place.words,
    "--to",
    place.at("manifests/in"),
    "-o",
    "json",
  );
  const document: ImportDocument = JSON.parse(first.stdout || `"${first.stderr}"`);
  const fated = (fate: string) => domain.people.filter((person) => person.fate === fate).length;
  expect(document).toMatchObject({ changes: [], conflicts: [], problems: [] });
  expect(Object.fromEntries(document.remarks.map(({ kind, count }) => [kind, count]))).toEqual({
    // With the domain's own: Administrator, Guest, krbtgt, dns-dc1, and who Rollcall logs in as; and a group of administrators.
    Protected: fated("Protected") + 5 + 1,
    // With another service's account, which is in another place.
    NamedOtherwise: fated("NamedOtherwise") + 1,
    ...Object.fromEntries(["Unfit", "DuplicateKey"].map((kind) => [kind, fated(kind)])),
    MissingKey: domain.people.filter(({ doubt }) => doubt === "MissingKey").length,
    NestedGroup: domain.nestedGroups,
  });
  expect(document).toMatchObject({
    links: fated("Linked"),
    memberships: domain.memberships,
    disabled: fated("Inactive"),
  });
  await rollcall("apply", ...place.words, "--init", "--yes");
  const { hash } = JSON.parse((await rollcall("plan", ...place.words, "-o", "json")).stdout);
  const adopted = await rollcall("apply", ...place.words, "--plan", hash);
  expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0);
  const plan = await rollcall("plan", ...place.words);
  expect(plan.code, plan.stdout + plan.stderr).toBe(0);
  const status = await rollcall("status", ...place.stateWords, "-o", "json");
  expect(JSON.parse(status.stdout).targets[0].trouble).toEqual({
    // None of them was ever given a password.
    MustChangePassword: fated("Linked"),
    Expired: 5,
  });
  expect(await dump()).toEqual(before);
}, 600_000);
