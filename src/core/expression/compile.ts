import { type Dependencies, dependencies, syntaxObjections, typeObjections } from "./analysis.ts";
import { type EvaluationContext, type Frame, Unresolved } from "./context.ts";
import { createEnvironment, sourceLimits } from "./environment.ts";
import { frameKey } from "./macros.ts";
import { Meter } from "./meter.ts";
import { prepareCheck, prepareEvaluation } from "./prepare.ts";
import {
  absentPath,
  compileProblem,
  type ExpressionProblem,
  evaluationMessage,
  problemAt,
} from "./problem.ts";
import { convert, expectedType, type ResultKind, type Results } from "./result.ts";
import { type CelType, identityPath, type SyntaxNode } from "./syntax.ts";

/** What came of evaluating: never an exception. `decided` is what `unique()` chose now, to be kept with the account. */
export type ExpressionResult<T> =
  | { readonly ok: true; readonly value: T; readonly decided?: string }
  | { readonly ok: false; readonly message: string };

/** A checked expression, parsed once. */
export interface Expression<T> extends Dependencies {
  readonly source: string;
  evaluate(context: EvaluationContext): ExpressionResult<T>;
}

/** A rule: true or false of an identity. */
export type Rule = Expression<Results["bool"]>;
/** An attribute's values; null leaves it alone. */
export type ValuesExpression = Expression<Results["values"]>;

const environment = createEnvironment();
const anyType = typeOf("dyn(null)");

function typeOf(source: string): CelType {
  const parsed = environment.parse(source);
  parsed.check();
  return (parsed.ast as unknown as SyntaxNode).checkedType!;
}

/**
 * Parses and checks an expression that is to give a bool (`bool`: a rule, over the identity alone), one text (`string`: a name) or
 * an attribute's values (`values`), or one text or nothing (`name`).
 */
export function compile<K extends ResultKind>(
  source: string,
  options: { readonly result: K },
): Expression<Results[K]> | ExpressionProblem {
  if (source.length > sourceLimits.length) {
    return problemAt(source, sourceLimits.length, `is longer than ${sourceLimits.length} characters`);
  }
  try {
    return build(source, options.result);
  } catch (error) {
    return compileProblem(source, error);
  }
}

export function isProblem(compiled: Expression<unknown> | ExpressionProblem): compiled is ExpressionProblem {
  return "message" in compiled;
}

function build<K extends ResultKind>(source: string, kind: K): Expression<Results[K]> | ExpressionProblem {
  const parsed = environment.parse(source);
  const root = parsed.ast as unknown as SyntaxNode;
  const [refused] = syntaxObjections(root, kind === "bool");
  if (refused !== undefined) return problemAt(source, refused.node.pos, refused.message);
  prepareCheck(root, anyType);
  const checked = parsed.check();
  if (!checked.valid) throw checked.error;
  const [wrong] = typeObjections(root);
  if (wrong !== undefined) return problemAt(source, wrong.node.pos, wrong.message);
  const mismatch = expectedType(kind, root.checkedType!);
  if (mismatch !== undefined) return problemAt(source, root.start, mismatch);
  const meter = new Meter();
  prepareEvaluation(root, meter);
  return { source, ...dependencies(root), evaluate: evaluator(kind, parsed, root, meter) };
}

/** Whether null can only come of something absent, and is not what was written. */
function needsAll(kind: ResultKind, root: SyntaxNode): boolean {
  return kind === "name" ? identityPath(root) !== undefined : kind !== "values";
}

function evaluator<K extends ResultKind>(
  kind: K,
  parsed: (variables: Record<string, unknown>) => unknown,
  root: SyntaxNode,
  meter: Meter,
): Expression<Results[K]>["evaluate"] {
  let running = false; // the tree has room for one evaluation at a time
  const run = (context: EvaluationContext): ExpressionResult<Results[K]> => {
    const frame: Frame = { identity: context.identity, context, meter, decided: undefined };
    const given = parsed({ identity: context.identity, [frameKey]: frame });
    const absent = given === null && needsAll(kind, root) ? absentPath(root, context.identity) : undefined;
    if (absent !== undefined) return { ok: false, message: `identity.${absent} is absent` };
    const value = convert(kind, given);
    return frame.decided === undefined ? { ok: true, value } : { ok: true, value, decided: frame.decided };
  };
  return (context) => {
    if (running) return { ok: false, message: "needs itself, by way of another account" };
    running = true;
    meter.reset();
    try {
      return run(context);
    } catch (error) {
      if (error instanceof Unresolved && error.pending !== undefined && kind !== "bool") {
        return { ok: true, value: { pending: error.pending } as Results[K] };
      }
      return { ok: false, message: evaluationMessage(error, root, context.identity) };
    } finally {
      running = false;
    }
  };
}
