import { isTest, type Source, withoutComments, withoutTexts } from "./source.ts";

interface TextRule {
  readonly says: string;
  /** Which files it is about. */
  readonly about: (source: Source) => boolean;
  readonly pattern: RegExp;
  /** Looks at comments and texts too. */
  readonly comments?: true;
}

const textRules: readonly TextRule[] = [
  {
    says: "any is not a type here",
    about: () => true,
    pattern: /(?:[:<|&,]|=>|\bas|\bextends)\s+any\b|<any\b/,
  },
  {
    says: "unfinished work goes to an issue",
    about: () => true,
    pattern: /\b(?:TODO|FIXME|XXX)\b/,
    comments: true,
  },
  {
    says: "every test runs, always",
    about: isTest,
    pattern: /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|skipIf|runIf|fails)\b/,
  },
  {
    says: "no module mocks: use the in-memory connector or a real server",
    about: isTest,
    pattern: /\bvi\.(?:do)?[mM]ock\(/,
  },
  {
    says: "core is pure: time, randomness and output arrive as arguments",
    about: (source) => source.path.startsWith("src/core/") && !isTest(source),
    pattern:
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.|\brandom\w+\(|\bconsole\.|\bprocess\.|\bset(?:Timeout|Interval)\(/,
  },
  {
    // To hand the whole environment on to a command is another matter.
    says: "the environment is read in one place",
    about: ({ path }) => path !== "src/main.ts" && path !== "test/support/environment.ts",
    pattern: /\bprocess\.env[.[]|= process\.env;/,
  },
  { says: "named exports only", about: ({ path }) => path.startsWith("src/"), pattern: /^export default\b/m },
  {
    says: "no barrels",
    about: ({ path }) => path.startsWith("src/"),
    pattern: /^export (?:\*|\{[^}]*\}) from\b/m,
  },
];

/** Every line that breaks a rule, as "file:line: rule". */
export function textViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    textRules.filter((rule) => rule.about(source)).flatMap((rule) => matchingLines(source, rule)),
  );
}

function matchingLines({ path, text }: Source, { says, pattern, comments }: TextRule): string[] {
  const code = comments ? text : withoutTexts(withoutComments(text));
  const matches = [...code.matchAll(new RegExp(pattern, "gm"))];
  return matches.map(({ index }) => `${path}:${code.slice(0, index).split("\n").length}: ${says}`);
}

const longest = 250;

/** Files that nobody can take in at once. Tests are lists of cases and may be longer. */
export function longFiles(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => !isTest(source))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > longest)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${longest}`);
}
