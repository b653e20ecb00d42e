import { type Dependencies, dependencies, syntaxObjections, typeObjections } from "./analysis.ts";
import { type EvaluationContext, type Frame, Unresolved } from "./context.ts";
import { sourceLimits } from "./environment.ts";
import { type Language, languages, type Subject } from "./language.ts";
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
import { identityPath, type SyntaxNode } from "./syntax.ts";

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

/**
 * Parses and checks an expression that is to give a bool (`bool`: a rule, over the identity alone), one text (`string`: a name) or
 * an attribute's values (`values`), one text or nothing (`name`), or what stands in a column of an export (`cell`). `over`: what it is
 * about; the identity, where nothing else is said.
 */
export function compile<K extends ResultKind>(
  source: string,
  options: { readonly result: K; readonly over?: Subject },
): Expression<Results[K]> | ExpressionProblem {
  if (source.length > sourceLimits.length) {
    return problemAt(source, sourceLimits.length, `is longer than ${sourceLimits.length} characters`);
  }
  const { result, over = "identity" } = options;
  try {
    return build(source, result, over);
  } catch (error) {
    return compileProblem(source, error, languages[over].variables);
  }
}

export function isProblem(compiled: Expression<unknown> | ExpressionProblem): compiled is ExpressionProblem {
  return "message" in compiled;
}

function build<K extends ResultKind>(
  source: string,
  kind: K,
  over: Subject,
): Expression<Results[K]> | ExpressionProblem {
  const { environment, variables, anyType }: Language = languages[over];
  const parsed = environment.parse(source);
  const root = parsed.ast as unknown as SyntaxNode;
  const [refused] = syntaxObjections(root, { rule: kind === "bool", over, variables });
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
  return kind === "name" ? identityPath(root) !== undefined : kind !== "values" && kind !== "cell";
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
    const given = parsed({ ...context.beside, identity: context.identity, [frameKey]: frame });
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
