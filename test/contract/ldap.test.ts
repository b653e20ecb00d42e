import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import { baseLdif } from "../support/openldap-ldif.ts";
import { giveToServers, runUnprivileged } from "../support/server-process.ts";
import { directoryHarness } from "./ldap-harness.ts";
import { everything, type Harness } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "ldap",
  features: {
    ...everything,
    restore: "a deleted entry is gone",
  },
  start,
});

async function start(): Promise<Harness> {
  const server = await startOpenLdap();
  return directoryHarness({
    server,
    disable: { lock: "PasswordPolicy" },
    disabled: { attribute: "pwdAccountLockedTime", value: "000001010000Z" },
    marksPasswords: true,
    classes: ["inetOrgPerson"],
    replace: () => replace(server),
  });
}

async function replace(server: OpenLdap): Promise<void> {
  await server.kill();
  const data = join(server.folder, "data");
  await rm(data, { recursive: true });
  await mkdir(data);
  await giveToServers(data);
  const ldif = join(server.folder, "again.ldif");
  await writeFile(ldif, baseLdif);
  await runUnprivileged("/usr/sbin/slapd", [
    "-T",
    "add",
    "-F",
    join(server.folder, "slapd.d"),
    "-n",
    "1",
    "-w",
    "-l",
    ldif,
  ]);
  await server.restart();
}
