import type { CaCertificate } from "../../test/support/certificates.ts";
import type { Person } from "../company.ts";

/** A directory that is measured, and the manifests, entries and queries that fit it. */
export interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly ldapsUrl: string;
  readonly ca: CaCertificate;
  readonly folder: string;
  readonly login: Login;
  readonly admin: Login;
  /** The Store and the Target `directory`; its password is in the environment, as `LDAP_PASSWORD`, its CA in ca.crt. */
  policies(url: string): readonly string[];
  /** How a manifest points at a group that it brings into being. */
  group(name: string): string;
  /** What Rollcall makes of these people and groups, as LDIF. */
  entries(everyone: readonly Person[], groups: readonly Group[]): string;
  /** What the scans of accounts and groups ask for, as one search: base, filter, attributes. */
  readonly scan: readonly string[];
  /** A change that touches no account and no group, as LDIF. */
  touch(text: string): string;
}

export interface SubjectKind {
  /** How often it is loaded, by the tool and by Rollcall in turn, so that whatever else the machine does disturbs both. The best counts. */
  readonly loads: number;
  start(): Promise<Subject>;
  /** With a group `Huge` of this many members, who are nobody's accounts and need not exist. */
  startHuge(members: number): Promise<Subject>;
}

export const hugeGroup = "Huge";

export interface Login {
  readonly dn: string;
  readonly password: string;
}

export interface Group {
  readonly name: string;
  readonly members: readonly Person[];
}

/** Everybody is in three groups: everyone's, their department's, and that of their title. */
export function groupsOf(everyone: readonly Person[]): readonly Group[] {
  const by = (key: "department" | "title") =>
    [...Map.groupBy(everyone, (one) => one[key])].map(([name, members]) => ({ name, members }));
  return [{ name: "Everyone", members: everyone }, ...by("department"), ...by("title")];
}

const byOwnWords = ({ name }: Group) => `'${name}' in ['Everyone', identity.department, identity.title]`;

/** A profile and a role for each of these groups. */
export function groupPolicies(
  groups: readonly Group[],
  subject: Pick<Subject, "group">,
  rule = byOwnWords,
): string[] {
  return groups.flatMap((group, number) => [
    `apiVersion: rollcall.dev/v1alpha1
kind: AccessProfile
metadata:
  name: group-${number}
spec:
  target:
    name: directory
  entitlements:
    - ${subject.group(group.name)}
`,
    `apiVersion: rollcall.dev/v1alpha1
kind: BusinessRole
metadata:
  name: group-${number}
spec:
  members:
    when: "${rule(group)}"
  accessProfiles:
    - name: group-${number}
`,
  ]);
}
