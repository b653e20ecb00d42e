import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** One person of the made-up company, from whose number everything else follows. */
export interface Person {
  readonly id: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly mail: string;
  readonly number: string;
  readonly department: string;
  readonly title: string;
}

const givenNames = [
  "Ada",
  "Bela",
  "Chidi",
  "Dunja",
  "Emeka",
  "Freya",
  "Grace",
  "Hiro",
  "Ines",
  "Jonas",
  "Kaya",
];
const familyNames = ["Adeyemi", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito"];

export function person(index: number): Person {
  const id = `u${String(index).padStart(6, "0")}`;
  const givenName = givenNames[index % givenNames.length]!;
  const familyName = familyNames[index % familyNames.length]!;
  return {
    id,
    givenName,
    familyName,
    mail: `${id}@example.org`,
    number: String(1_000_000 + index),
    department: `Department ${index % 40}`,
    title: `Specialist for matter ${index % 97}`,
  };
}

export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => person(index));
}

export function identityYaml(one: Person): string {
  return `apiVersion: rollcall.dev/v1alpha1
kind: Identity
metadata:
  name: ${one.id}
spec:
  userName: ${one.id}
  name:
    givenName: ${one.givenName}
    familyName: ${one.familyName}
  emails:
    - value: ${one.mail}
      primary: true
  employeeNumber: "${one.number}"
  department: ${one.department}
  title: ${one.title}
  userType: Employee
`;
}

/** Identities to a file, where there is no need for one each. */
const together = 1000;

/** Writes the policies and the identities of a company into a folder, many to a file or one each. */
export async function writeCompany(
  folder: string,
  policies: readonly string[],
  everyone: readonly Person[],
  each: "OneFile" | "Together" = "Together",
): Promise<void> {
  await mkdir(join(folder, "people"), { recursive: true });
  await writeFile(join(folder, "policies.yaml"), policies.join("---\n"));
  const size = each === "OneFile" ? 1 : together;
  for (let start = 0; start < everyone.length; start += size) {
    const some = everyone.slice(start, start + size);
    await writeFile(personFile(folder, some[0]!), some.map(identityYaml).join("---\n"));
  }
}

export function personFile(folder: string, one: Person): string {
  return join(folder, "people", `${one.id}.yaml`);
}

/** A role for everyone of the first departments, and the groups of the directory that it gives, by DN. */
export function rolePolicies(departments: number, entitlements: readonly string[]): string[] {
  const refs = entitlements.map((dn) => `    - name: "${dn}"\n      by: DN\n`).join("");
  const names = Array.from({ length: departments }, (_, index) => `'Department ${index}'`);
  return [
    `apiVersion: rollcall.dev/v1alpha1
kind: AccessProfile
metadata:
  name: members
spec:
  target:
    name: directory
  entitlements:
${refs}`,
    `apiVersion: rollcall.dev/v1alpha1
kind: BusinessRole
metadata:
  name: members
spec:
  members:
    when: "identity.department in [${names.join(", ")}]"
  accessProfiles:
    - name: members
`,
  ];
}
