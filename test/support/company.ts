import type { Manifest, World } from "./world.ts";

/** A store, a target, a role and a profile: the smallest company that uses all of it. */
export function company(target: Record<string, unknown> = {}): Manifest[] {
  return [
    { kind: "Store", name: "directory", spec: { memory: {} } },
    {
      kind: "Target",
      name: "people",
      spec: {
        store: { name: "directory" },
        mode: "Enforce",
        accounts: {
          when: "identity.userType == 'Employee'",
          name: { expression: "dn('uid', identity.userName, 'ou=people,dc=example,dc=org')" },
          match: [{ keys: ["employeeNumber"], strong: true }],
          attributes: {
            mail: { expression: "primary(identity.emails)" },
            employeeNumber: { expression: "identity.employeeNumber" },
            department: { expression: "identity.department" },
          },
        },
        ...target,
      },
    },
    {
      kind: "AccessProfile",
      name: "lab",
      spec: { target: { name: "people" }, entitlements: [{ name: "lab", ensure: true }] },
    },
    {
      kind: "BusinessRole",
      name: "research",
      spec: { members: { when: "identity.department == 'Research'" }, accessProfiles: [{ name: "lab" }] },
    },
  ];
}

/** An employee. */
export function person(name: string, spec: Record<string, unknown> = {}): Manifest {
  return {
    kind: "Identity",
    name,
    spec: {
      userName: name,
      userType: "Employee",
      employeeNumber: `E-${name}`,
      department: "Research",
      emails: [{ value: `${name}@example.org`, primary: true }],
      ...spec,
    },
  };
}

/** The name of an account of the company's people. */
export function dn(uid: string): string {
  return `uid=${uid},ou=people,dc=example,dc=org`;
}

/** Edits `spec.accounts` of the company's target, its members merged. */
export function editAccounts(world: World, edit: Record<string, unknown>): void {
  world.edit("Target/people", { accounts: { ...accountsOf(world), ...edit } });
}

/** Maps one more attribute, or none any longer. */
export function mapAttribute(world: World, name: string, mapping?: Record<string, unknown>): void {
  const { [name]: _, ...others } = accountsOf(world).attributes;
  editAccounts(world, { attributes: mapping ? { ...others, [name]: mapping } : others });
}

function accountsOf(world: World): { readonly attributes: Readonly<Record<string, unknown>> } {
  const target = world.manifests.get("Target/people");
  return (target as Manifest & { spec: { accounts: { attributes: Record<string, unknown> } } }).spec.accounts;
}
