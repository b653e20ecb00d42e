import { escapeNameValue, isName } from "../model/distinguished-name.ts";
import { startOf } from "../model/moment.ts";

/** A function of expressions: what the type checker, the evaluator and the documentation know of it. */
export interface FunctionDefinition {
  /** One or more overloads, as CEL signatures. */
  readonly signatures: readonly string[];
  readonly doc: string;
  readonly run: (...args: never[]) => unknown;
}

interface Entry {
  readonly value: string;
  readonly type?: string;
  readonly primary?: boolean;
}

/** Applies a text function to a text, and leaves null null. */
const orNull = (run: (text: string) => string) => (text: string | null) => (text === null ? null : run(text));
const textOrNull = (name: string) => [`${name}(string): dyn<string>`, `${name}(null): dyn<string>`];

/** The functions that need nothing but their arguments. */
export const textFunctions: readonly FunctionDefinition[] = [
  {
    signatures: textOrNull("lower"),
    doc: "The text in lower case; null stays null.",
    run: orNull((text) => text.toLowerCase()),
  },
  {
    signatures: textOrNull("upper"),
    doc: "The text in upper case; null stays null.",
    run: orNull((text) => text.toUpperCase()),
  },
  {
    signatures: textOrNull("ascii"),
    doc: "The text in ASCII letters: é becomes e, ß becomes ss, ø becomes o; what has no such form is left out.",
    run: orNull(toAscii),
  },
  {
    signatures: textOrNull("initials"),
    doc: "The first letter of each word, in upper case: initials('Anna-Lena Berg') is 'ALB'.",
    run: orNull(initials),
  },
  {
    signatures: ["string.replace(string, string): string"],
    doc: "The text with every occurrence of the first argument replaced by the second.",
    run: replaceAll,
  },
  {
    signatures: [
      "dn(string, string, string): string",
      "dn(string, string, string, string, string): string",
      "dn(string, string, string, string, string, string, string): string",
    ],
    doc: "A distinguished name from types and values, which are escaped, and the name it lies under: dn('uid', identity.userName, 'ou=people,dc=example,dc=org').",
    run: buildName,
  },
  {
    signatures: ["dnEscape(string): string"],
    doc: "The text as a value inside a distinguished name (RFC 4514). dn() escapes by itself.",
    run: escapeNameValue,
  },
  {
    signatures: ["filterEscape(string): string"],
    doc: "The text as a value inside an LDAP filter (RFC 4515).",
    run: (text: string) =>
      text.replace(/[\\*()\0]/g, (special) => `\\${special.charCodeAt(0).toString(16).padStart(2, "0")}`),
  },
  {
    signatures: ["primary(list<Entry>): dyn<string>"],
    doc: "The value of the primary entry of emails or phoneNumbers, else of the first; null of an empty list.",
    run: (entries: readonly Entry[]) => (entries.find((entry) => entry.primary) ?? entries[0])?.value ?? null,
  },
  {
    signatures: ["ofType(list<Entry>, string): list<string>"],
    doc: "The values of the entries of that type: ofType(identity.phoneNumbers, 'mobile').",
    run: (entries: readonly Entry[], type: string) =>
      entries.filter((entry) => entry.type === type).map((entry) => entry.value),
  },
  {
    signatures: ["date(string, string): dyn<string>", "date(null, string): dyn<string>"],
    doc: "A day or instant written by a pattern of yyyy, MM, dd, HH, mm and ss, in UTC: date(identity.lifecycle.end, 'yyyyMMddHHmmss') + 'Z'; null stays null.",
    run: formatMoment,
  },
];

/** Letters that compatibility decomposition leaves as they are. */
const asciiLetters: Readonly<Record<string, string>> = {
  ß: "ss",
  ẞ: "SS",
  æ: "ae",
  Æ: "AE",
  œ: "oe",
  Œ: "OE",
  ø: "o",
  Ø: "O",
  đ: "d",
  Đ: "D",
  ð: "d",
  Ð: "D",
  þ: "th",
  Þ: "Th",
  ł: "l",
  Ł: "L",
  ħ: "h",
  Ħ: "H",
  ı: "i",
  ŋ: "n",
  Ŋ: "N",
  "’": "'",
  "‘": "'",
  "–": "-",
};

function toAscii(text: string): string {
  const replaced = text.replace(/\P{ASCII}/gu, (letter) => asciiLetters[letter] ?? letter);
  return replaced.normalize("NFKD").replace(/\P{ASCII}/gu, "");
}

function initials(text: string): string {
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’]*/gu) ?? [];
  return words.map((word) => String.fromCodePoint(word.codePointAt(0)!).toUpperCase()).join("");
}

function replaceAll(text: string, from: string, to: string): string {
  const parts = from === "" ? [text] : text.split(from);
  if (text.length + parts.length * to.length > 65_536) throw new Error("replace() makes more than 64 KiB");
  return parts.join(to);
}

function buildName(...args: string[]): string {
  const parent = args.at(-1)!;
  if (parent !== "" && !isName(parent))
    throw new Error("dn() needs a name such as dc=example,dc=org as its last argument");
  const steps: string[] = [];
  for (let index = 0; index + 1 < args.length; index += 2) {
    const [type, value] = [args[index]!, args[index + 1]!];
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(type))
      throw new Error(`dn() does not know an attribute type "${type}"`);
    if (value === "") throw new Error(`dn() needs a value for ${type}, not an empty text`);
    steps.push(`${type}=${escapeNameValue(value)}`);
  }
  return parent === "" ? steps.join(",") : `${steps.join(",")},${parent}`;
}

function formatMoment(moment: string | null, pattern: string): string | null {
  if (moment === null) return null;
  const time = startOf(moment);
  if (time === undefined) throw new Error("date() needs a day or an instant such as 2026-03-31");
  const iso = new Date(time).toISOString();
  const fields: Readonly<Record<string, string>> = {
    yyyy: iso.slice(0, 4),
    MM: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    HH: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
  };
  return pattern.replace(/yyyy|MM|dd|HH|mm|ss/g, (field) => fields[field]!);
}
