import type { ExpressionResult, Rule } from "./compile.ts";
import { type IdentityValue, readPath } from "./identity-value.ts";

/** How many distinct tuples of values one group of rules remembers. */
const rememberedTuples = 10_000;

interface Group {
  readonly paths: readonly string[];
  /** The places of its rules in the set. */
  readonly members: readonly number[];
  readonly known: Map<string, Verdicts>;
}

interface Verdicts {
  /** Tells them from all others of the set. */
  readonly number: number;
  readonly results: readonly ExpressionResult<boolean>[];
}

/**
 * Many rules over many identities. Rules that read the same attributes are evaluated once for each distinct tuple of their values, so
 * that 100,000 identities in 40 departments cost 40 evaluations a rule and one look-up a group.
 */
export class RuleSet {
  readonly rules: readonly Rule[];
  private readonly groups: readonly Group[];
  /** By the numbers of the groups' verdicts. */
  private readonly together = new Map<string, readonly ExpressionResult<boolean>[]>();
  private count = 0;

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

  /** The verdict of each rule, in the order of `rules`. Where all groups are of one mind as before, it is the same list as before. */
  evaluate(identity: IdentityValue): readonly ExpressionResult<boolean>[] {
    const ofGroups = this.groups.map((group) => this.verdictsOf(group, identity));
    const key = ofGroups.map(({ number }) => number).join();
    const known = this.together.get(key);
    if (known !== undefined) return known;
    const all = new Array<ExpressionResult<boolean>>(this.rules.length);
    this.groups.forEach(({ members }, at) => {
      members.forEach((place, index) => {
        all[place] = ofGroups[at]!.results[index]!;
      });
    });
    return keep(this.together, key, all);
  }

  private verdictsOf(group: Group, identity: IdentityValue): Verdicts {
    const key = memoKey(group.paths, identity);
    const known = group.known.get(key);
    if (known !== undefined) return known;
    const results = group.members.map((index) => this.rules[index]!.evaluate({ identity }));
    this.count += 1;
    return keep(group.known, key, { number: this.count, results });
  }
}

function keep<T>(known: Map<string, T>, key: string, value: T): T {
  if (known.size >= rememberedTuples) known.clear();
  known.set(key, value);
  return value;
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
