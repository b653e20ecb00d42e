import { Unresolved } from "./context.ts";
import { absentValue, emptyList, type ViewName, viewTypes } from "./identity-value.ts";
import type { Meter } from "./meter.ts";
import { type CelType, callOf, type Macro, type SyntaxNode, selectOf, visit } from "./syntax.ts";

/**
 * What the CEL library does otherwise than we need, mended on the syntax tree of one expression:
 * an absent attribute reads as null, or as the empty list, where CEL would err; `has()` and `.?` still tell that it is absent;
 * `has()` checks the name of its field; `null` goes with any type; and no evaluation can use much time or memory.
 */

/** A list of more entries than this is not read from an account. */
const listLimit = 1_000;

/** Before the type check. */
export function prepareCheck(root: SyntaxNode, anyType: CelType): void {
  visit(root, (node) => {
    if (node.op === "value" && node.args === null) node.checkedType = anyType;
    const macro = node.meta.macro;
    if (macro !== undefined && callOf(node)?.name === "has") checkField(macro, callOf(node)!.args[0]!);
  });
}

function checkField(macro: Macro, argument: SyntaxNode): void {
  const original = macro.typeCheck;
  macro.typeCheck = (checker, self, scope) => {
    const type = original(checker, self, scope);
    checker.check(argument, scope);
    return type;
  };
}

/** After the type check. */
export function prepareEvaluation(root: SyntaxNode, meter: Meter): void {
  visit(root, (node) => {
    const objectType = node.left?.checkedType;
    const loop = node.meta.alternate;
    if ((node.op === "." || node.op === "[]") && objectType !== undefined) readAbsent(node, objectType);
    else if (loop?.op === "comprehension") countTurns(node, loop, meter);
    else if (node.op === "+" || (callOf(node) !== undefined && node.meta.macro === undefined))
      measure(node, meter);
  });
}

/** `call` is `list.exists(x, …)` as written, `loop` what the library made of it. */
function countTurns(call: SyntaxNode, loop: SyntaxNode, meter: Meter): void {
  let nodes = 0;
  visit(callOf(call)!.args, () => nodes++);
  const turn = 1 + (nodes >> 5);
  const { step } = loop.args as { readonly step: SyntaxNode };
  const original = step.meta.evaluate;
  step.meta.evaluate = (evaluator, node, scope) => {
    meter.spend(turn);
    return original(evaluator, node, scope);
  };
}

function readAbsent(node: SyntaxNode, objectType: CelType): void {
  if (objectType.name === "map<string, list<string>>") {
    node.handle = (map, key) => readList(map as Record<string, unknown>, key as string);
  } else if (objectType.name in viewTypes) {
    const field = selectOf(node)!.field;
    const type = (viewTypes[objectType.name as ViewName] as Record<string, string>)[field]!;
    const absent = absentValue(type);
    node.handle = (object) => (object as Record<string, unknown>)[field] ?? absent;
  }
}

function readList(map: Record<string, unknown>, key: string): unknown {
  if (!Object.hasOwn(map, key)) return emptyList;
  const list = map[key];
  if (Array.isArray(list) && list.length > listLimit) {
    throw new Unresolved(`${key} has more than ${listLimit} values`);
  }
  return list;
}

function measure(node: SyntaxNode, meter: Meter): void {
  const original = node.handle;
  if (original === undefined) return;
  node.handle = (...operands) => {
    for (const operand of Array.isArray(operands[0]) && node.op !== "+" ? operands[0] : operands) {
      if (typeof operand === "string" || Array.isArray(operand)) meter.handle(operand);
    }
    const result = original(...operands);
    meter.handle(result);
    return result;
  };
}
