import { compile, isProblem, type Rule as RuleExpression } from "../expression/compile.ts";
import type { InForce, Snapshot } from "../kinds/resource.ts";

/** A rule that has been compiled, or why it could not be. Who it concerns is unknown in the second case. */
export type Rule = RuleExpression | { readonly error: string };

export interface RoleInForce {
  readonly role: InForce<"BusinessRole">;
  /** Absent: members come by Grant alone. */
  readonly rule: Rule | undefined;
}

/** A snapshot arranged for deciding: rules compiled, grants by identity, birthrights by target. Made once a snapshot. */
export interface AccessModel {
  readonly snapshot: Snapshot;
  readonly roles: ReadonlyMap<string, RoleInForce>;
  readonly profiles: ReadonlyMap<string, InForce<"AccessProfile">>;
  /** By the Identity object's name. */
  readonly grants: ReadonlyMap<string, readonly InForce<"Grant">[]>;
  /** `accounts.when` by target name, for the targets that have one. */
  readonly birthrights: ReadonlyMap<string, Rule>;
}

/**
 * An object that has vanished no longer gives anything; what was given through it is taken away once its absence has
 * settled, which the guard sees to.
 */
export function gives(object: InForce): boolean {
  return object.standing.status !== "Vanished";
}

function compileRule(source: string): Rule {
  const compiled = compile(source, { result: "bool" });
  return isProblem(compiled) ? { error: compiled.message } : compiled;
}

export function accessModel(snapshot: Snapshot): AccessModel {
  const { objects } = snapshot;
  const roles = new Map<string, RoleInForce>();
  for (const [name, role] of objects.BusinessRole) {
    if (!gives(role)) continue;
    const when = role.resource.spec.members?.when;
    roles.set(name, { role, rule: when === undefined ? undefined : compileRule(when) });
  }
  const grants = new Map<string, InForce<"Grant">[]>();
  for (const grant of objects.Grant.values()) {
    if (!gives(grant)) continue;
    const of = grant.resource.spec.identity.name;
    const list = grants.get(of);
    if (list) list.push(grant);
    else grants.set(of, [grant]);
  }
  const birthrights = new Map<string, Rule>();
  for (const [name, target] of objects.Target) {
    const when = target.resource.spec.accounts.when;
    if (when !== undefined) birthrights.set(name, compileRule(when));
  }
  const profiles = new Map([...objects.AccessProfile].filter(([, profile]) => gives(profile)));
  return { snapshot, roles, profiles, grants, birthrights };
}
