/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** One command of a ```console block, as a reader types it. */
export interface Command {
  readonly command: string;
  /** What the page says it exits with: `# exits 1` behind it. */
  readonly exits: number;
  /** Lines that it is said to print; `…` stands for anything. */
  readonly prints: readonly string[];
}

export type Deed = { readonly write: string; readonly text: string } | Command;

/**
 * What a reader of a page does, in order: write the files whose first line is a comment with their path, and type the
 * commands of ```console blocks.
 */
export function deedsOf(page: string): readonly Deed[] {
  return blocksOf(page).flatMap(({ language, text }): readonly Deed[] => {
    if (language === "console") return commandsOf(text);
    const path = /^# (\S+\.(?:yaml|ldif))$/.exec(text.split("\n", 1)[0]!)?.[1];
    return path === undefined ? [] : [{ write: path, text }];
  });
}

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));
}

/** The part of a page below a heading of the second level. Throws where the page has none of that name. */
export function sectionOf(page: string, heading: string): string {
  const section = page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${heading}\n`));
  if (section === undefined) throw new Error(`cannot find the section "${heading}"`);
  return section;
}

export function commandsOf(text: string): readonly Command[] {
  return text
    .replaceAll(/ *\\\n +/g, " ")
    .split(/^\$ /m)
    .slice(1)
    .map((one) => {
      const [first = "", ...prints] = one.trimEnd().split("\n");
      const exits = Number(/# exits (\d+)/.exec(first)?.[1] ?? 0);
      return { command: first.replace(/\s+# .*$/, ""), exits, prints };
    });
}
