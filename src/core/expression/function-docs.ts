import { macroFunctions } from "./macros.ts";
import { textFunctions } from "./text-functions.ts";

/** One function of expressions, for the reference documentation. */
export interface FunctionDoc {
  readonly name: string;
  readonly signatures: readonly string[];
  readonly doc: string;
}

/** CEL's own functions that are of use here. */
const standard: readonly Omit<FunctionDoc, "name">[] = [
  { signatures: ["has(identity.x): bool"], doc: "Whether the attribute is there." },
  { signatures: ["identity.?x.orValue(T): T"], doc: "The attribute, or another value where it is absent." },
  {
    signatures: ["size(string): int", "size(list): int", "size(map): int"],
    doc: "How many characters or entries.",
  },
  { signatures: ["string.startsWith(string): bool"], doc: "Whether the text begins so." },
  { signatures: ["string.endsWith(string): bool"], doc: "Whether the text ends so." },
  { signatures: ["string.contains(string): bool"], doc: "Whether the text has this part." },
  { signatures: ["string.trim(): string"], doc: "The text without white space around it." },
  { signatures: ["string.split(string): list<string>"], doc: "The parts between a separator." },
  { signatures: ["list<string>.join(string): string"], doc: "One text, with a separator between the parts." },
  {
    signatures: ["string.substring(int): string", "string.substring(int, int): string"],
    doc: "The part from one index, up to another.",
  },
  { signatures: ["list.exists(x, bool): bool"], doc: "Whether the condition holds for an entry x." },
  { signatures: ["list.all(x, bool): bool"], doc: "Whether the condition holds for every entry x." },
  { signatures: ["list.filter(x, bool): list"], doc: "The entries for which the condition holds." },
  { signatures: ["list.map(x, T): list<T>"], doc: "What the expression makes of each entry x." },
  { signatures: ["string(T): string"], doc: "A number or bool as text." },
  { signatures: ["int(string): int"], doc: "A text as a number." },
];

/** Every function, by name: those of Rollcall first, then CEL's own. */
export function functionDocs(): readonly FunctionDoc[] {
  const own = [...textFunctions, ...macroFunctions].map(({ signatures, doc }) => ({
    signatures: variadic(signatures).map((signature) => signature.replaceAll(/dyn<([^<>]+)>/g, "$1")),
    doc,
  }));
  return [...own, ...standard].map((entry) => ({ name: nameOf(entry.signatures[0]!), ...entry }));
}

function nameOf(signature: string): string {
  return /(\w+)\(/.exec(signature)![1]!;
}

/** Overloads for each number of arguments are one signature with `…`, and those for null go without saying. */
function variadic(signatures: readonly string[]): readonly string[] {
  const readable = signatures
    .filter((signature) => !signature.includes("null"))
    .map((signature) => signature.replaceAll("ast", "T"));
  if (readable.length < 4) return readable;
  return [readable[0]!.replace(/\(([^)]*)\)/, "($1, …)")];
}
