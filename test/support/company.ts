import type { Manifest } from "./world.ts";

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
