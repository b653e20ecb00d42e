import { StoreError } from "../../errors.ts";

/** A statement of a manifest, cut at its parameters: texts and names alternate, a text first and last. */
export interface OwnStatement {
  readonly texts: readonly string[];
  readonly parameters: readonly string[];
  /** Whether the database tells how many rows it touched: of what a procedure did it tells nothing. */
  readonly counted: boolean;
}

/**
 * What is not code, and so holds neither a parameter nor the end of a statement: literals ('…', E'…', $tag$…$tag$), quoted
 * identifiers ("…", `…`), comments, and the double colon of a cast.
 */
const tokens = [
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/,
  /'(?:[^']|'')*'/,
  /"(?:[^"]|"")*"/,
  /`[^`]*`/,
  /--[^\n]*/,
  /\/\*[\s\S]*?\*\//,
  /\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/,
  /::/,
  /:(?<parameter>[A-Za-z_]\w*)/,
  /(?<end>;)/,
  /(?<open>['"]|\/\*)/,
];
const scanner = new RegExp(tokens.map((token) => token.source).join("|"), "g");

/** Comments before the first word, and that word. */
const firstWord = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*\{?\s*([A-Za-z]*)/;
const calls = /^(call|exec|execute)$/i;
const endsTransaction = /^(begin|start|commit|end|rollback|abort|savepoint|release)$/i;
/** SQLite's own: they open and write any file that this process may, and change the connection for all. */
const leavesDatabase = /^(attach|detach|vacuum|pragma)$/i;

/** The statements of a script, with their `:name` parameters. A literal that does not end is refused, and so is what would end our transaction. */
export function parseScript(source: string): readonly OwnStatement[] {
  const statements: OwnStatement[] = [];
  let texts: string[] = [];
  let parameters: string[] = [];
  let from = 0;
  const finish = (end: number) => {
    const statement = { texts: [...texts, source.slice(from, end)], parameters };
    const word = firstWord.exec(statement.texts[0]!)?.[1] ?? "";
    if (endsTransaction.test(word))
      throw new StoreError("Invalid", `must not hold ${word}: a script is one transaction already`);
    if (leavesDatabase.test(word))
      throw new StoreError("Invalid", `must not hold ${word}: a script stays in its database`);
    if (word !== "" || parameters.length > 0)
      statements.push({ ...trimmed(statement), counted: !calls.test(word) });
    [texts, parameters] = [[], []];
  };
  for (const match of source.matchAll(scanner)) {
    const { parameter, end, open } = match.groups ?? {};
    if (open !== undefined) throw new StoreError("Invalid", `must end what it begins with ${open}`);
    if (end !== undefined) finish(match.index);
    // A word before the colon makes it no parameter: an array's slice.
    else if (parameter === undefined || /[\w\]]/.test(source[match.index - 1] ?? "")) continue;
    else {
      texts.push(source.slice(from, match.index));
      parameters.push(parameter);
    }
    from = match.index + match[0].length;
  }
  finish(source.length);
  if (statements.length === 0) throw new StoreError("Invalid", "must hold a statement");
  return statements;
}

/** The one statement of a text that can be no script: what accounts are read by. */
export function parseStatement(source: string): OwnStatement {
  const [statement, second] = parseScript(source);
  if (second) throw new StoreError("Invalid", "must be one statement, without a semicolon inside");
  return statement!;
}

export function withoutComments(source: string): string {
  return source.replace(scanner, (token) => (/^(?:--|\/\*)/.test(token) ? " " : token));
}

/** A text of the same length in which what is not code is blank, so that words and commas can be looked for. */
export function codeOf(source: string): string {
  return source.replace(scanner, (token) => (/^[:;]/.test(token) ? token : " ".repeat(token.length)));
}

/** The text with what stands for each parameter. */
export function fillStatement(
  { texts, parameters }: Pick<OwnStatement, "texts" | "parameters">,
  replace: (parameter: string, position: number) => string,
): string {
  return texts.reduce((text, part, index) => text + replace(parameters[index - 1]!, index) + part);
}

function trimmed<T extends Pick<OwnStatement, "texts">>(statement: T): T {
  const texts = statement.texts.with(0, statement.texts[0]!.trimStart());
  return { ...statement, texts: texts.with(-1, texts.at(-1)!.trimEnd()) };
}
