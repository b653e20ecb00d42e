import { getOrAdd } from "../model/maps.ts";
import { type ViewName, viewTypes } from "./identity-value.ts";
import type { Subject } from "./language.ts";
import { callOf, pathOf, type SyntaxNode, selectOf, visit } from "./syntax.ts";

/** What an expression depends on, read off its syntax tree. */
export interface Dependencies {
  /** Paths of the identity's attributes: `department`, `name.givenName`, `attributes.site`; `*` for the whole identity. */
  readonly reads: ReadonlySet<string>;
  /** The same of each variable that is read, by its name. */
  readonly variables: ReadonlyMap<string, ReadonlySet<string>>;
  /** The targets named in `account('…')`. */
  readonly targets: ReadonlySet<string>;
  /** Whether it uses `unique()`. */
  readonly unique: boolean;
  /** Whether it uses `accountOf()`. */
  readonly references: boolean;
}

/** Something that is valid CEL and not allowed here. */
export interface Objection {
  readonly node: SyntaxNode;
  readonly message: string;
}

const bindsVariable = new Set(["all", "exists", "exists_one", "filter", "map", "bind"]);
const twoSteps: ReadonlySet<string> = new Set(["name", "lifecycle", "attributes"]);

export function dependencies(root: SyntaxNode): Dependencies {
  const variables = new Map<string, Set<string>>();
  const targets = new Set<string>();
  const called = new Set<string>();
  visit(root, (node, ancestors) => {
    if (node.op === "id")
      getOrAdd(variables, String(node.args), () => new Set()).add(readOf(String(node.args), ancestors));
    const call = callOf(node);
    if (call === undefined || call.receiver !== undefined) return;
    called.add(call.name);
    if (call.name === "account") targets.add(String(call.args[0]?.args));
  });
  const reads = variables.get("identity") ?? new Set();
  return { reads, variables, targets, unique: called.has("unique"), references: called.has("accountOf") };
}

/** What is read of a variable by the selects around it: one step, or two into an object or map. */
function readOf(variable: string, ancestors: readonly SyntaxNode[]): string {
  const [inner, outer] = [ancestors.at(-1), ancestors.at(-2)];
  const first = inner && pathOf(inner, variable);
  if (first === undefined) return "*";
  const select = outer && selectOf(outer);
  return select?.object === inner && twoSteps.has(first) ? `${first}.${select!.field}` : first;
}

const ofAccounts = ["unique", "account", "accountOf", "clear"];

/** Before the type check: what is refused whatever the types. `variables`: those there are, which no other may hide. */
export function syntaxObjections(
  root: SyntaxNode,
  use: { readonly rule: boolean; readonly over: Subject; readonly variables: readonly string[] },
): readonly Objection[] {
  const objections: Objection[] = [];
  let uniques = 0;
  const object = (node: SyntaxNode, message: string) => objections.push({ node, message });
  visit(root, (node) => {
    const call = callOf(node);
    if (call === undefined) return;
    const { name, receiver, args } = call;
    if (name === "matches")
      object(node, "matches() is not available; use match(text, 'pattern'), which takes linear time");
    if (name === "getDayOfYear" || (receiver !== undefined && /^get[A-Z]/.test(name) && args.length > 0)) {
      object(
        node,
        `${name}() would depend on the machine's time zone; use the functions of UTC without arguments`,
      );
    }
    if (receiver !== undefined && bindsVariable.has(name) && use.variables.includes(String(args[0]?.args))) {
      object(args[0]!, `choose another name for the variable than "${args[0]!.args}"`);
    }
    if (receiver !== undefined) return;
    if (name === "unique" && ++uniques > 1) object(node, "unique() can be used once only");
    if (!ofAccounts.includes(name)) return;
    if (use.over === "export")
      object(node, `${name}() is for the accounts of a Target; an export reads account or accounts`);
    else if (use.rule)
      object(node, `${name}() is for names and attributes, not for rules, which read the identity alone`);
  });
  return objections;
}

/** After the type check: names that the checker lets pass. */
export function typeObjections(root: SyntaxNode): readonly Objection[] {
  const objections: Objection[] = [];
  visit(root, (node) => {
    if (!/^(?:\.|\.\?|\[\]|\[\?\])$/.test(node.op)) return;
    const held = node.left?.checkedType;
    const type = held?.kind === "optional" ? held.valueType : held;
    if (type === undefined || !(type.name in viewTypes)) return;
    const field = selectOf(node)?.field;
    if (field === undefined || node.op.startsWith("[")) {
      objections.push({ node, message: `${type.name} has no index; write its fields as in identity.title` });
    } else if (!(field in viewTypes[type.name as ViewName])) {
      objections.push({ node, message: unknownField(type.name as ViewName, field) });
    }
  });
  return objections;
}

/** The message for a field that a type does not have. */
export function unknownField(type: ViewName, field: string): string {
  const known = Object.keys(viewTypes[type]);
  const near = nearest(field, known);
  const isIdentity = type === "Identity" || type === "Owner";
  const free = isIdentity ? "; free attributes are read as identity.attributes.x" : "";
  const who = isIdentity ? "an identity" : `${/^[AE]/.test(type) ? "an" : "a"} ${type}`;
  return `${who} has no "${field}"${near === undefined ? `; it has ${known.join(", ")}` : `; did you mean ${near}?`}${near === undefined ? free : ""}`;
}

/** The name most like the one given, undefined where none is. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const lower = name.toLowerCase().slice(0, 64);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(lower, candidate.toLowerCase());
    const like = distance <= Math.max(2, candidate.length / 3) && distance < candidate.length - 1;
    if (like && distance < (best?.distance ?? Infinity)) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
