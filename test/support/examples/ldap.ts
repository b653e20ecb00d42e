import { ldapsearch } from "../ldapsearch.ts";
import { startOpenLdap } from "../openldap.ts";
import { openLdapAccounts } from "../openldap-ldif.ts";
import type { Example } from "./example.ts";

const { adminDn, groupsDn } = openLdapAccounts;

/** The sample gives groups that are there already. */
const groups = ["lab", "staff"]
  .map((name) => `dn: cn=${name},${groupsDn}\nobjectClass: groupOfNames\ncn: ${name}\nmember: ${adminDn}\n`)
  .join("\n");

export const ldapExample: Example = {
  folder: "ldap",
  holds: ["ada: lab, staff", "charles: "],
  async start() {
    const server = await startOpenLdap({ ldif: groups });
    const { ldapsUrl, suffix, adminPassword: password, servicePassword, ca } = server;
    const admin = { url: ldapsUrl, dn: adminDn, password, caFile: ca.path };
    return {
      environment: { DIRECTORY_PASSWORD: servicePassword, NODE_EXTRA_CA_CERTS: ca.path },
      own: { "ldaps://ldap.example.org": ldapsUrl },
      async read() {
        const all = await ldapsearch(admin, suffix, "(|(uid=*)(member=*))", "uid", "cn", "member");
        const people = all
          .filter(({ attributes }) => attributes.uid)
          .map(({ dn, attributes: { uid } }) => {
            const held = all.filter(({ attributes: { member } }) => member?.includes(dn));
            return `${uid}: ${held
              .map(({ attributes: { cn } }) => cn)
              .sort()
              .join(", ")}`;
          });
        // A directory gives entries as they came in, and adds sent side by side come in as they please (RFC 4511, 4.5.2).
        return people.sort();
      },
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
};
