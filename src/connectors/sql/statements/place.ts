import { codeOf, withoutComments } from "./parse.ts";

/** Words outside parentheses after which another place may be named, or rows of another one begin. */
const several = /\b(?:union|except|intersect|minus)\b/i;
const afterTables = /\b(?:where|group|having|window|order|limit|offset|fetch)\b/i;

/**
 * Where the ids of a scan are unique, as far as its text tells: by what the rows are known, and the tables that they come from. Columns and conditions may
 * change without making the same ids other people's accounts. A statement that is put together otherwise is a place as a whole.
 */
export function placeOfScan(text: string): string {
  const scan = withoutComments(text);
  const outer = outside(codeOf(scan));
  const select = /\bselect\b(?:\s+(?:distinct|all)\b)?/i.exec(outer);
  const from = /\bfrom\b/i.exec(outer);
  if (!select || !from || from.index < select.index || several.test(outer)) return spaced(scan);
  const columns = select.index + select[0].length;
  const ids = idsAmong(
    pieces(outer, columns, from.index).map(([start, end]) => scan.slice(start, end).trim()),
  );
  const end = afterTables.exec(outer.slice(from.index))?.index;
  const tables = scan.slice(from.index, end === undefined ? undefined : from.index + end);
  return spaced([scan.slice(0, select.index), ids.join(", "), tables].join(" "));
}

/**
 * What accounts may be known by: the column `id`, or where there is none `name`, and those of which the text does not tell what they are
 * called.
 */
function idsAmong(columns: readonly string[]): readonly string[] {
  const names = columns.map((column) => /(?:^|[\s.)"'`[])(\w+)["'`\]]?$/.exec(column)?.[1]?.toLowerCase());
  const known = names.includes("id") ? "id" : "name";
  return columns.filter((_, index) => names[index] === undefined || names[index] === known);
}

/** What is in parentheses made blank. */
function outside(code: string): string {
  let depth = 0;
  return Array.from(code, (character) => {
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (depth === 0) return character;
    return " ".repeat(character.length);
  }).join("");
}

/** What lies between the commas of a part of the text. */
function pieces(text: string, from: number, to: number): readonly (readonly [start: number, end: number])[] {
  const commas = [...text.slice(from, to).matchAll(/,/g)].map(({ index }) => from + index);
  return [from - 1, ...commas].map((comma, place) => [comma + 1, commas[place] ?? to] as const);
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
