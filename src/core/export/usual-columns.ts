import type { ExportFormat, ExportSpec } from "../kinds/export.ts";
import type { TargetSpec } from "../kinds/kinds.ts";

type Columns = ExportSpec["columns"];

const column = (name: string, expression: string) => ({ name, expression });
const namesOf = (kind: string) => `access.filter(a, a.kind == '${kind}').map(a, a.name)`;

/** The columns of an export of identities that names none. */
export const identityColumns: Columns = [
  column("id", "identity.id"),
  column("userName", "identity.userName"),
  column("displayName", "identity.displayName"),
  column("state", "state"),
  column("businessRoles", namesOf("BusinessRole")),
  column("accessProfiles", namesOf("AccessProfile")),
  column("entitlements", "access.filter(a, a.kind == 'Entitlement').map(a, a.target + ': ' + a.name)"),
  column("accounts", "accounts.map(a, a.target + ': ' + a.name)"),
];

/** The columns of an export of a target that names none: whose account it is, what is mapped and not sensitive, and what it holds. */
export function accountColumns({ accounts }: TargetSpec, format: ExportFormat): Columns {
  const mapped = Object.entries(accounts.attributes)
    .filter(([, { sensitive }]) => !sensitive)
    .map(([name]) => column(name, `account.attributes[${JSON.stringify(name)}]`));
  if (format === "Ldif") return [column("dn", "account.name"), ...mapped.filter(({ name }) => name !== "dn")];
  const own = [
    column("identity", "identity.id"),
    column("name", "account.name"),
    column("anchor", "account.anchor"),
    column("enabled", "account.enabled"),
  ];
  const held = column("entitlements", "account.entitlements");
  const others = mapped.filter(({ name }) => [...own, held].every((each) => each.name !== name));
  return [...own, ...others, held];
}
