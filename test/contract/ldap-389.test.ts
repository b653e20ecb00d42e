import { load, startDs389 } from "../support/ds389.ts";
import { entriesOf } from "../support/ds389-ldif.ts";
import { directoryHarness } from "./ldap-harness.ts";
import { everything, type Harness } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "ldap, 389 Directory Server",
  features: {
    ...everything,
    restore: "a deleted entry is gone",
  },
  start,
});

async function start(): Promise<Harness> {
  const server = await startDs389();
  return directoryHarness({
    server,
    disable: { attribute: { name: "nsAccountLock", disabled: "true" } },
    disabled: { attribute: "nsAccountLock", value: "true" },
    marksPasswords: false,
    classes: ["top", "person", "organizationalPerson", "inetOrgPerson"],
    async replace() {
      await server.kill();
      await load(server, entriesOf());
      await server.restart();
    },
  });
}
