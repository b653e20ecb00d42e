import { TypeError as CelTypeError, EvaluationError, ParseError } from "@marcbachmann/cel-js";
import { nearest, unknownField } from "./analysis.ts";
import { functionDocs } from "./function-docs.ts";
import { type IdentityValue, identityTypes, readPath, type ViewName, viewTypes } from "./identity-value.ts";
import { callOf, identityPath, type SyntaxNode, selectOf, visit } from "./syntax.ts";

/** Where in an expression's source; line and column count from 1, the offset from 0. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Why an expression cannot be used. */
export interface ExpressionProblem {
  readonly message: string;
  readonly position: Position;
}

export function problemAt(source: string, offset: number, message: string): ExpressionProblem {
  const before = source.slice(0, offset).split("\n");
  return { message, position: { offset, line: before.length, column: before.at(-1)!.length + 1 } };
}

/** What the library found when parsing or checking, in our words. */
export function compileProblem(
  source: string,
  error: unknown,
  variables: readonly string[],
): ExpressionProblem {
  if (error instanceof RangeError) return problemAt(source, 0, "nests too deeply");
  if (!(error instanceof ParseError || error instanceof CelTypeError)) {
    return problemAt(source, 0, error instanceof Error ? error.message : String(error));
  }
  const node = error.node as unknown as SyntaxNode | undefined;
  return problemAt(
    source,
    error.range?.start ?? 0,
    compileMessage(error.code, error.summary, node, variables),
  );
}

function compileMessage(
  code: string,
  summary: string,
  node: SyntaxNode | undefined,
  variables: readonly string[],
): string {
  const type = node?.left?.checkedType;
  const field = node === undefined ? undefined : selectOf(node)?.field;
  if (code === "no_such_key" && type !== undefined && type.name in viewTypes && field !== undefined) {
    return unknownField(type.name as ViewName, field);
  }
  if (code === "unknown_variable") return unknownVariable(String(node?.args), variables);
  const name = node === undefined ? undefined : callOf(node)?.name;
  if (code === "no_matching_overload" && name !== undefined) return unknownCall(name, summary);
  return plainTypes(summary);
}

function unknownVariable(name: string, variables: readonly string[]): string {
  if (name in identityTypes.Identity) return `there is no variable "${name}"; write identity.${name}`;
  const near = nearest(name, variables);
  return `there is no variable "${name}"${near === undefined ? `; expressions read ${variables.join(", ")}` : `; did you mean ${near}?`}`;
}

function unknownCall(name: string, summary: string): string {
  const known = functionDocs().filter((doc) => doc.name === name);
  if (known.length > 0) {
    const signatures = known.flatMap((doc) => doc.signatures).join(", ");
    return `${plainTypes(summary)}; it is called as ${signatures}`;
  }
  const near = nearest(
    name,
    functionDocs().map((doc) => doc.name),
  );
  return `there is no function ${name}()${near === undefined ? "" : `; did you mean ${near}()?`}`;
}

/** The library's words made plain: `dyn<string>` is our type for a text that may be null. */
function plainTypes(summary: string): string {
  const plain = summary.replace(/dyn<([^<>]+)>/g, "$1");
  if (plain === "Unexpected character: =") return "found a single =; compare with ==";
  const [, limit, most] = /^Exceeded (\w+) \((\d+)\)$/.exec(plain) ?? [];
  if (limit !== undefined)
    return limit === "maxDepth" ? `nests deeper than ${most}` : `has more than ${most} parts`;
  const [, left, operator, right] = /^no such overload: (.+) (\S+) (.+)$/.exec(plain) ?? [];
  if (left === undefined) return plain;
  const cure = operator === "==" && left.startsWith("list<") ? "; to look into a list write 'x' in list" : "";
  return `${operator} does not go between ${left} and ${right}${cure}`;
}

const absenceCodes = new Set([
  "no_such_overload",
  "no_matching_overload",
  "not_a_text",
  "invalid_logical_operand",
  "invalid_condition_type",
]);

/** What went wrong for one identity, in our words: an absent attribute is named. */
export function evaluationMessage(error: unknown, root: SyntaxNode, identity: IdentityValue): string {
  if (!(error instanceof EvaluationError)) return error instanceof Error ? error.message : String(error);
  const node = (error.node as unknown as SyntaxNode | undefined) ?? root;
  if (absenceCodes.has(error.code)) {
    const absent = absentPath(node, identity);
    if (absent !== undefined) return `identity.${absent} is absent`;
    if (/\bnull\b/.test(error.summary))
      return `${node.input.slice(node.start, node.end)} reads something absent`;
  }
  if (error.code === "index_out_of_bounds") return "the list has no entry at this index";
  // A value may be a secret: what an attribute holds is never told.
  return plainTypes(error.summary.replace(/(invalid string value) .*/s, "$1"));
}

/** The first attribute read under this node that the identity does not have. */
export function absentPath(root: SyntaxNode, identity: IdentityValue): string | undefined {
  let absent: string | undefined;
  visit(root, (node) => {
    const path = identityPath(node);
    if (path !== undefined && absent === undefined && readPath(identity, path) === undefined) absent = path;
  });
  return absent;
}
