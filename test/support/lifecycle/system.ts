import type { Manifest } from "../world.ts";

/** A real store that keeps accounts, with the manifests to keep it by, as seen by its own tools. */
export interface System extends AsyncDisposable {
  /** Of its Store and its Target. */
  readonly name: string;
  readonly manifests: readonly Manifest[];
  /** What the manifests refer to, by name below the root. */
  readonly files: Readonly<Record<string, string>>;
  /** Undefined where nobody has that login. */
  read(login: string): Promise<Holding | undefined>;
  /** The groups `research` and `sales`, the one that changed first before the other. */
  lastChanged(): Promise<readonly string[]>;
  /** Whether this password lets in; absent where accounts have none. */
  letsIn?(login: string, password: string): Promise<boolean>;
}

/** What a store holds of a person. */
export interface Holding {
  /** Its own, which it assigned itself. */
  readonly id: string;
  readonly enabled: boolean;
  readonly department: string;
  readonly groups: readonly string[];
  /** The id that another store assigned. */
  readonly elsewhere?: string;
}

/** Gives this target's `research` and `sales` to whoever is in the department of that name. */
export function departments(target: string, ensure: boolean): readonly Manifest[] {
  return ["research", "sales"].flatMap((group) => {
    const name = `${target}-${group}`;
    const entitlements = [{ name: group, ...(ensure && { ensure }) }];
    return [
      { kind: "AccessProfile", name, spec: { target: { name: target }, entitlements } },
      {
        kind: "BusinessRole",
        name,
        spec: {
          members: { when: `identity.department == '${group}'` },
          accessProfiles: [{ name }],
        },
      },
    ];
  });
}

/** A target that says of leavers and limits what all here do. */
export function target(name: string, accounts: object, more: object): Manifest {
  const common = { store: { name }, mode: "Enforce", limits: { settle: "1s" } };
  const when = "identity.userType == 'Employee'";
  return { kind: "Target", name, spec: { ...common, accounts: { when, ...accounts }, ...more } };
}

/** A password for each new account, in a file of its own below the root. */
export function initialPasswords(target: string): object {
  const path = { expression: `'passwords/${target}/' + identity.userName` };
  return { passwords: { initial: { mustChange: false, deliver: { file: { path } } } } };
}
