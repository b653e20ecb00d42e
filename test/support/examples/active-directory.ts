import { dirname } from "node:path";
import { ldapsearch } from "../ldapsearch.ts";
import { startSamba } from "../samba.ts";
import type { Example } from "./example.ts";

export const activeDirectoryExample: Example = {
  folder: "active-directory",
  holds: ["ada: lab, staff", "charles: "],
  async start(manifests) {
    const server = await startSamba();
    const { ldapsUrl, realm, suffix, managedDn, adminDn, adminPassword: password, ca } = server;
    const admin = { url: ldapsUrl, dn: adminDn, password, caFile: ca.path };
    return {
      // New passwords go into files that must not lie among the manifests.
      options: ["--root", dirname(manifests)],
      environment: { DOMAIN_PASSWORD: server.servicePassword, NODE_EXTRA_CA_CERTS: ca.path },
      own: {
        "ldaps://dc1.corp.example.org": ldapsUrl,
        "@corp.example.org": `@${realm}`,
        "DC=corp,DC=example,DC=org": suffix,
      },
      async read() {
        const [users, groups] = await Promise.all([
          ldapsearch(admin, managedDn, "(objectClass=user)", "sAMAccountName"),
          ldapsearch(admin, managedDn, "(objectClass=group)", "cn", "member"),
        ]);
        const all = users.map(({ dn, attributes: { sAMAccountName } }) => {
          const held = groups.filter(({ attributes: { member } }) => member?.includes(dn));
          return `${sAMAccountName}: ${held
            .map(({ attributes: { cn } }) => cn)
            .toSorted()
            .join(", ")}`;
        });
        return all.toSorted();
      },
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
};
