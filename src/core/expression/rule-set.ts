import type { ExpressionResult, Rule } from "./compile.ts";
import { type IdentityValue, readPath } from "./identity-value.ts";

/** How many distinct tuples of values one group of rules remembers. */
const rememberedTuples = 10_000;

interface Group {
  readonly paths: readonly string[];
  /** The places of its rules in the set. */
  readonly members: readonly number[];
  readonly known: Map<string, readonly ExpressionResult<boolean>[]>;
}

/**
 * Many rules over many identities. Rules that read the same attributes are evaluated once for each distinct tuple of their values, so
 * that 100,000 identities in 40 departments cost 40 evaluations a rule and one look-up a group.
 */
export class RuleSet {
  readonly rules: readonly Rule[];
  private readonly groups: readonly Group[];

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    const groups = new Map<string, Group & { members: number[] }>();
    rules.forEach((rule, index) => {
      const paths = [...rule.reads].sort();
      const key = paths.join("\n");
      const group: Group & { members: number[] } = groups.get(key) ?? {
        paths,
        members: [],
        known: new Map(),
      };
      group.members.push(index);
      groups.set(key, group);
    });
    this.groups = [...groups.values()];
  }

  /** The verdict of each rule, in the order of `rules`. */
  evaluate(identity: IdentityValue): readonly ExpressionResult<boolean>[] {
    const verdicts = new Array<ExpressionResult<boolean>>(this.rules.length);
    for (const group of this.groups) {
      const results = this.groupResults(group, identity);
      for (let index = 0; index < results.length; index++) verdicts[group.members[index]!] = results[index]!;
    }
    return verdicts;
  }

  private groupResults(group: Group, identity: IdentityValue): readonly ExpressionResult<boolean>[] {
    const key = memoKey(group.paths, identity);
    const known = group.known.get(key);
    if (known !== undefined) return known;
    const results = group.members.map((index) => this.rules[index]!.evaluate({ identity }));
    if (group.known.size >= rememberedTuples) group.known.clear();
    group.known.set(key, results);
    return results;
  }
}

/** One text for the values at these paths; equal texts mean equal values. */
export function memoKey(paths: Iterable<string>, identity: IdentityValue): string {
  let key = "";
  for (const path of paths) {
    const value = readPath(identity, path);
    const text = typeof value === "string" ? value : value === undefined ? undefined : JSON.stringify(value);
    key += text === undefined ? "-" : `${typeof value === "string" ? "s" : "j"}${text.length}:${text}`;
  }
  return key;
}
