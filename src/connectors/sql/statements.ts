import { StoreError } from "../errors.ts";

/** A statement of a manifest, cut at its parameters: texts and names alternate, a text first and last. */
export interface OwnStatement {
  readonly texts: readonly string[];
  readonly parameters: readonly string[];
}

/**
 * What is not code, and so holds no parameter: literals ('…', E'…', $tag$…$tag$), quoted identifiers ("…", `…`), comments,
 * and the double colon of a cast.
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
  /(?<bad>[;'"]|\/\*)/,
];
const scanner = new RegExp(tokens.map((token) => token.source).join("|"), "g");

/** Finds the `:name` parameters. A second statement, or a literal that does not end, is refused. */
export function parseStatement(source: string): OwnStatement {
  const trimmed = source.trim().replace(/\s*;$/, "");
  const texts: string[] = [];
  const parameters: string[] = [];
  let from = 0;
  for (const match of trimmed.matchAll(scanner)) {
    const { parameter, bad } = match.groups ?? {};
    if (bad === ";") throw new StoreError("Invalid", "must be one statement, without a semicolon inside");
    if (bad !== undefined) throw new StoreError("Invalid", `must end what it begins with ${bad}`);
    // A word before the colon makes it no parameter: an array's slice.
    if (parameter === undefined || /[\w\]]/.test(trimmed[match.index - 1] ?? "")) continue;
    texts.push(trimmed.slice(from, match.index));
    parameters.push(parameter);
    from = match.index + match[0].length;
  }
  return { texts: [...texts, trimmed.slice(from)], parameters };
}

/** The text with what stands for each parameter. */
export function fillStatement(
  { texts, parameters }: OwnStatement,
  replace: (parameter: string, position: number) => string,
): string {
  return texts.reduce((text, part, index) => text + replace(parameters[index - 1]!, index) + part);
}
