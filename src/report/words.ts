import type { ReasonChain } from "../core/model/change.ts";
import type { Action, Counts } from "./change-line.ts";

/**
 * Characters that steer a terminal, or turn the direction of text, and bytes that are no text at all (lone surrogates): they come from
 * stores, and are shown by their code.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\p{Surrogate}]/gu;

/** A text from outside, safe to show in one line. */
export function plain(text: string): string {
  return text.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Characters of a value that a line shows. */
const longestValue = 120;

export function shortened(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}… (${text.length} characters)`;
}

export function plural(count: number, word: string): string {
  if (count !== 1 && word.endsWith("ty")) return `${count} ${word.slice(0, -1)}ies`;
  return `${count} ${word}${count === 1 ? "" : /(?:ch|s|x)$/.test(word) ? "es" : "s"}`;
}

export const nothing = "nothing";

/** `2 creates, 1 grant` */
export function countsText(counts: Counts): string {
  const parts = (Object.entries(counts) as [Action, number][]).map(([action, count]) =>
    plural(count, action),
  );
  return parts.length === 0 ? nothing : parts.join(", ");
}

/** `BusinessRole research → AccessProfile lab (department is "Research")`, the chains with `; also`. */
export function reasonsText(chains: readonly ReasonChain[]): string {
  return chains
    .map((chain) =>
      chain
        .map(({ source, name, detail }) =>
          [source, name, detail === undefined ? "" : `(${detail})`].filter((part) => part !== "").join(" "),
        )
        .join(" → "),
    )
    .map(plain)
    .join("; also ");
}

/** Names that a line shows; the rest is counted. */
const mostNames = 12;

/** `ada, bob and 3 more` */
export function namesText(names: readonly string[]): string {
  const first = names.slice(0, mostNames).map(plain).join(", ");
  return names.length <= mostNames ? first : `${first} and ${names.length - mostNames} more`;
}
