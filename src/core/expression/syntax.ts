/**
 * The parts of the CEL library's syntax tree that its type declarations leave out. Its version is pinned; the tests of compile.ts fail
 * where a new one changes any of this.
 */

/** A type as the checker infers it. */
export interface CelType {
  readonly kind: "primitive" | "dyn" | "list" | "map" | "optional" | "message" | "param";
  readonly name: string;
  /** What a list, a map, an optional or a `dyn<…>` holds. */
  readonly valueType?: CelType;
  unify(registry: unknown, other: CelType): CelType | null;
  readonly hasDynType: boolean;
}

export interface SyntaxNode {
  readonly op: string;
  readonly args: unknown;
  /** The whole source. */
  readonly input: string;
  readonly start: number;
  readonly end: number;
  /** Where in the source an error about it is shown. */
  readonly pos: number;
  readonly meta: {
    macro?: Macro;
    /** What a call like `list.exists()` was turned into. */
    alternate?: SyntaxNode;
    evaluate: (evaluator: unknown, node: SyntaxNode, scope: unknown) => unknown;
  };
  /** The object that a field is read of. Set by the checker, as the next two. */
  readonly left?: SyntaxNode;
  checkedType?: CelType;
  /** Does the operation once its operands are evaluated; read anew at every evaluation. */
  handle?: (...operands: unknown[]) => unknown;
}

/** A function that evaluates its arguments itself. */
export interface Macro {
  readonly async?: false;
  typeCheck(checker: Checker, macro: Macro, scope: Scope): CelType;
  evaluate?(evaluator: Evaluator, macro: Macro, scope: Scope): unknown;
}

export interface Checker {
  readonly registry: unknown;
  check(node: SyntaxNode, scope: Scope): CelType;
  getType(name: string): CelType;
  formatType(type: CelType): string;
  createError(code: string, message: string, node: SyntaxNode): Error;
}

export interface Evaluator {
  run(node: SyntaxNode, scope: Scope): unknown;
  createError(code: string, message: string, node: SyntaxNode): Error;
}

export interface Scope {
  getValue(name: string): unknown;
}

/** Visits a tree from the root down, the arguments of macros included. */
export function visit(
  part: unknown,
  see: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => void,
): void {
  const ancestors: SyntaxNode[] = [];
  const step = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(step);
    else if (isNode(value)) {
      see(value, ancestors);
      ancestors.push(value);
      step(value.args);
      ancestors.pop();
    }
  };
  step(part);
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}

/** A call's name, its receiver (for `a.f(b)`) and its arguments. */
export interface Call {
  readonly name: string;
  readonly receiver: SyntaxNode | undefined;
  readonly args: readonly SyntaxNode[];
}

export function callOf(node: SyntaxNode): Call | undefined {
  if (node.op === "call") {
    const [name, args] = node.args as [string, SyntaxNode[]];
    return { name, receiver: undefined, args };
  }
  if (node.op === "rcall") {
    const [name, receiver, args] = node.args as [string, SyntaxNode, SyntaxNode[]];
    return { name, receiver, args };
  }
  return undefined;
}

/** What is read of what: `a.b`, `a.?b`, `a['b']`; undefined for other nodes and for keys that are computed. */
export function selectOf(node: SyntaxNode): { object: SyntaxNode; field: string } | undefined {
  if (!/^(?:\.|\.\?|\[\]|\[\?\])$/.test(node.op)) return undefined;
  const [object, key] = node.args as [SyntaxNode, string | SyntaxNode];
  const field = typeof key === "string" ? key : key.op === "value" ? key.args : undefined;
  return typeof field === "string" ? { object, field } : undefined;
}

/** The path of an identity's attribute, `name.givenName`, that a node reads; undefined where it reads something else. */
export function identityPath(node: SyntaxNode): string | undefined {
  return pathOf(node, "identity");
}

/** The same of any variable. */
export function pathOf(node: SyntaxNode, variable: string): string | undefined {
  const select = selectOf(node);
  if (select === undefined) return undefined;
  if (select.object.op === "id" && select.object.args === variable) return select.field;
  const outer = pathOf(select.object, variable);
  return outer === undefined ? undefined : `${outer}.${select.field}`;
}
