import { Unresolved } from "./context.ts";
import { absentValue, emptyList, identityTypes, type ViewName } from "./identity-value.ts";
import { type CelType, callOf, type Macro, type SyntaxNode, selectOf, visit } from "./syntax.ts";

/**
 * What the CEL library does otherwise than we need, mended on the syntax tree of one expression:
 * an absent attribute reads as null, or as the empty list, where CEL would err; `has()` and `.?` still tell that it is absent;
 * `has()` checks the name of its field; `null` goes with any type; and no evaluation can use much time or memory.
 */

/** The work one evaluation may do: a unit for each operation that makes a value, and for every 64 characters or entries it handles. */
const workLimit = 20_000;
const textLimit = 65_536;
const listLimit = 1_000;

/** What is left of the work of one evaluation; set anew before each. */
export class Meter {
  private left = workLimit;

  reset(): void {
    this.left = workLimit;
  }

  spend(value: unknown): void {
    let size = 1;
    if (typeof value === "string") {
      if (value.length > textLimit) throw new Error("makes a text of more than 64 KiB");
      size += value.length >> 6;
    } else if (Array.isArray(value)) {
      if (value.length > listLimit) throw new Error(`makes a list of more than ${listLimit} entries`);
      size += value.length >> 6;
    }
    this.left -= size;
    if (this.left < 0) throw new Error("takes too much work; make the expression simpler");
  }
}

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
    if ((node.op === "." || node.op === "[]") && objectType !== undefined) readAbsent(node, objectType);
    else if (node.op === "+" || (callOf(node) !== undefined && node.meta.macro === undefined))
      measure(node, meter);
  });
}

function readAbsent(node: SyntaxNode, objectType: CelType): void {
  if (objectType.name === "map<string, list<string>>") {
    node.handle = (map, key) => readList(map as Record<string, unknown>, key as string);
  } else if (objectType.name in identityTypes) {
    const field = selectOf(node)!.field;
    const type = (identityTypes[objectType.name as ViewName] as Record<string, string>)[field]!;
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
      if (typeof operand === "string" || Array.isArray(operand)) meter.spend(operand);
    }
    const result = original(...operands);
    meter.spend(result);
    return result;
  };
}
