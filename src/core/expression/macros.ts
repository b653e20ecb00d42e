import { RE2JS } from "re2js";
import { Clear, type Frame, Unresolved } from "./context.ts";
import { viewClasses } from "./identity-value.ts";
import type { CelType, Checker, Evaluator, Macro, Scope, SyntaxNode } from "./syntax.ts";
import type { FunctionDefinition } from "./text-functions.ts";

interface Expansion {
  readonly ast: SyntaxNode;
  readonly args: readonly SyntaxNode[];
}

const repeat = (name: string, from: number, to: number, result: string) =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    const params = Array.from({ length: from + index }, () => "ast").join(", ");
    return `${name}(${params}): ${result}`;
  });

/** The frame rides in the scope under a name that no expression can write. */
export const frameKey = "#frame";
const frameOf = (scope: Scope) => scope.getValue(frameKey) as Frame;

/** The functions that evaluate their arguments themselves, or need to know whose account it is. */
export const macroFunctions: readonly FunctionDefinition[] = [
  {
    signatures: repeat("coalesce", 2, 8, "dyn"),
    doc: "The first argument that is not null, an empty text or an empty list; else the last.",
    run: coalesce,
  },
  {
    signatures: ["default(ast, ast): dyn"],
    doc: "The first argument, or the second where the first is null or empty.",
    run: coalesce,
  },
  {
    signatures: ["match(ast, ast): bool"],
    doc: "Whether a part of the text matches the pattern, a literal in RE2 syntax, in linear time. Anchor it with ^ and $.",
    run: match,
  },
  {
    signatures: repeat("unique", 1, 8, "string"),
    doc: "The first candidate (texts, or lists of texts) that no other account has. Decided once, when the account is created, and kept.",
    run: unique,
  },
  {
    signatures: ["account(ast): Account"],
    doc: "This identity's account in another target, a literal: account('directory').name, .anchor, .attributes.mail. Waits until it exists.",
    run: account,
  },
  {
    signatures: ["accountOf(ast): dyn<string>"],
    doc: "The name of another identity's account in this target: accountOf(identity.manager); null stays null.",
    run: accountOf,
  },
  {
    signatures: ["clear(): dyn"],
    doc: "Empties the attribute. Null leaves it alone.",
    run: () => new Clear(),
  },
];

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** All arguments have one type; the result can be null only if the last can. */
function coalesce({ args }: Expansion): Macro {
  return {
    async: false,
    typeCheck(checker, _macro, scope) {
      const types = args.map((arg) => checker.check(arg, scope));
      const plain = types.map((type) => (type.kind === "dyn" ? type.valueType : type));
      const first = plain.find((type) => type !== undefined);
      plain.forEach((type, index) => {
        if (type === undefined || first === undefined || type.unify(checker.registry, first) !== null) return;
        const [found, expected] = [checker.formatType(type), checker.formatType(first)];
        throw checker.createError(
          "mixed_types",
          `the arguments must have one type, not ${expected} and ${found}`,
          args[index]!,
        );
      });
      const last = types.at(-1)!;
      return last.kind === "list" ? (first!.unify(checker.registry, last) ?? last) : last;
    },
    evaluate(evaluator, _macro, scope) {
      let value: unknown = null;
      for (const arg of args) {
        value = evaluator.run(arg, scope);
        if (!isEmpty(value)) break;
      }
      return value;
    },
  };
}

function checkText(checker: Checker, node: SyntaxNode, scope: Scope): void {
  const type = checker.check(node, scope);
  const plain = type.kind === "dyn" ? type.valueType : type;
  if (plain === undefined || plain.name === "string") return;
  throw checker.createError("not_a_text", `needs a text, not ${checker.formatType(type)}`, node);
}

function runText(evaluator: Evaluator, node: SyntaxNode, scope: Scope): string {
  const value = evaluator.run(node, scope);
  if (typeof value === "string") return value;
  throw evaluator.createError("not_a_text", "needs a text", node);
}

function literal(node: SyntaxNode): string | undefined {
  return node.op === "value" && typeof node.args === "string" ? node.args : undefined;
}

function match({ args: [text, pattern] }: { args: SyntaxNode[] }): Macro {
  const source = literal(pattern!);
  let regex: RE2JS | undefined;
  return {
    async: false,
    typeCheck(checker, _macro, scope) {
      checkText(checker, text!, scope);
      if (source === undefined) {
        throw checker.createError("no_literal", "match() needs its pattern as a literal text", pattern!);
      }
      try {
        regex = RE2JS.compile(source);
      } catch (error) {
        throw checker.createError(
          "bad_pattern",
          `cannot use the pattern: ${(error as Error).message}`,
          pattern!,
        );
      }
      return checker.getType("bool");
    },
    evaluate(evaluator, _macro, scope) {
      const value = runText(evaluator, text!, scope);
      frameOf(scope).meter.handle(value);
      return regex!.test(value);
    },
  };
}

function unique({ args }: Expansion): Macro {
  return {
    async: false,
    typeCheck(checker, _macro, scope) {
      for (const arg of args) {
        const type = checker.check(arg, scope);
        if (!isTexts(type)) {
          throw checker.createError("not_a_text", `needs texts, not ${checker.formatType(type)}`, arg);
        }
      }
      return checker.getType("string");
    },
    evaluate(evaluator, _macro, scope) {
      const frame = frameOf(scope);
      const { decided, isTaken } = frame.context;
      if (decided !== undefined) return decided;
      if (isTaken === undefined) throw new Unresolved("unique() has no accounts to look in here");
      const tried: unknown[] = [];
      for (const arg of args) {
        const value = evaluator.run(arg, scope);
        for (const candidate of Array.isArray(value) ? value : [value]) {
          if (typeof candidate !== "string" || candidate === "") continue;
          if (!isTaken(candidate)) {
            frame.decided = candidate;
            return candidate;
          }
          tried.push(candidate);
        }
      }
      throw new Error(
        tried.length === 0
          ? "unique() has no candidate: all are absent"
          : `unique() found every candidate taken: ${tried.slice(0, 5).join(", ")}; add further ones`,
      );
    },
  };
}

function isTexts(type: CelType): boolean {
  const plain = type.kind === "dyn" ? type.valueType : type;
  if (plain === undefined || plain.name === "string") return true;
  return plain.kind === "list" && plain.valueType !== undefined && isTexts(plain.valueType);
}

function account({ args: [target] }: { args: SyntaxNode[] }): Macro {
  const name = literal(target!);
  return {
    async: false,
    typeCheck(checker) {
      if (name !== undefined) return checker.getType("Account");
      throw checker.createError("no_literal", "account() needs its target as a literal text", target!);
    },
    evaluate(_evaluator, _macro, scope) {
      const found = frameOf(scope).context.account?.(name!);
      if (found !== undefined) return new viewClasses.Account({ ...found });
      throw new Unresolved(`there is no account in ${name} yet`, name);
    },
  };
}

function accountOf({ args: [identity] }: { args: SyntaxNode[] }): Macro {
  return {
    async: false,
    typeCheck(checker, _macro, scope) {
      checkText(checker, identity!, scope);
      return checker.getType("dyn<string>");
    },
    evaluate(evaluator, _macro, scope) {
      const name = evaluator.run(identity!, scope);
      if (name === null) return null;
      if (typeof name !== "string") throw evaluator.createError("not_a_text", "needs a text", identity!);
      const { accountOf } = frameOf(scope).context;
      if (accountOf === undefined) throw new Unresolved("accountOf() has no accounts to look in here");
      const found = accountOf(name);
      if (found === null || typeof found === "string") return found;
      throw new Unresolved(found.held);
    },
  };
}
