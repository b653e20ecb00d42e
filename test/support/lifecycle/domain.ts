import { ldapsearch, letsIn } from "../ldapsearch.ts";
import { startSamba } from "../samba.ts";
import { departments, initialPasswords, type System, target } from "./system.ts";

/** Users of an Active Directory domain, who are given the id that the directory has for them. Who is disabled is moved, too. */
export async function startDomainSystem(): Promise<System> {
  const server = await startSamba();
  const { ldapsUrl, ca, realm, managedDn, peopleDn, groupsDn, disabledDn, adminDn } = server;
  const admin = { url: ldapsUrl, dn: adminDn, password: server.adminPassword, caFile: ca.path };
  const name = "domain";
  const groups = (...attributes: string[]) =>
    ldapsearch(admin, groupsDn, "(objectClass=group)", "cn", ...attributes);
  const bind = { name: server.serviceName, password: { file: "domain.password" } };
  return {
    name,
    files: { "domain.password": server.servicePassword, "domain.crt": ca.text },
    manifests: [
      {
        kind: "Store",
        name,
        spec: {
          activeDirectory: { urls: [ldapsUrl], bind, ca: { file: "domain.crt" } },
          boundary: { bases: [managedDn] },
        },
      },
      target(
        name,
        {
          name: { expression: `dn('CN', identity.displayName, '${peopleDn}')` },
          match: [{ keys: ["employeeNumber"], strong: true }],
          attributes: {
            ...attributes,
            userPrincipalName: { expression: `identity.userName + '@${realm}'` },
          },
        },
        {
          ...initialPasswords(name),
          activeDirectory: { bases: [peopleDn], disable: { moveTo: disabledDn }, groups: { base: groupsDn } },
        },
      ),
      ...departments(name, true),
    ],
    async read(login) {
      const wanted = ["objectGUID", "userAccountControl", "department", "info"];
      const [entry] = await ldapsearch(admin, managedDn, `(sAMAccountName=${login})`, ...wanted);
      if (entry === undefined) return undefined;
      const { objectGUID, userAccountControl, department, info } = entry.attributes;
      const held = (await groups("member")).filter(({ attributes: { member } }) =>
        member?.includes(entry.dn),
      );
      const isDisabled = (Number(userAccountControl) & 2) !== 0;
      return {
        ...{ id: String(objectGUID), enabled: !isDisabled && entry.dn.endsWith(peopleDn) },
        ...{ department: String(department), elsewhere: String(info) },
        groups: held.map(({ attributes: { cn } }) => String(cn)),
      };
    },
    async lastChanged() {
      const usn = (one: { attributes: Readonly<Record<string, readonly string[]>> }) =>
        Number(one.attributes.uSNChanged);
      const all = (await groups("uSNChanged")).toSorted((a, b) => usn(a) - usn(b));
      return all.map(({ attributes: { cn } }) => String(cn));
    },
    letsIn: (login, password) => letsIn({ ...admin, dn: `${login}@${realm}`, password }),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

const attributes = {
  sAMAccountName: { expression: "identity.userName" },
  displayName: { expression: "identity.displayName" },
  givenName: { expression: "identity.name.givenName" },
  sn: { expression: "identity.name.familyName" },
  employeeNumber: { expression: "identity.employeeNumber" },
  department: { expression: "identity.department" },
  info: { expression: "account('directory').anchor" },
};
