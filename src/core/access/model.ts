import { compile, type ExpressionResult, isProblem, type Rule } from "../expression/compile.ts";
import { RuleSet } from "../expression/rule-set.ts";
import type { InForce, Snapshot } from "../kinds/resource.ts";
import { getOrAdd } from "../model/maps.ts";
import type { AccessByRule } from "./access.ts";

/** A rule, and what it gives to those for whom it is true: an account in a target, or a role. */
export interface RuledBy {
  readonly gives: "Account" | "Role";
  /** The Target's or the BusinessRole's name. */
  readonly name: string;
}

/** The answers of all rules for one identity; identities with the same answers share one object. */
export type Answers = readonly ExpressionResult<boolean>[];

/** A snapshot arranged for deciding: rules compiled, grants by identity. Made once for the policies of a snapshot. */
export interface AccessModel {
  readonly snapshot: Snapshot;
  readonly roles: ReadonlyMap<string, InForce<"BusinessRole">>;
  readonly profiles: ReadonlyMap<string, InForce<"AccessProfile">>;
  /** By the Identity object's name. */
  readonly grants: ReadonlyMap<string, readonly InForce<"Grant">[]>;
  readonly rules: RuleSet;
  /** What each of the rules gives, in their order. */
  readonly ruled: readonly RuledBy[];
  /** Rules that could not be compiled: who they concern is unknown. */
  readonly broken: readonly (RuledBy & { readonly error: string })[];
  /** What was decided for these answers before. */
  readonly decided: WeakMap<Answers, AccessByRule>;
}

/**
 * An object that has vanished no longer gives anything; what was given through it is taken away once its absence has
 * settled, which the guard sees to.
 */
export function gives(object: InForce): boolean {
  return object.standing.status !== "Vanished";
}

export function accessModel(snapshot: Snapshot): AccessModel {
  const { objects } = snapshot;
  const ruled: RuledBy[] = [];
  const rules: Rule[] = [];
  const broken: (RuledBy & { error: string })[] = [];
  const addRule = (by: RuledBy, source: string | undefined) => {
    if (source === undefined) return;
    const compiled = compile(source, { result: "bool" });
    if (isProblem(compiled)) broken.push({ ...by, error: compiled.message });
    else {
      ruled.push(by);
      rules.push(compiled);
    }
  };
  for (const [name, target] of objects.Target)
    addRule({ gives: "Account", name }, target.resource.spec.accounts.when);
  const roles = new Map([...objects.BusinessRole].filter(([, role]) => gives(role)));
  for (const [name, role] of roles) addRule({ gives: "Role", name }, role.resource.spec.members?.when);
  const grants = new Map<string, InForce<"Grant">[]>();
  for (const grant of objects.Grant.values())
    if (gives(grant)) getOrAdd(grants, grant.resource.spec.identity.name, () => []).push(grant);
  const profiles = new Map([...objects.AccessProfile].filter(([, profile]) => gives(profile)));
  const made = { rules: new RuleSet(rules), ruled, broken, decided: new WeakMap() };
  return { snapshot, roles, profiles, grants, ...made };
}
