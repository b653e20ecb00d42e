import type { ScanSubject } from "./scan.ts";

const people = "ou=people,dc=example,dc=org";

/** Some 270 bytes an entry, ten lines. */
export const ldif: ScanSubject = {
  title: "LDIF",
  connector: "ldif",
  store: {},
  target: {
    bases: [people],
    objectClass: "inetOrgPerson",
    id: "entryUUID",
    disable: { attribute: { name: "employeeType", disabled: "Gone" } },
    groups: { base: "ou=groups,dc=example,dc=org" },
  },
  attributes: ["cn", "sn", "mail", "employeeNumber", "departmentNumber"],
  head: "version: 1\n\n",
  row: (number) => `dn: uid=user${number},${people}
objectClass: inetOrgPerson
entryUUID: 00000000-0000-4000-8000-${String(number).padStart(12, "0")}
uid: user${number}
cn: Given${number % 997} Family ${number % 1_999}
sn: Family ${number % 1_999}
givenName: Given${number % 997}
mail: user${number}@example.org
employeeNumber: ${1_000_000 + number}
departmentNumber: Dept ${number % 50}

`,
  bare: { name: "its parser alone", program: "bare-ldif.ts" },
};
