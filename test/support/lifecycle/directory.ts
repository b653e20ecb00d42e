import { ldapsearch, letsIn } from "../ldapsearch.ts";
import { startOpenLdap } from "../openldap.ts";
import { departments, initialPasswords, type System, target } from "./system.ts";

/** People in OpenLDAP, who are given the number that the application has for them. */
export async function startDirectorySystem(): Promise<System> {
  const server = await startOpenLdap();
  const { ldapsUrl, ca, suffix, peopleDn, groupsDn, adminDn, serviceDn } = server;
  const admin = { url: ldapsUrl, dn: adminDn, password: server.adminPassword, caFile: ca.path };
  const name = "directory";
  const dnOf = (login: string) => `uid=${login},${peopleDn}`;
  const groups = (...attributes: string[]) =>
    ldapsearch(admin, groupsDn, "(objectClass=groupOfNames)", "cn", ...attributes);
  const bind = { dn: serviceDn, password: { file: "directory.password" } };
  return {
    name,
    files: { "directory.password": server.servicePassword, "directory.crt": ca.text },
    manifests: [
      {
        kind: "Store",
        name,
        spec: {
          ldap: { url: ldapsUrl, bind, ca: { file: "directory.crt" } },
          boundary: { bases: [peopleDn, groupsDn] },
        },
      },
      target(
        name,
        {
          name: { expression: `dn('uid', identity.userName, '${peopleDn}')` },
          match: [{ keys: ["employeeNumber"], strong: true }],
          attributes,
        },
        {
          ...initialPasswords(name),
          ldap: {
            bases: [peopleDn],
            disable: { lock: "PasswordPolicy" },
            groups: { base: groupsDn, filler: "cn=nobody,dc=example,dc=org" },
          },
        },
      ),
      ...departments(name, true),
    ],
    async read(login) {
      const wanted = ["entryUUID", "departmentNumber", "description", "pwdAccountLockedTime"];
      const [entry] = await ldapsearch(admin, suffix, `(uid=${login})`, ...wanted);
      if (entry === undefined) return undefined;
      const { entryUUID, departmentNumber, description, pwdAccountLockedTime } = entry.attributes;
      const held = (await groups("member")).filter(({ attributes: { member } }) =>
        member?.includes(entry.dn),
      );
      return {
        ...{ id: String(entryUUID), enabled: pwdAccountLockedTime === undefined },
        ...{ department: String(departmentNumber), elsewhere: String(description) },
        groups: held.map(({ attributes: { cn } }) => String(cn)),
      };
    },
    async lastChanged() {
      const csn = (one: { attributes: Readonly<Record<string, readonly string[]>> }) =>
        String(one.attributes.entryCSN);
      const all = (await groups("entryCSN")).toSorted((a, b) => (csn(a) < csn(b) ? -1 : 1));
      return all.map(({ attributes: { cn } }) => String(cn));
    },
    letsIn: (login, password) => letsIn({ ...admin, dn: dnOf(login), password }),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

const attributes = {
  objectClass: { values: ["inetOrgPerson"], apply: "OnCreate" },
  uid: { expression: "identity.userName" },
  cn: { expression: "identity.displayName" },
  sn: { expression: "identity.name.familyName" },
  employeeNumber: { expression: "identity.employeeNumber" },
  departmentNumber: { expression: "identity.department" },
  description: { expression: "account('app').anchor" },
};
