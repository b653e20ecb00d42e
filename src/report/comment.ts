import { plain } from "./words.ts";

/**
 * Comments on pull requests. GitHub takes 65,536 characters, GitLab 1,000,000; a bot may put something of its own around ours.
 */
export const longestComment = 60_000;

/** What a bot finds its own comment by, to update it in place. It is not shown. */
export const markers = {
  plan: "<!-- rollcall-plan -->",
  access: "<!-- rollcall-access -->",
} as const;

/** A text that ends no table cell, begins no markup and calls nobody: `@name` calls even when its sign is written as an entity. */
export function cell(text: string): string {
  return plain(text)
    .replace(/(?<!\w)@/g, "@\u200b")
    .replace(/[\\`*_{}[\]<>|&#~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The lines that fit into so many characters, line ends included, and a last one about the rest. */
export function fitted(
  lines: readonly string[],
  room: number,
  about: (rest: number) => string,
): readonly string[] {
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  if (length <= room) return lines;
  const shown: string[] = [];
  let left = room - about(lines.length).length - 1;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    shown.push(line);
  }
  return [...shown, about(lines.length - shown.length)];
}

/** Lines with their ends. */
export function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
